// SPDX-License-Identifier: Apache-2.0
// ARP (RFC 826, 5227) and neighbour discovery (RFC 4861) packets as bytes. Pure; without the Ethernet header, which the
// kernel adds.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "platform/net/ip_address.hpp"
#include "platform/net/network.hpp"

namespace duet::net {

inline constexpr MacAddress broadcast_mac{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

enum class ArpOperation : std::uint16_t { request = 1, reply = 2 };

/// ARP for IPv4 over Ethernet; both addresses are IPv4.
struct ArpPacket {
  ArpOperation operation{};
  MacAddress sender_mac{};
  IpAddress sender;
  MacAddress target_mac{};
  IpAddress target;
};

/// 28 bytes.
[[nodiscard]] Bytes encode_arp(const ArpPacket& packet);
/// Nothing for other protocols, hardware, operations or a short packet; padding behind the packet is ignored.
[[nodiscard]] std::optional<ArpPacket> decode_arp(ByteView payload);

/// "`address` is at `mac`", said without being asked (RFC 5227 2.3, RFC 5944 4.6). Some hosts learn from a request
/// only, some from a reply only: send both.
[[nodiscard]] ArpPacket gratuitous_arp(ArpOperation operation, const MacAddress& mac, const IpAddress& address);
/// Asks who has `address` without claiming it (RFC 5227 2.1.1).
[[nodiscard]] ArpPacket arp_probe(const MacAddress& mac, const IpAddress& address);

/// The group that each holder of an IPv6 address listens to (RFC 4291 2.7.1), and the Ethernet address of an IPv6
/// group (RFC 2464 7).
[[nodiscard]] IpAddress solicited_node_group(const IpAddress& address);
[[nodiscard]] MacAddress group_mac(const IpAddress& group);
/// ff02::1.
[[nodiscard]] IpAddress all_nodes_group();

/// IPv6 packet with an unsolicited neighbour advertisement to all nodes: override flag set, link-layer address given
/// (RFC 4861 7.2.6). 72 bytes. `router`: this node forwards IPv6; hosts drop a router that says it is none.
struct Advertisement {
  IpAddress address;
  MacAddress mac{};
  bool router = false;
};
[[nodiscard]] Bytes encode_advertisement(const Advertisement& advertisement);

/// IPv6 packet that asks who has `address`, from the unspecified address (RFC 4862 5.4.2). 64 bytes.
[[nodiscard]] Bytes encode_probe_solicitation(const IpAddress& address);

/// What of a neighbour solicitation or advertisement tells whether its sender has or wants the target.
struct NeighbourMessage {
  bool advertisement = false;  ///< otherwise a solicitation
  IpAddress source;
  IpAddress target;
};
/// Nothing for what is no such message, came through a router (hop limit) or has a wrong checksum.
[[nodiscard]] std::optional<NeighbourMessage> decode_neighbour(ByteView packet);

}  // namespace duet::net
