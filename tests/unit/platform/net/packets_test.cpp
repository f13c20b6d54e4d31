// SPDX-License-Identifier: Apache-2.0
// ARP and neighbour discovery packets, field by field against the layouts of the RFCs.
#include "platform/net/packets.hpp"

#include <catch2/catch.hpp>

using namespace duet;
using namespace duet::net;

namespace {

constexpr MacAddress mac{0x52, 0x54, 0x00, 0xAB, 0xCD, 0xEF};

IpAddress address_of(const char* text) {
  return IpAddress::parse(text).value();
}

Bytes part(const Bytes& packet, std::size_t at, std::size_t size) {
  const ByteView view = ByteView{packet}.subspan(at, size);
  return {view.begin(), view.end()};
}

/// RFC 1071 over the pseudo header of RFC 8200 8.1, written the slow way: 0xFFFF for a correct packet.
std::uint32_t folded_sum(const Bytes& packet) {
  std::uint32_t sum = 58;
  sum += static_cast<std::uint32_t>(packet.size() - 40);
  for (std::size_t at = 8; at < packet.size(); ++at) sum += static_cast<std::uint32_t>(packet[at]) << (at % 2 ? 0 : 8);
  while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
  return sum;
}

}  // namespace

TEST_CASE("arp: a gratuitous request has the layout of RFC 826 and names the address twice", "[net]") {
  const Bytes packet = encode_arp(gratuitous_arp(ArpOperation::request, mac, address_of("10.9.0.100")));
  REQUIRE(packet.size() == 28);
  CHECK(part(packet, 0, 2) == Bytes{0, 1});                                // hardware: Ethernet
  CHECK(part(packet, 2, 2) == Bytes{0x08, 0x00});                          // protocol: IPv4
  CHECK(part(packet, 4, 2) == Bytes{6, 4});                                // lengths
  CHECK(part(packet, 6, 2) == Bytes{0, 1});                                // request
  CHECK(part(packet, 8, 6) == Bytes{0x52, 0x54, 0x00, 0xAB, 0xCD, 0xEF});  // sender MAC
  CHECK(part(packet, 14, 4) == Bytes{10, 9, 0, 100});                      // sender address
  CHECK(part(packet, 18, 6) == Bytes{0, 0, 0, 0, 0, 0});                   // target MAC: unused in a request
  CHECK(part(packet, 24, 4) == Bytes{10, 9, 0, 100});                      // target address
}

TEST_CASE("arp: a gratuitous reply carries the own MAC as target too", "[net]") {
  const Bytes packet = encode_arp(gratuitous_arp(ArpOperation::reply, mac, address_of("10.9.0.100")));
  CHECK(part(packet, 6, 2) == Bytes{0, 2});
  CHECK(part(packet, 18, 6) == part(packet, 8, 6));
  CHECK(part(packet, 14, 4) == part(packet, 24, 4));
}

TEST_CASE("arp: a probe claims nothing", "[net]") {
  const Bytes packet = encode_arp(arp_probe(mac, address_of("10.9.0.100")));
  CHECK(part(packet, 6, 2) == Bytes{0, 1});
  CHECK(part(packet, 14, 4) == Bytes{0, 0, 0, 0});
  CHECK(part(packet, 18, 6) == Bytes{0, 0, 0, 0, 0, 0});
  CHECK(part(packet, 24, 4) == Bytes{10, 9, 0, 100});
}

TEST_CASE("arp: what is encoded is decoded again, with padding, and never when it is short", "[net]") {
  const ArpPacket sent{ArpOperation::reply, mac, address_of("10.9.0.2"), broadcast_mac, address_of("10.9.0.1")};
  Bytes packet = encode_arp(sent);
  for (std::size_t size = 0; size < packet.size(); ++size) CHECK_FALSE(decode_arp(ByteView{packet}.first(size)));
  packet.resize(46);  // the shortest Ethernet payload
  const auto received = decode_arp(packet);
  REQUIRE(received);
  CHECK(received->operation == ArpOperation::reply);
  CHECK(received->sender_mac == mac);
  CHECK(received->sender == sent.sender);
  CHECK(received->target_mac == broadcast_mac);
  CHECK(received->target == sent.target);
}

