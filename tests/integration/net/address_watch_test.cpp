// SPDX-License-Identifier: Apache-2.0
// AddressWatch and the reading and changing of addresses against the real kernel.
#include "platform/net/address_watch.hpp"

#include <poll.h>

#include <catch2/catch.hpp>

#include "platform/clock/clock.hpp"
#include "tests/integration/net/two_hosts.hpp"

using namespace duet;
using namespace duet::net;
using duet::test::ip;
using duet::test::TwoHosts;

namespace {

/// Waits until `kind` is reported (for `address`, if given) and returns that event; fails after `limit`.
NetEvent wait_for(AddressWatch& watch, NetEvent::Kind kind, std::optional<std::string> address = std::nullopt,
                  Duration limit = 2s) {
  const Instant end = boot_now() + limit;
  while (boot_now() < end) {
    pollfd wait{watch.fd(), POLLIN, 0};
    poll(&wait, 1, 10);
    auto events = watch.read_events();
    REQUIRE(events);
    for (const NetEvent& event : *events) {
      if (event.kind != kind) continue;
      if (!address || (event.address && event.address->to_string() == *address)) return event;
    }
  }
  FAIL("no event " << to_string(kind) << " within the limit");
  return {};
}

IpAddress address_of(const char* text) {
  return IpAddress::parse(text).value();
}

}  // namespace

TEST_CASE("network: an address that is added is listed, connected and removable", "[net]") {
  const TwoHosts hosts;
  auto netlink = NetlinkSocket::open().value();
  const Network before = read_network(netlink).value();
  const Link* veth = before.find_link("veth0");
  REQUIRE(veth != nullptr);
  CHECK(veth->usable());
  CHECK(veth->ethernet);
  const auto connection = find_connection(before, address_of("10.9.0.100"));
  REQUIRE(connection);
  CHECK(connection->link->name == "veth0");
  CHECK(connection->prefix == 24);

  const NewAddress vip{.link_index = veth->index,
                       .address = address_of("10.9.0.100"),
                       .prefix = 24,
                       .broadcast = address_of("10.9.0.255"),
                       .label = "veth0:vip"};
  REQUIRE(add_address(netlink, vip));
  const auto again = add_address(netlink, vip);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Errc::exists);
  const auto shown = test::run_program({"ip", "-o", "-4", "addr", "show", "dev", "veth0"});
  CHECK(shown.out.find("inet 10.9.0.100/24 brd 10.9.0.255 scope global secondary veth0:vip") != std::string::npos);

  const Address held{veth->index, address_of("10.9.0.100"), 24};
  REQUIRE(remove_address(netlink, held));
  const auto absent = remove_address(netlink, held);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == Errc::not_found);
  const auto no_link = add_address(netlink, {.link_index = 9999, .address = address_of("10.9.0.100"), .prefix = 24});
  REQUIRE_FALSE(no_link);
  CHECK(no_link.error().code == Errc::not_found);
}

TEST_CASE("network: an IPv6 address can be added without duplicate detection and deprecated", "[net]") {
  const TwoHosts hosts;
  auto netlink = NetlinkSocket::open().value();
  const int link = read_network(netlink).value().find_link("veth0")->index;
  test::sysctl("ipv6/conf/veth0/accept_dad", "1");
  REQUIRE(add_address(netlink, {.link_index = link,
                                .address = address_of("2001:db8:9::100"),
                                .prefix = 64,
                                .no_duplicate_detection = true,
                                .preferred_lifetime_s = 0}));
  REQUIRE(add_address(netlink, {.link_index = link, .address = address_of("2001:db8:9::101"), .prefix = 64}));
  const Network now = read_network(netlink).value();
  for (const Address& entry : now.addresses) {
    if (entry.address == address_of("2001:db8:9::100")) CHECK_FALSE(entry.tentative);
    if (entry.address == address_of("2001:db8:9::101")) CHECK(entry.tentative);
  }
  const auto shown = test::run_program({"ip", "-o", "-6", "addr", "show", "to", "2001:db8:9::100"});
  CHECK(shown.out.find(" nodad ") != std::string::npos);
  CHECK(shown.out.find(" preferred_lft 0sec") != std::string::npos);
}

