// SPDX-License-Identifier: Apache-2.0
// IPv4 and IPv6 addresses as values, prefixes and netmasks. Pure: no socket, no name service.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace duet::net {

enum class Family : std::uint8_t { ipv4, ipv6 };

/// An address without port or zone. Whoever holds one needs no further check of its form.
class IpAddress {
 public:
  /// Dotted quad or IPv6 text, nothing around it. Error: Errc::invalid_argument.
  static Result<IpAddress> parse(std::string_view text);
  /// 4 or 16 bytes in network order; nothing for any other length.
  static std::optional<IpAddress> from_bytes(ByteView bytes);

  [[nodiscard]] Family family() const { return family_; }
  /// 4 or 16 bytes, network order.
  [[nodiscard]] ByteView bytes() const { return {bytes_.data(), family_ == Family::ipv4 ? 4U : 16U}; }
  [[nodiscard]] std::string to_string() const;
  /// 32 or 128.
  [[nodiscard]] unsigned max_prefix() const { return family_ == Family::ipv4 ? 32 : 128; }

  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_multicast() const;
  /// 169.254.0.0/16 or fe80::/10.
  [[nodiscard]] bool is_link_local() const;

  /// True if both are of one family and their first `prefix` bits are equal.
  [[nodiscard]] bool same_network(const IpAddress& other, unsigned prefix) const;
  /// The address with all host bits behind `prefix` set (`ones`) or cleared.
  [[nodiscard]] IpAddress with_host_bits(unsigned prefix, bool ones) const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  IpAddress() = default;
  Family family_ = Family::ipv4;
  std::array<std::uint8_t, 16> bytes_{};  ///< unused bytes of an IPv4 address are zero
};

/// "24", for IPv4 also "255.255.255.0". Range 1 .. 32 or 128: an address with prefix 0 would claim to be connected to
/// everything. Error: Errc::invalid_argument with the allowed forms.
[[nodiscard]] Result<unsigned> parse_netmask(std::string_view text, Family family);

}  // namespace duet::net