TEST_CASE("arp: other hardware, protocol, lengths and operations are ignored", "[net]") {
  for (const std::size_t at : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U}) {
    Bytes packet = encode_arp(arp_probe(mac, address_of("10.9.0.100")));
    packet[at] = static_cast<std::uint8_t>(packet[at] ^ 0x40);
    CAPTURE(at);
    CHECK_FALSE(decode_arp(packet));
  }
}

TEST_CASE("neighbour discovery: an unsolicited advertisement has the layout of RFC 4861 4.4", "[net]") {
  const Bytes packet = encode_advertisement({.address = address_of("2001:db8:9::100"), .mac = mac});
  REQUIRE(packet.size() == 72);
  CHECK(packet[0] == 0x60);                   // version 6
  CHECK(part(packet, 4, 2) == Bytes{0, 32});  // payload length
  CHECK(packet[6] == 58);                     // ICMPv6
  CHECK(packet[7] == 255);                    // hop limit
  CHECK(part(packet, 8, 16) == Bytes{0x20, 1, 0x0D, 0xB8, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
  CHECK(part(packet, 24, 16) == Bytes{0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  CHECK(packet[40] == 136);  // neighbour advertisement
  CHECK(packet[41] == 0);    // code
  CHECK(folded_sum(packet) == 0xFFFF);
  CHECK(part(packet, 44, 4) == Bytes{0x20, 0, 0, 0});  // override; not solicited, no router
  CHECK(part(packet, 48, 16) == part(packet, 8, 16));  // target
  CHECK(part(packet, 64, 2) == Bytes{2, 1});           // target link-layer address, 8 bytes
  CHECK(part(packet, 66, 6) == Bytes{0x52, 0x54, 0x00, 0xAB, 0xCD, 0xEF});

  const Bytes of_router = encode_advertisement({.address = address_of("2001:db8:9::100"), .mac = mac, .router = true});
  CHECK(of_router[44] == 0xA0);
  CHECK(folded_sum(of_router) == 0xFFFF);
}

TEST_CASE("neighbour discovery: a probe has the layout of RFC 4861 4.3 and claims nothing", "[net]") {
  const Bytes packet = encode_probe_solicitation(address_of("2001:db8:9::12:3456"));
  REQUIRE(packet.size() == 64);  // no source link-layer option: forbidden with an unspecified source
  CHECK(part(packet, 4, 2) == Bytes{0, 24});
  CHECK(packet[7] == 255);
  CHECK(part(packet, 8, 16) == Bytes(16, 0));
  CHECK(part(packet, 24, 16) == Bytes{0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0x12, 0x34, 0x56});
  CHECK(packet[40] == 135);
  CHECK(part(packet, 44, 4) == Bytes{0, 0, 0, 0});
  CHECK(packet[63] == 0x56);
  CHECK(folded_sum(packet) == 0xFFFF);
}

TEST_CASE("neighbour discovery: groups have the addresses of RFC 4291 and RFC 2464", "[net]") {
  const IpAddress group = solicited_node_group(address_of("2001:db8:9::12:3456"));
  CHECK(group.to_string() == "ff02::1:ff12:3456");
  CHECK(to_string(group_mac(group)) == "33:33:ff:12:34:56");
  CHECK(to_string(group_mac(all_nodes_group())) == "33:33:00:00:00:01");
}

TEST_CASE("neighbour discovery: messages are decoded, damaged and forwarded ones are not", "[net]") {
  const Bytes packet = encode_advertisement({.address = address_of("2001:db8:9::100"), .mac = mac});
  const auto message = decode_neighbour(packet);
  REQUIRE(message);
  CHECK(message->advertisement);
  CHECK(message->target == address_of("2001:db8:9::100"));
  CHECK(message->source == address_of("2001:db8:9::100"));
  CHECK_FALSE(decode_neighbour(encode_probe_solicitation(address_of("2001:db8:9::100")))->advertisement);
  for (std::size_t size = 0; size < packet.size(); ++size) CHECK_FALSE(decode_neighbour(ByteView{packet}.first(size)));
  // Every bit behind traffic class and flow label is protected by a check or by the checksum.
  for (std::size_t at = 4; at < packet.size(); ++at) {
    Bytes damaged = packet;
    damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ 0x10);
    CAPTURE(at);
    CHECK_FALSE(decode_neighbour(damaged));
  }
}
