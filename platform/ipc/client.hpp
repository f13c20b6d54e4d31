// SPDX-License-Identifier: Apache-2.0
// Client: blocking, for the command line. Channel (channel.hpp) is the one for daemons.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "platform/ipc/frame.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet::ipc {

/// Connects to the socket `path` and makes sure that it is the real server (SEC-IPC 3, V7): the socket belongs to one
/// of `owners`, its directory to root or one of them and is writable for nobody else, and the kernel says that the
/// listening process is one of them. The result is non-blocking. Errors: not_running (no socket, nobody listens),
/// not_permitted (may not open it, or the check failed), busy (the server's queue is full).
[[nodiscard]] Result<UniqueFd> connect_checked(const std::string& path, const std::vector<uid_t>& owners);

/// User id of a system user by name. Error: not_found. Asks the name service: not for a main loop.
[[nodiscard]] Result<uid_t> user_id(const std::string& name);

/// One connection, one thread.
class Client {
 public:
  /// As connect_checked().
  static Result<Client> connect(const std::string& path, const std::vector<uid_t>& owners);

  /// Sends one frame, at most until `deadline` on the boot-time clock. Errors: timeout, disconnected.
  Result<void> send(ByteView payload, Instant deadline);
  /// The next frame of at most `limit` bytes. Errors: timeout (may be called again), disconnected, malformed, limit.
  Result<Bytes> receive(Instant deadline, std::size_t limit = 64 * 1024 * 1024);
  /// For poll(2): readable when receive() has something to look at.
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit Client(UniqueFd fd) : fd_{std::move(fd)} {}
  Result<void> wait_for(short events, Instant deadline);

  UniqueFd fd_;
  FrameReader reader_{0};
};

}  // namespace duet::ipc
