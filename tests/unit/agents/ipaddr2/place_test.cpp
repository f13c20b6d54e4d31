// SPDX-License-Identifier: Apache-2.0
// Where IPaddr2 finds its address and where it would add it.
#include "agents/ipaddr2/place.hpp"

#include <catch2/catch.hpp>

using namespace duet;
using namespace duet::ipaddr2;
using net::IpAddress;

namespace {

IpAddress address_of(const char* text) {
  return IpAddress::parse(text).value();
}

net::Link link_of(int index, const char* name) {
  net::Link link;
  link.index = index;
  link.name = name;
  link.up = link.carrier = true;
  return link;
}

net::Network sample() {
  net::Network network;
  network.links = {link_of(1, "lo"), link_of(2, "eth0"), link_of(3, "eth1")};
  network.links[0].loopback = true;
  network.addresses = {{1, address_of("127.0.0.1"), 8}, {2, address_of("10.9.0.1"), 24}};
  return network;
}

Parameters parameters_for(const char* ip, const char* nic = "") {
  return Parameters{.target = {address_of(ip), nic, {}}};
}

}  // namespace

TEST_CASE("ipaddr2 place: without nic the connected interface and its prefix are taken", "[ipaddr2]") {
  const net::Network network = sample();
  const auto place = choose_place(network, parameters_for("10.9.0.100"));
  REQUIRE(place);
  CHECK(place->link->name == "eth0");
  CHECK(place->prefix == 24);
  CHECK(place->label.empty());
  Parameters narrow = parameters_for("10.9.0.100");
  narrow.prefix = 32;
  CHECK(choose_place(network, narrow)->prefix == 32);
}

TEST_CASE("ipaddr2 place: what does not fit this node is 'installed', so that the other node is tried", "[ipaddr2]") {
  const net::Network network = sample();
  for (const Parameters& parameters :
       {parameters_for("192.0.2.10"), parameters_for("10.9.0.100", "eth7"), parameters_for("192.0.2.10", "eth1")}) {
    const auto place = choose_place(network, parameters);
    REQUIRE_FALSE(place);
    CHECK(place.error().code == OcfExit::installed);
    CHECK_FALSE(place.error().reason.empty());
  }
  Parameters named = parameters_for("192.0.2.10", "eth1");
  named.prefix = 24;
  CHECK(choose_place(network, named)->link->name == "eth1");
}

TEST_CASE("ipaddr2 place: the label gets the interface's name, up to what the kernel stores", "[ipaddr2]") {
  const net::Network network = sample();
  Parameters parameters = parameters_for("10.9.0.100");
  parameters.label = "0123456789";
  CHECK(choose_place(network, parameters)->label == "eth0:0123456789");
  parameters.label = "0123456789a";
  const auto place = choose_place(network, parameters);
  REQUIRE_FALSE(place);
  CHECK(place.error().code == OcfExit::args);
}

TEST_CASE("ipaddr2 place: an address on loopback counts only if loopback is named", "[ipaddr2]") {
  net::Network network = sample();
  network.addresses.push_back({1, address_of("10.9.0.100"), 32});
  CHECK(find_holdings(network, {address_of("10.9.0.100"), "", ""}).empty());
  CHECK(find_holdings(network, {address_of("10.9.0.100"), "lo", ""}).size() == 1);
  network.addresses.push_back({3, address_of("10.9.0.100"), 24});
  const auto holdings = find_holdings(network, {address_of("10.9.0.100"), "", ""});
  REQUIRE(holdings.size() == 1);
  CHECK(holdings.front().link->name == "eth1");
  CHECK(find_holdings(network, {address_of("10.9.0.100"), "eth0", ""}).empty());
}

TEST_CASE("ipaddr2 place: an address that nobody can reach is a failure with its reason", "[ipaddr2]") {
  const net::Address good{2, address_of("10.9.0.100"), 24};
  net::Address taken{2, address_of("2001:db8::10"), 64};
  taken.duplicate = true;
  const net::Link up = link_of(2, "eth0");
  net::Link down = up;
  down.up = down.carrier = false;
  net::Link unplugged = up;
  unplugged.carrier = false;
  CHECK(check_reachable({&good, &up}));
  const auto of_down = check_reachable({&good, &down});
  REQUIRE_FALSE(of_down);
  CHECK(of_down.error().code == OcfExit::generic);
  CHECK(of_down.error().reason == "interface eth0 is down");
  CHECK(check_reachable({&good, &unplugged}).error().reason == "interface eth0 has no carrier");
  CHECK(check_reachable({&taken, &up}).error().reason.find("2001:db8::10 is in use by another host") == 0);
}

TEST_CASE("ipaddr2 place: an interface is dedicated when it has no address of others", "[ipaddr2]") {
  net::Network network = sample();
  const Target target{address_of("192.0.2.10"), "eth1", ""};
  network.addresses.push_back({3, address_of("fe80::3"), 64});
  network.addresses.push_back({3, address_of("192.0.2.10"), 24});
  CHECK(is_dedicated(network, network.links[2], target));
  network.addresses.push_back({3, address_of("192.0.2.11"), 24});
  CHECK_FALSE(is_dedicated(network, network.links[2], target));
}
