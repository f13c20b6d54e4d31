// SPDX-License-Identifier: Apache-2.0
// IPaddr2 and the other hosts: announcements that they receive, and addresses that they have already.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "platform/clock/clock.hpp"
#include "platform/net/packet_socket.hpp"
#include "platform/net/packets.hpp"
#include "tests/integration/net/agent.hpp"
#include "tests/integration/net/two_hosts.hpp"

using namespace duet;
using namespace duet::net;
using namespace duet::test;

namespace {

const AgentParameters vip4{{"ip", "10.9.0.100"}, {"cidr_netmask", "24"}};
const AgentParameters vip6{{"ip", "2001:db8:9::100"}, {"cidr_netmask", "64"}};

IpAddress address_of(const std::string& text) {
  return IpAddress::parse(text).value();
}

AgentParameters with(AgentParameters parameters, const std::string& name, const std::string& value) {
  parameters.emplace_back(name, value);
  return parameters;
}

PacketSocket listener_at_peer(const TwoHosts& hosts, PacketKind kind) {
  const TwoHosts::AtPeer at_peer{hosts};
  return PacketSocket::open(*read_network().value().find_link("veth1"), kind).value();
}

bool is_announcement(const ReceivedPacket& packet, const IpAddress& address) {
  if (address.family() == Family::ipv6) {
    const auto message = decode_neighbour(packet.payload);
    return message && message->advertisement && message->target == address;
  }
  const auto arp = decode_arp(packet.payload);
  return arp && arp->operation == ArpOperation::request && arp->sender == address && arp->target == address;
}

/// Announcements that have arrived or arrive until `end`, or until there are `enough`.
int count_announcements(PacketSocket& socket, const IpAddress& address, Instant end, int enough) {
  int count = 0;
  do {
    pollfd wait{socket.fd(), POLLIN, 0};
    poll(&wait, 1, 10);
    while (true) {
      auto packet = socket.receive();
      REQUIRE(packet);
      if (!*packet) break;
      if (is_announcement(**packet, address)) ++count;
    }
  } while (count < enough && boot_now() < end);
  return count;
}

std::string link_target(const std::string& path) {
  std::string target(256, '\0');
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  target.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return target;
}

}  // namespace

TEST_CASE("IPaddr2: at least five announcements reach the peer within five seconds", "[ipaddr2][agent][F60]") {
  const TwoHosts hosts;
  for (const AgentParameters& vip : {vip4, vip6}) {
    const IpAddress address = address_of(vip.front().second);
    CAPTURE(address.to_string());
    auto listener = listener_at_peer(hosts, address.family() == Family::ipv4 ? PacketKind::arp : PacketKind::neighbour);
    const Instant begin = boot_now();
    REQUIRE(agent("start", vip).exit_code == 0);
    // The first one was sent before start returned.
    const int first = count_announcements(listener, address, boot_now(), 1);
    CHECK(first >= 1);
    CHECK(first + count_announcements(listener, address, begin + 5s, 5 - first) >= 5);
  }
}

TEST_CASE("IPaddr2: the announcer holds nothing of its caller and ends when the address goes", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  // run_program() waits for the end of both pipes: it would take until the announcer's end if that kept them.
  const Instant begin = boot_now();
  REQUIRE(agent("start", vip4).exit_code == 0);
  CHECK(boot_now() - begin < 2s);
  const auto found = announcers();
  REQUIRE(found.size() == 1);
  CHECK(getsid(found.front()) == found.front());
  for (int fd = 0; fd < 3; ++fd) {
    CHECK(link_target("/proc/" + std::to_string(found.front()) + "/fd/" + std::to_string(fd)) == "/dev/null");
  }
  auto listener = listener_at_peer(hosts, PacketKind::arp);
  const Instant stopping = boot_now();
  REQUIRE(agent("stop", vip4).exit_code == 0);
  while (!announcers().empty()) REQUIRE(boot_now() - stopping < 2s);
  // What was still in the queue of the listener came before the stop.
  count_announcements(listener, address_of("10.9.0.100"), boot_now() + 20ms, 100);
  CHECK(count_announcements(listener, address_of("10.9.0.100"), boot_now() + 1500ms, 1) == 0);
}

