// SPDX-License-Identifier: Apache-2.0
// Text forms and bit arithmetic of addresses.
#include "platform/net/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace duet::net {

namespace {

Error bad_netmask(std::string_view text, Family family) {
  const bool v4 = family == Family::ipv4;
  return Error{Errc::invalid_argument, "netmask '" + std::string{text} + "' is not valid",
               v4 ? "allowed: 1 to 32, or a mask such as 255.255.255.0" : "allowed: 1 to 128"};
}

std::optional<unsigned> prefix_of_mask(ByteView mask) {
  std::uint32_t bits = 0;
  for (const std::uint8_t byte : mask) bits = (bits << 8) | byte;
  const auto length = static_cast<unsigned>(std::countl_one(bits));
  const std::uint32_t rest = length == 32 ? 0 : bits << length;
  if (rest != 0) return std::nullopt;  // holes such as 255.0.255.0
  return length;
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy{text};
  IpAddress address;
  const bool nul_inside = text.find('\0') != std::string_view::npos;
  if (!nul_inside && inet_pton(AF_INET, copy.c_str(), address.bytes_.data()) == 1) return address;
  if (!nul_inside && inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) == 1) {
    address.family_ = Family::ipv6;
    return address;
  }
  return fail(Errc::invalid_argument, "'" + copy + "' is not an IP address",
              "allowed: IPv4 such as 192.0.2.1, IPv6 such as 2001:db8::1");
}

std::optional<IpAddress> IpAddress::from_bytes(ByteView bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  IpAddress address;
  address.family_ = bytes.size() == 4 ? Family::ipv4 : Family::ipv6;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family_ == Family::ipv4 ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

bool IpAddress::is_unspecified() const {
  return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_multicast() const {
  return family_ == Family::ipv4 ? (bytes_[0] & 0xF0) == 0xE0 : bytes_[0] == 0xFF;
}

bool IpAddress::is_link_local() const {
  if (family_ == Family::ipv4) return bytes_[0] == 169 && bytes_[1] == 254;
  return bytes_[0] == 0xFE && (bytes_[1] & 0xC0) == 0x80;
}

bool IpAddress::same_network(const IpAddress& other, unsigned prefix) const {
  return family_ == other.family_ && with_host_bits(prefix, false) == other.with_host_bits(prefix, false);
}

IpAddress IpAddress::with_host_bits(unsigned prefix, bool ones) const {
  IpAddress result = *this;
  for (unsigned bit = prefix; bit < max_prefix(); ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    std::uint8_t& byte = result.bytes_.at(bit / 8);
    byte = static_cast<std::uint8_t>(ones ? byte | mask : byte & ~mask);
  }
  return result;
}

Result<unsigned> parse_netmask(std::string_view text, Family family) {
  if (family == Family::ipv4 && text.find('.') != std::string_view::npos) {
    const auto mask = IpAddress::parse(text);
    if (!mask || mask->family() != Family::ipv4) return tl::unexpected{bad_netmask(text, family)};
    const auto length = prefix_of_mask(mask->bytes());
    if (!length || *length == 0) return tl::unexpected{bad_netmask(text, family)};
    return *length;
  }
  unsigned length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || length == 0 || length > (family == Family::ipv4 ? 32U : 128U)) {
    return tl::unexpected{bad_netmask(text, family)};
  }
  return length;
}

}  // namespace duet::net
