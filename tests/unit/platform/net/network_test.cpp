// SPDX-License-Identifier: Apache-2.0
// The choice of an interface, and the parsing of what the kernel says about links and addresses.
#include "platform/net/network.hpp"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

using namespace duet;
using namespace duet::net;

namespace {

IpAddress address_of(const char* text) {
  return IpAddress::parse(text).value();
}

Link link_of(int index, const char* name) {
  Link link;
  link.index = index;
  link.name = name;
  link.up = link.carrier = link.ethernet = link.resolves = true;
  return link;
}

Network sample() {
  Network network;
  network.links = {link_of(1, "lo"), link_of(2, "eth0"), link_of(3, "eth1"), link_of(4, "eth2")};
  network.links[0].loopback = true;
  network.addresses = {{1, address_of("127.0.0.1"), 8},    {2, address_of("10.9.0.1"), 16},
                       {3, address_of("10.9.1.1"), 24},    {4, address_of("10.9.1.2"), 24},
                       {2, address_of("192.0.2.1"), 24},   {3, address_of("2001:db8:9::1"), 64},
                       {1, address_of("203.0.113.9"), 32}, {4, address_of("fe80::4"), 64}};
  return network;
}

template <class T>
ByteView view_of(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

/// A message as the kernel would send it, without the netlink header.
Bytes payload_of(NetlinkMessage& message) {
  const ByteView all = message.finish(0);
  return {all.begin() + sizeof(nlmsghdr), all.end()};
}

}  // namespace

TEST_CASE("find connection: the longest connected prefix wins, then the lower interface index", "[net]") {
  struct Row {
    const char* address;
    const char* link;  ///< nullptr: none
    unsigned prefix;
  };
  const auto row = GENERATE(values<Row>({
      {"10.9.7.7", "eth0", 16},
      {"10.9.1.100", "eth1", 24},
      {"192.0.2.100", "eth0", 24},
      {"2001:db8:9::100", "eth1", 64},
      {"127.0.0.5", nullptr, 0},     // loopback does not connect to anybody
      {"203.0.113.9", nullptr, 0},   // held itself: not a connection
      {"198.51.100.1", nullptr, 0},  // no network contains it
      {"2001:db8:a::1", nullptr, 0},
  }));
  CAPTURE(row.address);
  const Network network = sample();
  const auto connection = find_connection(network, address_of(row.address));
  REQUIRE(connection.has_value() == (row.link != nullptr));
  if (!connection) return;
  CHECK(connection->link->name == row.link);
  CHECK(connection->prefix == row.prefix);
}

TEST_CASE("find connection: an interface that is down is not chosen, but can be named", "[net]") {
  Network network = sample();
  network.links[2].up = false;
  CHECK(find_connection(network, address_of("10.9.1.100"))->link->name == "eth2");
  const auto named = find_connection(network, address_of("10.9.1.100"), network.find_link("eth1"));
  REQUIRE(named);
  CHECK(named->link->name == "eth1");
  CHECK_FALSE(find_connection(network, address_of("192.0.2.100"), network.find_link("eth1")));
}

TEST_CASE("parse link: flags, name and MAC are taken; bridge port news and damage are not", "[net]") {
  ifinfomsg body{};
  body.ifi_index = 5;
  body.ifi_type = ARPHRD_ETHER;
  body.ifi_flags = IFF_UP | IFF_LOWER_UP;
  const Bytes mac{0x52, 0x54, 0, 0xAB, 0xCD, 0xEF};
  NetlinkMessage message{RTM_NEWLINK, 0, view_of(body)};
  message.attribute(IFLA_IFNAME, std::string_view{"eth0"});
  message.attribute(IFLA_ADDRESS, ByteView{mac});
  const Bytes payload = payload_of(message);
  const auto link = parse_link(payload);
  REQUIRE(link);
  CHECK(link->index == 5);
  CHECK(link->name == "eth0");
  CHECK(link->usable());
  CHECK(link->ethernet);
  CHECK(link->resolves);
  CHECK(to_string(link->mac) == "52:54:00:ab:cd:ef");

  for (std::size_t size = 0; size < payload.size(); ++size) {
    const auto cut = parse_link(ByteView{payload}.first(size));
    if (cut) CHECK(cut->name == "eth0");  // cut between attributes
  }
  Bytes of_bridge = payload;
  of_bridge[0] = AF_BRIDGE;
  CHECK_FALSE(parse_link(of_bridge));
}

TEST_CASE("parse link: a carrier without IFF_UP does not count", "[net]") {
  ifinfomsg body{};
  body.ifi_index = 5;
  body.ifi_flags = IFF_LOWER_UP | IFF_NOARP;
  NetlinkMessage message{RTM_NEWLINK, 0, view_of(body)};
  message.attribute(IFLA_IFNAME, std::string_view{"tun0"});
  const auto link = parse_link(payload_of(message));
  REQUIRE(link);
  CHECK_FALSE(link->usable());
  CHECK_FALSE(link->ethernet);
  CHECK_FALSE(link->resolves);
}

TEST_CASE("parse address: the own address is taken, not the peer's", "[net]") {
  ifaddrmsg body{};
  body.ifa_family = AF_INET;
  body.ifa_prefixlen = 24;
  body.ifa_index = 3;
  body.ifa_flags = IFA_F_SECONDARY;
  NetlinkMessage message{RTM_NEWADDR, 0, view_of(body)};
  message.attribute(IFA_ADDRESS, address_of("10.0.0.2").bytes());
  message.attribute(IFA_LOCAL, address_of("10.0.0.1").bytes());
  const auto address = parse_address(payload_of(message));
  REQUIRE(address);
  CHECK(address->address == address_of("10.0.0.1"));
  CHECK(address->prefix == 24);
  CHECK(address->link_index == 3);
  CHECK(address->secondary);
  CHECK_FALSE(address->tentative);  // the same bits mean other things for IPv6
}

TEST_CASE("parse address: the wide flags win over the narrow ones", "[net]") {
  ifaddrmsg body{};
  body.ifa_family = AF_INET6;
  body.ifa_prefixlen = 64;
  body.ifa_index = 3;
  NetlinkMessage message{RTM_NEWADDR, 0, view_of(body)};
  message.attribute(IFA_ADDRESS, address_of("2001:db8::1").bytes());
  message.attribute(IFA_FLAGS, std::uint32_t{IFA_F_TENTATIVE | IFA_F_DADFAILED});
  const auto address = parse_address(payload_of(message));
  REQUIRE(address);
  CHECK(address->tentative);
  CHECK(address->duplicate);
}

TEST_CASE("parse address: a length that does not fit the family is refused", "[net]") {
  ifaddrmsg body{};
  body.ifa_family = AF_INET;
  body.ifa_prefixlen = 33;
  NetlinkMessage wide{RTM_NEWADDR, 0, view_of(body)};
  wide.attribute(IFA_LOCAL, address_of("10.0.0.1").bytes());
  CHECK_FALSE(parse_address(payload_of(wide)));
  body.ifa_prefixlen = 24;
  NetlinkMessage mixed{RTM_NEWADDR, 0, view_of(body)};
  mixed.attribute(IFA_LOCAL, address_of("2001:db8::1").bytes());
  CHECK_FALSE(parse_address(payload_of(mixed)));
  NetlinkMessage empty{RTM_NEWADDR, 0, view_of(body)};
  CHECK_FALSE(parse_address(payload_of(empty)));
}