TEST_CASE("IPaddr2: arp_bg=false announces exactly arp_count times and leaves no process", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  auto listener = listener_at_peer(hosts, PacketKind::arp);
  const auto vip = with(with(with(vip4, "arp_bg", "false"), "arp_count", "3"), "arp_interval", "20");
  REQUIRE(agent("start", vip).exit_code == 0);
  CHECK(announcers().empty());
  CHECK(count_announcements(listener, address_of("10.9.0.100"), boot_now() + 200ms, 100) == 3);
}

TEST_CASE("IPaddr2: a monitor announces only if arp_count_refresh asks for it", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  ip({"addr", "add", "10.9.0.100/24", "dev", "veth0"});
  auto listener = listener_at_peer(hosts, PacketKind::arp);
  REQUIRE(agent("monitor", vip4).exit_code == 0);
  CHECK(count_announcements(listener, address_of("10.9.0.100"), boot_now() + 200ms, 100) == 0);
  const auto refreshing = with(with(vip4, "arp_count_refresh", "2"), "arp_interval", "20");
  REQUIRE(agent("monitor", refreshing).exit_code == 0);
  CHECK(announcers().empty());
  CHECK(count_announcements(listener, address_of("10.9.0.100"), boot_now() + 500ms, 100) == 2);
}

TEST_CASE("IPaddr2: a start is refused while another host has the address", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  std::string holder;
  {
    const TwoHosts::AtPeer at_peer{hosts};
    ip({"addr", "add", "10.9.0.100/24", "dev", "veth1"});
    ip({"addr", "add", "2001:db8:9::100/64", "dev", "veth1"});
    holder = to_string(read_network().value().find_link("veth1")->mac);
  }
  for (const AgentParameters& vip : {vip4, vip6}) {
    const std::string address = vip.front().second;
    CAPTURE(address);
    const RunResult started = agent("start", vip);
    CHECK(started.exit_code == 1);
    CHECK(exit_reason(started).find(address + " is in use by " + holder + " on veth0") == 0);
    CHECK_FALSE(has_address("veth0", address));
    // Without the check it comes up; nodad keeps the kernel from looking in its place.
    CHECK(agent("start", with(with(vip, "duplicate_check", "false"), "nodad", "true")).exit_code == 0);
    CHECK(has_address("veth0", address));
    CHECK(agent("stop", vip).exit_code == 0);
  }
}

TEST_CASE("IPaddr2: a host that stops answering soon does not keep a start from succeeding", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  {
    const TwoHosts::AtPeer at_peer{hosts};
    ip({"addr", "add", "10.9.0.100/24", "dev", "veth1"});
  }
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    poll(nullptr, 0, 600);
    const TwoHosts::AtPeer at_peer{hosts};
    _exit(run_program({"ip", "addr", "del", "10.9.0.100/24", "dev", "veth1"}).exit_code);
  }
  const RunResult started = agent("start", vip4);
  INFO(started.err);
  CHECK(started.exit_code == 0);
  CHECK(has_address("veth0", "10.9.0.100"));
  wait_for_child(child);
}

TEST_CASE("IPaddr2: the kernel's IPv6 duplicate detection is waited for and believed", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  sysctl("ipv6/conf/veth0/accept_dad", "1");
  const auto vip = with(vip6, "duplicate_check", "false");
  REQUIRE(agent("start", vip).exit_code == 0);
  CHECK(run_program({"ip", "-6", "addr", "show", "tentative"}).out.find("2001:db8:9::100") == std::string::npos);
  REQUIRE(agent("stop", vip).exit_code == 0);
  {
    const TwoHosts::AtPeer at_peer{hosts};
    ip({"addr", "add", "2001:db8:9::100/64", "dev", "veth1"});
  }
  const RunResult started = agent("start", vip);
  CHECK(started.exit_code == 1);
  CHECK(exit_reason(started).find("2001:db8:9::100 is in use by another host on veth0") == 0);
  CHECK_FALSE(has_address("veth0", "2001:db8:9::100"));
}
