// SPDX-License-Identifier: Apache-2.0
// Address text both ways (RFC 4291 2.2 for what is read, RFC 5952 for what is written).
#include "core/xvm/address.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/base/concat.hpp"

namespace duet::xvm {

namespace {

using Groups = std::array<std::uint16_t, 8>;

Groups groups_of(const Address& address) {
  Groups groups{};
  for (std::size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<std::uint16_t>(address.bytes[2 * i] << 8 | address.bytes[2 * i + 1]);
  }
  return groups;
}

struct Run {
  std::size_t begin = 0;
  std::size_t length = 0;
};

/// The first longest run of at least two zero groups.
Run longest_zero_run(const Groups& groups) {
  Run best;
  for (std::size_t begin = 0; begin < groups.size(); ++begin) {
    std::size_t end = begin;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - begin >= 2 && end - begin > best.length) best = {begin, end - begin};
  }
  return best;
}

template <int Base>
std::optional<std::uint16_t> number(std::string_view text, std::size_t digits_max, unsigned max) {
  unsigned value = 0;
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, Base);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

std::optional<std::array<std::uint8_t, 4>> parse_quad(std::string_view text) {
  std::array<std::uint8_t, 4> quad{};
  for (std::size_t i = 0; i < quad.size(); ++i) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return std::nullopt;
    const std::string_view part = text.substr(0, dot);
    const auto value = number<10>(part, 3, 255);
    if (!value || (part.size() > 1 && part[0] == '0')) return std::nullopt;  // 010 is 8 for some readers, 10 for others
    quad[i] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
  }
  return quad;
}

/// Groups of one side of "::"; a dotted quad may stand at the end. nullopt: not valid.
std::optional<std::vector<std::uint16_t>> parse_side(std::string_view text) {
  std::vector<std::uint16_t> groups;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    if (part.find('.') != std::string_view::npos) {
      const auto quad = parse_quad(part);
      if (!quad || colon != std::string_view::npos) return std::nullopt;
      groups.push_back(static_cast<std::uint16_t>((*quad)[0] << 8 | (*quad)[1]));
      groups.push_back(static_cast<std::uint16_t>((*quad)[2] << 8 | (*quad)[3]));
      return groups;
    }
    const auto value = number<16>(part, 4, 0xFFFF);
    if (!value || groups.size() == 8) return std::nullopt;
    groups.push_back(*value);
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // a single colon at the end
  }
  return groups;
}

std::optional<Address> parse_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const auto left = parse_side(text.substr(0, gap));
  const bool has_gap = gap != std::string_view::npos;
  const auto right = parse_side(has_gap ? text.substr(gap + 2) : std::string_view{});
  if (!left || !right) return std::nullopt;
  const std::size_t count = left->size() + right->size();
  if (has_gap ? count > 7 : count != 8) return std::nullopt;
  if (has_gap && text.substr(0, gap).find('.') != std::string_view::npos) return std::nullopt;
  Groups groups{};
  std::copy(left->begin(), left->end(), groups.begin());
  std::copy_backward(right->begin(), right->end(), groups.end());
  Address address{.family = Family::ipv6};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    address.bytes[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    address.bytes[2 * i + 1] = static_cast<std::uint8_t>(groups[i]);
  }
  return address;
}

}  // namespace

std::size_t byte_length(Family family) {
  return family == Family::ipv4 ? 4 : 16;
}

std::string to_text(const Address& address) {
  const auto& b = address.bytes;
  if (address.family == Family::ipv4) return concat(b[0], ".", b[1], ".", b[2], ".", b[3]);
  const Groups groups = groups_of(address);
  const Run run = longest_zero_run(groups);
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (run.length > 0 && i == run.begin) {
      text += "::";
      i += run.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16);
    text.append(digits.data(), written.ptr);
  }
  return text;
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parse_ipv6(text);
  const auto quad = parse_quad(text);
  if (!quad) return std::nullopt;
  Address address;
  std::copy(quad->begin(), quad->end(), address.bytes.begin());
  return address;
}

bool is_mapped(const Address& address) {
  constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return address.family == Family::ipv6 && std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

bool is_loopback(const Address& address) {
  if (address.family == Family::ipv4) return address.bytes[0] == 127;
  Address one{.family = Family::ipv6};
  one.bytes[15] = 1;
  return address == one;
}

bool is_link_local(const Address& address) {
  return address.family == Family::ipv6 && address.bytes[0] == 0xFE && (address.bytes[1] & 0xC0U) == 0x80;
}

bool is_multicast(const Address& address) {
  return address.family == Family::ipv4 ? (address.bytes[0] & 0xF0U) == 0xE0 : address.bytes[0] == 0xFF;
}

bool is_unspecified(const Address& address) {
  return std::all_of(address.bytes.begin(), address.bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace duet::xvm
