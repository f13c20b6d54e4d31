// SPDX-License-Identifier: Apache-2.0
// Channel: a client on the loop that connects again by itself; duetd's way to duet-execd.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/ipc/framed_socket.hpp"
#include "platform/loop/loop.hpp"

namespace duet::ipc {

struct ChannelOptions {
  std::string path;
  std::vector<uid_t> owners{0};                ///< whose socket and process it must be (connect_checked)
  std::size_t frame_limit = 16 * 1024 * 1024;  ///< largest frame from the server, which is trusted
  std::size_t queue = 16 * 1024 * 1024;        ///< bytes waiting for the server
  Duration retry_first{50ms};                  ///< doubled after each failure
  Duration retry_max{1s};
};

struct ChannelHandlers {
  std::function<void()> connected;
  std::function<void(Bytes)> frame;
  /// After `connected`, or when the first try fails and then at most once per change of the reason.
  std::function<void(const std::string& why)> disconnected;
};

/// Belongs to the loop's thread. Handlers may call send(); the first connect is tried from the loop, not in the
/// constructor.
class Channel {
 public:
  Channel(Loop& loop, ChannelOptions options, ChannelHandlers handlers);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Error: disconnected; nothing is kept for a later connection.
  Result<void> send(ByteView payload);
  [[nodiscard]] bool connected() const { return socket_ != nullptr; }
  /// Ends this connection (for example after a malformed frame) and connects again after the back-off.
  void reset(const std::string& why);

 private:
  void try_connect();
  void lost(const std::string& why);

  Loop& loop_;
  ChannelOptions options_;
  ChannelHandlers handlers_;
  Duration retry_;
  std::string last_error_;
  Timer again_;
  Timer stable_;
  std::unique_ptr<FramedSocket> socket_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);  ///< for work that was posted and comes too late
};

}  // namespace duet::ipc
