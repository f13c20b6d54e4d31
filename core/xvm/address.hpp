// SPDX-License-Identifier: Apache-2.0
// IP addresses as the wire carries them, and their text. Own code: core may not include the system's socket headers.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duet::xvm {

/// The numbers are those of the wire: Linux' AF_INET and AF_INET6.
enum class Family : std::uint32_t { ipv4 = 2, ipv6 = 10 };

struct Address {
  Family family = Family::ipv4;
  std::array<std::uint8_t, 16> bytes = {};  ///< network order; IPv4 uses the first four, the rest is zero
  friend auto operator<=>(const Address&, const Address&) = default;
};

/// 4 or 16.
[[nodiscard]] std::size_t byte_length(Family family);

/// Dotted quad, or IPv6 as RFC 5952 wants it (lower case, longest run of zeros as ::).
[[nodiscard]] std::string to_text(const Address& address);

/// The other direction; nullopt if it is not exactly one address. No scope (%eth0), no prefix length, no host name.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

/// ::ffff:0:0/96, which a socket for IPv6 takes for an IPv4 address.
[[nodiscard]] bool is_mapped(const Address& address);
/// 127.0.0.0/8 or ::1: a host daemon may call back there only for a datagram that came from its own machine.
[[nodiscard]] bool is_loopback(const Address& address);
/// fe80::/10.
[[nodiscard]] bool is_link_local(const Address& address);
/// 224.0.0.0/4 or ff00::/8.
[[nodiscard]] bool is_multicast(const Address& address);
/// All bytes zero.
[[nodiscard]] bool is_unspecified(const Address& address);

}  // namespace duet::xvm