TEST_CASE("address watch: an address removed behind the back is reported within 20 ms", "[net][L1]") {
  const TwoHosts hosts;
  ip({"addr", "add", "10.9.0.100/24", "dev", "veth0"});
  ip({"addr", "add", "2001:db8:9::100/64", "dev", "veth0"});
  auto watch = AddressWatch::open().value();
  auto netlink = NetlinkSocket::open().value();
  const int link = read_network(netlink).value().find_link("veth0")->index;
  for (const char* text : {"10.9.0.100", "2001:db8:9::100"}) {
    const unsigned prefix = address_of(text).family() == Family::ipv4 ? 24 : 64;
    const Instant removed = boot_now();
    REQUIRE(remove_address(netlink, {link, address_of(text), prefix}));
    const NetEvent event = wait_for(*watch, NetEvent::Kind::address_removed, text);
    CHECK(boot_now() - removed < 20ms);
    CHECK(event.link == "veth0");
    CHECK(event.link_index == link);
    CHECK(event.prefix == prefix);
  }
}

TEST_CASE("address watch: what is added is reported, and nothing that was there before", "[net]") {
  const TwoHosts hosts;
  auto watch = AddressWatch::open().value();
  auto before = watch->read_events();
  REQUIRE(before);
  CHECK(before->empty());
  ip({"addr", "add", "10.9.0.100/24", "dev", "veth0"});
  CHECK(wait_for(*watch, NetEvent::Kind::address_added, "10.9.0.100").link == "veth0");
}

TEST_CASE("address watch: loss of the carrier and its return are link events", "[net]") {
  const TwoHosts hosts;
  auto watch = AddressWatch::open().value();
  {
    const TwoHosts::AtPeer at_peer{hosts};
    ip({"link", "set", "veth1", "down"});
  }
  CHECK(wait_for(*watch, NetEvent::Kind::link_down).link == "veth0");
  {
    const TwoHosts::AtPeer at_peer{hosts};
    ip({"link", "set", "veth1", "up"});
  }
  CHECK(wait_for(*watch, NetEvent::Kind::link_up).link == "veth0");
  ip({"link", "set", "veth0", "down"});
  CHECK(wait_for(*watch, NetEvent::Kind::link_down).link == "veth0");
}

TEST_CASE("address watch: a deleted link is reported as down with its name", "[net]") {
  const TwoHosts hosts;
  auto watch = AddressWatch::open().value();
  ip({"link", "del", "veth0"});
  CHECK(wait_for(*watch, NetEvent::Kind::link_down).link == "veth0");
}

TEST_CASE("address watch: lost events are reported as one overflow, and the watch goes on", "[net]") {
  const TwoHosts hosts;
  auto watch = AddressWatch::open().value();
  auto netlink = NetlinkSocket::open().value();
  const int link = read_network(netlink).value().find_link("veth0")->index;
  // The buffer holds a few thousand events; this makes more than that without reading one.
  const Address flapping{link, address_of("10.9.0.100"), 24};
  for (int i = 0; i < 8000; ++i) {
    REQUIRE(add_address(netlink, {.link_index = link, .address = *flapping.address, .prefix = 24}));
    REQUIRE(remove_address(netlink, flapping));
  }
  ip({"link", "set", "veth0", "down"});
  auto events = watch->read_events();
  REQUIRE(events);
  REQUIRE(events->size() == 2);
  CHECK(events->at(0).kind == NetEvent::Kind::overflow);
  CHECK(events->at(1).kind == NetEvent::Kind::link_down);
  CHECK(events->at(1).link == "veth0");
  ip({"addr", "add", "10.9.0.101/24", "dev", "veth0"});
  CHECK(wait_for(*watch, NetEvent::Kind::address_added, "10.9.0.101").link == "veth0");
}
