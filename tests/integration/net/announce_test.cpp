// SPDX-License-Identifier: Apache-2.0
// Announcements and the duplicate address probe between two network namespaces.
#include "platform/net/announce.hpp"

#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "platform/clock/clock.hpp"
#include "platform/net/packet_socket.hpp"
#include "platform/net/packets.hpp"
#include "tests/integration/net/two_hosts.hpp"

using namespace duet;
using namespace duet::net;
using duet::test::ip;
using duet::test::TwoHosts;

namespace {

IpAddress address_of(const char* text) {
  return IpAddress::parse(text).value();
}

Link link_of(const char* name) {
  return *read_network().value().find_link(name);
}

ReceivedPacket next_packet(PacketSocket& socket) {
  const Instant end = boot_now() + 2s;
  while (boot_now() < end) {
    pollfd wait{socket.fd(), POLLIN, 0};
    poll(&wait, 1, 50);
    auto packet = socket.receive();
    REQUIRE(packet);
    if (*packet) return std::move(**packet);
  }
  FAIL("no packet within 2 s");
  return {};
}

struct Probe {
  std::optional<MacAddress> answer;
  Duration took{};
};

Probe probe(const char* address) {
  const Network network = read_network().value();
  const Instant begin = boot_now();
  const auto answer = probe_duplicate(*network.find_link("veth0"), address_of(address), network.links);
  REQUIRE(answer);
  return {*answer, boot_now() - begin};
}

}  // namespace

TEST_CASE("announce: the peer receives an ARP request and a reply for the address", "[net]") {
  const TwoHosts hosts;
  auto listener = [&] {
    const TwoHosts::AtPeer at_peer{hosts};
    return PacketSocket::open(link_of("veth1"), PacketKind::arp).value();
  }();
  const Link veth = link_of("veth0");
  REQUIRE(announce(veth, address_of("10.9.0.100")));
  for (const ArpOperation operation : {ArpOperation::request, ArpOperation::reply}) {
    const ReceivedPacket packet = next_packet(listener);
    CHECK(packet.from == veth.mac);
    CHECK(packet.payload == encode_arp(gratuitous_arp(operation, veth.mac, address_of("10.9.0.100"))));
  }
}

TEST_CASE("announce: the peer's neighbour table follows an address that moved", "[net]") {
  const TwoHosts hosts;
  for (const char* address : {"10.9.0.100", "2001:db8:9::100"}) {
    {
      const TwoHosts::AtPeer at_peer{hosts};
      ip({"neigh", "replace", address, "lladdr", "02:00:00:00:00:01", "dev", "veth1", "nud", "stale"});
    }
    const Link veth = link_of("veth0");
    REQUIRE(announce(veth, address_of(address)));
    const TwoHosts::AtPeer at_peer{hosts};
    const Instant end = boot_now() + 2s;
    std::string shown;
    while (shown.find(to_string(veth.mac)) == std::string::npos && boot_now() < end) {
      shown = test::run_program({"ip", "neigh", "show", "to", address, "dev", "veth1"}).out;
    }
    CAPTURE(shown);
    CHECK(shown.find(to_string(veth.mac)) != std::string::npos);
  }
}

TEST_CASE("announce: a node that forwards IPv6 says that it is a router", "[net]") {
  const TwoHosts hosts;
  auto listener = [&] {
    const TwoHosts::AtPeer at_peer{hosts};
    return PacketSocket::open(link_of("veth1"), PacketKind::neighbour).value();
  }();
  test::sysctl("ipv6/conf/veth0/forwarding", "1");
  const Link veth = link_of("veth0");
  REQUIRE(announce(veth, address_of("2001:db8:9::100")));
  const Bytes expected =
      encode_advertisement({.address = address_of("2001:db8:9::100"), .mac = veth.mac, .router = true});
  // The kernel's own solicitations and advertisements for link-local addresses may come in between.
  ReceivedPacket packet = next_packet(listener);
  while (packet.payload != expected) packet = next_packet(listener);
  CHECK(packet.from == veth.mac);
}

TEST_CASE("duplicate probe: a free address takes the whole limit and not much more", "[net]") {
  const TwoHosts hosts;
  for (const char* address : {"10.9.0.100", "2001:db8:9::100"}) {
    const Probe result = probe(address);
    CHECK_FALSE(result.answer);
    CHECK(result.took >= probe_limit);
    CHECK(result.took < 500ms);  // a busy machine adds to it
  }
}

TEST_CASE("duplicate probe: a holder is found at once, with its MAC", "[net]") {
  const TwoHosts hosts;
  MacAddress holder{};
  {
    const TwoHosts::AtPeer at_peer{hosts};
    ip({"addr", "add", "10.9.0.100/24", "dev", "veth1"});
    ip({"addr", "add", "2001:db8:9::100/64", "dev", "veth1"});
    holder = link_of("veth1").mac;
  }
  for (const char* address : {"10.9.0.100", "2001:db8:9::100"}) {
    CAPTURE(address);
    const Probe result = probe(address);
    REQUIRE(result.answer);
    CHECK(*result.answer == holder);
    CHECK(result.took < probe_limit);
  }
}

TEST_CASE("duplicate probe: another host that probes for the same address is a claimant", "[net]") {
  const TwoHosts hosts;
  struct Row {
    const char* address;
    PacketKind kind;
  };
  for (const Row& row : {Row{"10.9.0.100", PacketKind::arp}, Row{"2001:db8:9::100", PacketKind::neighbour}}) {
    CAPTURE(row.address);
    const IpAddress address = address_of(row.address);
    MacAddress rival{};
    // Packets that arrive before we listen are lost, so a child sends all the while.
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const TwoHosts::AtPeer at_peer{hosts};
      const Link veth = link_of("veth1");
      auto socket = PacketSocket::open(veth, row.kind).value();
      for (int i = 0; i < 40; ++i) {
        if (row.kind == PacketKind::arp) {
          static_cast<void>(socket.send(broadcast_mac, encode_arp(arp_probe(veth.mac, address))));
        } else {
          static_cast<void>(socket.send(group_mac(solicited_node_group(address)), encode_probe_solicitation(address)));
        }
        poll(nullptr, 0, 10);
      }
      _exit(0);
    }
    {
      const TwoHosts::AtPeer at_peer{hosts};
      rival = link_of("veth1").mac;
    }
    const Probe result = probe(row.address);
    test::wait_for_child(child);
    REQUIRE(result.answer);
    CHECK(*result.answer == rival);
  }
}

TEST_CASE("duplicate probe: ordinary questions of neighbours are no claim", "[net]") {
  const TwoHosts hosts;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const TwoHosts::AtPeer at_peer{hosts};
    const Link veth = link_of("veth1");
    auto socket = PacketSocket::open(veth, PacketKind::arp).value();
    const ArpPacket question{ArpOperation::request, veth.mac, address_of("10.9.0.2"), {}, address_of("10.9.0.100")};
    for (int i = 0; i < 40; ++i) {
      static_cast<void>(socket.send(broadcast_mac, encode_arp(question)));
      poll(nullptr, 0, 10);
    }
    _exit(0);
  }
  const Probe result = probe("10.9.0.100");
  test::wait_for_child(child);
  CHECK_FALSE(result.answer);
}

TEST_CASE("duplicate probe: links without ARP are not probed", "[net]") {
  const TwoHosts hosts;
  const Network network = read_network().value();
  const auto answer = probe_duplicate(*network.find_link("lo"), address_of("10.9.0.100"), network.links);
  REQUIRE(answer);
  CHECK_FALSE(*answer);
}
