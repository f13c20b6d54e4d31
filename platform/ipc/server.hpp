// SPDX-License-Identifier: Apache-2.0
// Server: accepts local clients, has their role decided by the kernel's credentials before a byte is parsed, and bounds
// what each of them may cost (security.md SEC-IPC, protocol.md 11). Payloads are bytes; codecs are the user's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "platform/ipc/framed_socket.hpp"
#include "platform/ipc/peer.hpp"
#include "platform/loop/loop.hpp"

namespace duet::ipc {

/// Never reused in a process.
using ConnectionId = std::uint64_t;

struct ServerOptions {
  std::size_t connections = 64;          ///< SEC-IPC 5; one of them is kept for uid 0
  std::size_t connections_per_uid = 16;  ///< SEC-IPC 5; not for uid 0
  std::size_t queue = 1024 * 1024;       ///< bytes waiting for a slow reader, besides the first of them (SEC-IPC 5)
  Duration idle{60s};                    ///< closed after that without traffic, unless a reply is due; 0 = never
  Duration partial_request{5s};          ///< from the first to the last byte of a frame
  /// Each frame of a client is answered by exactly one. A client with this many unanswered ones is not read further.
  /// 0: no such relation (executor protocol), then nothing is held up and `idle` should be 0.
  std::size_t unanswered = 16;
};

struct ServerHandlers {
  /// Decides on a new client; the result is the largest frame that it may send, 0 refuses it.
  std::function<std::size_t(ConnectionId, const PeerCredentials&)> connected;
  std::function<void(ConnectionId, Bytes)> frame;
  /// Called for each connection that `connected` let in, whoever ended it, except by close(). `why` is empty for an
  /// orderly end.
  std::function<void(ConnectionId, const std::string& why)> closed;
};

/// Belongs to the loop's thread. Handlers may call any member, also close() for the connection they are called for.
class Server {
 public:
  /// `listener` is a non-blocking listening UNIX stream socket. Error: Errc::backend.
  static Result<std::unique_ptr<Server>> create(Loop& loop, UniqueFd listener, ServerOptions options,
                                                ServerHandlers handlers);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Sends to a client; one that does not read is dropped when its queue is full. Does nothing for an unknown one: it
  /// may have gone meanwhile.
  void send(ConnectionId client, ByteView payload);
  void close(ConnectionId client);
  /// If this client has closed its end, everything that it sent is handed over now, and then its end. For `connected`
  /// handlers that let in one client at a time.
  void finish_if_closed(ConnectionId client);
  [[nodiscard]] const PeerCredentials* peer(ConnectionId client) const;
  [[nodiscard]] std::size_t connections() const { return clients_.size(); }

 private:
  struct Client {
    PeerCredentials peer;
    std::unique_ptr<FramedSocket> socket;
    std::unique_ptr<Timer> limit;
    Instant last_active{};
    Instant partial_since{};  ///< zero: not in the middle of a frame
    std::size_t unanswered = 0;
  };
  Server(Loop& loop, UniqueFd listener, ServerOptions options, ServerHandlers handlers);
  void accept_one();
  void admit(UniqueFd fd, PeerCredentials peer);
  [[nodiscard]] bool has_room_for(uid_t uid) const;
  void take_frame(ConnectionId id, Bytes frame);
  void note_activity(ConnectionId id);
  void arm_limit(Client& client);
  void check_limits(ConnectionId id);
  void drop(ConnectionId id, const std::string& why);

  Loop& loop_;
  UniqueFd listener_;
  ServerOptions options_;
  ServerHandlers handlers_;
  std::map<ConnectionId, Client> clients_;
  ConnectionId next_id_ = 1;
  FdWatch watch_;
  Timer accept_again_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);  ///< for work that was posted and comes too late
};

}  // namespace duet::ipc
