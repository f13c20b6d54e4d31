// SPDX-License-Identifier: Apache-2.0
// Bytes of ARP and neighbour discovery, field by field in network order.
#include "platform/net/packets.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace duet::net {

namespace {

constexpr std::size_t arp_size = 28;
constexpr std::uint16_t hardware_ethernet = 1;     // RFC 826
constexpr std::uint16_t protocol_ipv4 = 0x0800;    // EtherType
constexpr std::size_t ipv6_header = 40;            // RFC 8200 3
constexpr std::size_t neighbour_size = 24;         // RFC 4861 4.3, 4.4, without options
constexpr std::uint8_t protocol_icmpv6 = 58;       // RFC 4443
constexpr std::uint8_t solicitation_type = 135;    // RFC 4861 4.3
constexpr std::uint8_t advertisement_type = 136;   // RFC 4861 4.4
constexpr std::uint8_t discovery_hop_limit = 255;  // RFC 4861 11.2: proves that no router forwarded it
constexpr std::uint8_t flag_router = 0x80;
constexpr std::uint8_t flag_override = 0x20;
constexpr std::uint8_t option_target_mac = 2;

void put_be16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

template <class Range>
void put(Bytes& out, const Range& data) {
  out.insert(out.end(), data.begin(), data.end());
}

std::uint16_t get_be16(ByteView data, std::size_t at) {
  return static_cast<std::uint16_t>(data[at] << 8 | data[at + 1]);
}

MacAddress get_mac(ByteView data, std::size_t at) {
  MacAddress mac{};
  std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(at), mac.size(), mac.begin());
  return mac;
}

/// Ones' complement sum over the pseudo header of RFC 8200 8.1 and the message. `message` has zero in its checksum
/// field to compute it; over a correct received one the result is 0.
std::uint16_t icmpv6_checksum(ByteView source, ByteView destination, ByteView message) {
  Bytes data;
  put(data, source);
  put(data, destination);
  put_be16(data, 0);
  put_be16(data, message.size());
  put_be16(data, 0);
  put_be16(data, protocol_icmpv6);
  put(data, message);
  if (data.size() % 2 != 0) data.push_back(0);
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < data.size(); at += 2) sum += get_be16(data, at);
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

Bytes encode_ipv6(const IpAddress& source, const IpAddress& destination, Bytes message) {
  const std::uint16_t checksum = icmpv6_checksum(source.bytes(), destination.bytes(), message);
  message[2] = static_cast<std::uint8_t>(checksum >> 8);
  message[3] = static_cast<std::uint8_t>(checksum);
  Bytes packet{0x60, 0, 0, 0};  // version 6, no traffic class, no flow label
  put_be16(packet, message.size());
  packet.push_back(protocol_icmpv6);
  packet.push_back(discovery_hop_limit);
  put(packet, source.bytes());
  put(packet, destination.bytes());
  put(packet, message);
  return packet;
}

IpAddress address_at(ByteView data, std::size_t at, std::size_t size) {
  // The length is right by construction; an IPv6 or IPv4 address always comes out.
  return IpAddress::from_bytes(data.subspan(at, size)).value();
}

IpAddress unspecified(std::size_t size) {
  constexpr std::array<std::uint8_t, 16> zero{};
  return IpAddress::from_bytes(ByteView{zero}.first(size)).value();
}

}  // namespace

Bytes encode_arp(const ArpPacket& packet) {
  Bytes out;
  out.reserve(arp_size);
  put_be16(out, hardware_ethernet);
  put_be16(out, protocol_ipv4);
  out.push_back(6);
  out.push_back(4);
  put_be16(out, static_cast<std::uint16_t>(packet.operation));
  put(out, packet.sender_mac);
  put(out, packet.sender.bytes());
  put(out, packet.target_mac);
  put(out, packet.target.bytes());
  return out;
}

std::optional<ArpPacket> decode_arp(ByteView payload) {
  if (payload.size() < arp_size) return std::nullopt;
  const std::uint16_t operation = get_be16(payload, 6);
  const bool known = get_be16(payload, 0) == hardware_ethernet && get_be16(payload, 2) == protocol_ipv4 &&
                     payload[4] == 6 && payload[5] == 4 && (operation == 1 || operation == 2);
  if (!known) return std::nullopt;
  return ArpPacket{static_cast<ArpOperation>(operation), get_mac(payload, 8), address_at(payload, 14, 4),
                   get_mac(payload, 18), address_at(payload, 24, 4)};
}

ArpPacket gratuitous_arp(ArpOperation operation, const MacAddress& mac, const IpAddress& address) {
  // The target's MAC has a meaning in a reply only (RFC 5944 4.6).
  const MacAddress target = operation == ArpOperation::reply ? mac : MacAddress{};
  return ArpPacket{operation, mac, address, target, address};
}

ArpPacket arp_probe(const MacAddress& mac, const IpAddress& address) {
  return ArpPacket{ArpOperation::request, mac, unspecified(4), MacAddress{}, address};
}

IpAddress solicited_node_group(const IpAddress& address) {
  std::array<std::uint8_t, 16> group{0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF};
  std::copy_n(address.bytes().begin() + 13, 3, group.begin() + 13);
  return address_at(group, 0, group.size());
}

MacAddress group_mac(const IpAddress& group) {
  MacAddress mac{0x33, 0x33};
  std::copy_n(group.bytes().begin() + 12, 4, mac.begin() + 2);
  return mac;
}

IpAddress all_nodes_group() {
  constexpr std::array<std::uint8_t, 16> group{0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address_at(group, 0, group.size());
}

Bytes encode_advertisement(const Advertisement& advertisement) {
  const auto flags = static_cast<std::uint8_t>(flag_override | (advertisement.router ? flag_router : 0));
  Bytes message{advertisement_type, 0, 0, 0, flags, 0, 0, 0};
  put(message, advertisement.address.bytes());
  message.push_back(option_target_mac);
  message.push_back(1);  // length in units of 8 bytes
  put(message, advertisement.mac);
  return encode_ipv6(advertisement.address, all_nodes_group(), std::move(message));
}

Bytes encode_probe_solicitation(const IpAddress& address) {
  Bytes message{solicitation_type, 0, 0, 0, 0, 0, 0, 0};
  put(message, address.bytes());
  return encode_ipv6(unspecified(16), solicited_node_group(address), std::move(message));
}

std::optional<NeighbourMessage> decode_neighbour(ByteView packet) {
  if (packet.size() < ipv6_header + neighbour_size) return std::nullopt;
  const std::size_t length = get_be16(packet, 4);
  const bool fits = length >= neighbour_size && length <= packet.size() - ipv6_header;
  if (packet[0] >> 4 != 6 || packet[6] != protocol_icmpv6 || packet[7] != discovery_hop_limit || !fits) {
    return std::nullopt;
  }
  const ByteView message = packet.subspan(ipv6_header, length);
  const bool known = (message[0] == solicitation_type || message[0] == advertisement_type) && message[1] == 0;
  if (!known || icmpv6_checksum(packet.subspan(8, 16), packet.subspan(24, 16), message) != 0) return std::nullopt;
  return NeighbourMessage{message[0] == advertisement_type, address_at(packet, 8, 16), address_at(message, 8, 16)};
}

}  // namespace duet::net
