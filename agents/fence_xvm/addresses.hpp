// SPDX-License-Identifier: Apache-2.0
// From which addresses of this machine requests are sent, and where the host is asked to call back.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/xvm/address.hpp"

namespace duet::xvm {

struct LocalAddress {
  Address address;
  std::string interface = {};
  unsigned index = 0;  ///< of the interface
  bool up = true;
  bool multicast = true;  ///< the interface can do it; loopback says no and does it all the same
};

/// All addresses of the family, in the order of the kernel.
[[nodiscard]] Result<std::vector<LocalAddress>> local_addresses(Family family);

/// Those that a request can be sent from. Loopback stays in (IPv4), as with the original: a host that asks itself is
/// reached there. With IPv6, link-local addresses and ::1 are used only if there is nothing else: the original host
/// cannot call them back, since the wire has no place for the interface.
[[nodiscard]] std::vector<LocalAddress> usable_addresses(const std::vector<LocalAddress>& all);

/// Sends one datagram to `group` (or to one host, if it is no multicast address) with `from` as its source. Errors:
/// Errc::not_running if the host says that nobody listens there, else Errc::backend.
[[nodiscard]] Result<void> send_datagram(const LocalAddress& from, const Address& group, std::uint16_t port,
                                         ByteView datagram);

}  // namespace duet::xvm
