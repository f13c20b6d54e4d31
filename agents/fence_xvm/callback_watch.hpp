// SPDX-License-Identifier: Apache-2.0
// Sees call-backs that a firewall of this machine drops: a packet socket gets them before the filter does. The only way
// to tell "the host does not answer" from "its answer is blocked here".
#pragma once

#include <cstdint>
#include <optional>

#include "agents/fence_xvm/socket_address.hpp"
#include "core/base/bytes.hpp"
#include "core/xvm/address.hpp"

namespace duet::xvm {

/// Sender of an IP packet (without link header) if it is the first segment of a TCP connection to `port`.
[[nodiscard]] std::optional<Address> caller_of(ByteView packet, std::uint16_t port);

class CallbackWatch {
 public:
  /// Begins to watch. Without the right to do so it never sees anything; that only costs a hint.
  explicit CallbackWatch(std::uint16_t port);
  /// Looks at what has come since, at most 1,000 packets; to be called when fd() is readable and at the end.
  void look();
  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] const std::optional<Address>& caller() const { return caller_; }

 private:
  std::uint16_t port_;
  Fd socket_;
  std::optional<Address> caller_;
};

}  // namespace duet::xvm
