// SPDX-License-Identifier: Apache-2.0
// Cpg: one handle of corosync's closed process group service, member of one group.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "platform/corosync/view_tracker.hpp"

struct cpg_address;

namespace duet::corosync {

class Cpg {
 public:
  struct Message {
    Member sender;
    Bytes data;
  };
  struct RingNumber {
    std::uint64_t sequence = 0;
  };
  using Event = std::variant<GroupChange, RingNumber, Message>;

  /// Connects and joins. Waits for corosync's answer without a limit: not for the main loop's thread.
  /// Error: Errc::try_again, Errc::backend (corosync is not there).
  static Result<std::unique_ptr<Cpg>> join(const std::string& group);
  Cpg(const Cpg&) = delete;
  Cpg& operator=(const Cpg&) = delete;
  ~Cpg();

  [[nodiscard]] Member self() const { return self_; }
  /// Readable when dispatch() has something to do. Belongs to the handle.
  [[nodiscard]] int fd() const { return fd_; }
  /// Takes at most `limit` events, in order of delivery. Never blocks. Error: Errc::backend: the connection is lost.
  Result<std::vector<Event>> dispatch(std::size_t limit);
  /// Never blocks. Error: Errc::try_again (flow control), Errc::limit (larger than corosync sends in one piece, which
  /// would block), Errc::backend (the connection is lost).
  Result<void> multicast(ByteView message);

 private:
  Cpg() = default;
  Result<void> open(const std::string& group);
  void on_change(const cpg_address* members, std::size_t member_count, const cpg_address* left, std::size_t left_count,
                 const cpg_address* joined, std::size_t joined_count);

  struct Callbacks;
  std::uint64_t handle_ = 0;
  bool connected_ = false;
  int fd_ = -1;
  Member self_;
  std::uint32_t largest_ = 0;
  std::vector<Event> events_;
};

}  // namespace duet::corosync
