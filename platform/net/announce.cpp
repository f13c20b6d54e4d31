// SPDX-License-Identifier: Apache-2.0
// Announcements and the duplicate address probe over a packet socket.
#include "platform/net/announce.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>

#include "platform/clock/clock.hpp"
#include "platform/net/packet_socket.hpp"
#include "platform/net/packets.hpp"

namespace duet::net {

namespace {

constexpr int probe_count = 3;
constexpr Duration probe_interval = 50ms;
constexpr int packets_per_turn = 256;  // a flood of ARP must not keep the probe from ending in time
static_assert(probe_interval * probe_count <= probe_limit);

/// The router flag must say what the kernel's own advertisements say. Unreadable (IPv6 switched off): not a router.
bool forwards_ipv6(const Link& link) {
  const std::string path = "/proc/sys/net/ipv6/conf/" + link.name + "/forwarding";
  const UniqueFd fd{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  char digit = '0';
  return fd.get() >= 0 && read(fd.get(), &digit, 1) == 1 && digit != '0';
}

Result<PacketSocket> open_socket(const Link& link, const IpAddress& address) {
  return PacketSocket::open(link, address.family() == Family::ipv4 ? PacketKind::arp : PacketKind::neighbour);
}

/// The MAC behind `packet` if it says that its sender has `address`, or is about to take it.
std::optional<MacAddress> claimant(const ReceivedPacket& packet, const IpAddress& address) {
  if (address.family() == Family::ipv4) {
    const auto arp = decode_arp(packet.payload);
    if (!arp) return std::nullopt;
    const bool probes = arp->operation == ArpOperation::request && arp->sender.is_unspecified();
    if (arp->sender == address || (probes && arp->target == address)) return arp->sender_mac;
    return std::nullopt;
  }
  const auto message = decode_neighbour(packet.payload);
  if (!message || message->target != address) return std::nullopt;
  if (message->advertisement || message->source.is_unspecified()) return packet.from;
  return std::nullopt;  // an ordinary question of a host that wants to send there
}

/// Reads what has arrived; the first claim that is not our own.
Result<std::optional<MacAddress>> read_claims(PacketSocket& socket, const IpAddress& address,
                                              std::span<const Link> own) {
  for (int i = 0; i < packets_per_turn; ++i) {
    const auto packet = socket.receive();
    if (!packet) return tl::unexpected{packet.error()};
    if (!*packet) return std::optional<MacAddress>{};
    const auto mac = claimant(**packet, address);
    if (!mac) continue;
    const bool ours =
        std::any_of(own.begin(), own.end(), [&](const Link& link) { return link.ethernet && link.mac == *mac; });
    if (!ours) return mac;
  }
  return std::optional<MacAddress>{};
}

Result<void> send_probe(PacketSocket& socket, const Link& link, const IpAddress& address) {
  if (address.family() == Family::ipv4) return socket.send(broadcast_mac, encode_arp(arp_probe(link.mac, address)));
  return socket.send(group_mac(solicited_node_group(address)), encode_probe_solicitation(address));
}

}  // namespace

bool can_announce(const Link& link) {
  return link.ethernet && link.resolves && !link.loopback;
}

Result<void> announce(const Link& link, const IpAddress& address) {
  if (!can_announce(link)) return {};
  auto socket = open_socket(link, address);
  if (!socket) return tl::unexpected{socket.error()};
  if (address.family() == Family::ipv6) {
    return socket->send(group_mac(all_nodes_group()), encode_advertisement({address, link.mac, forwards_ipv6(link)}));
  }
  for (const ArpOperation operation : {ArpOperation::request, ArpOperation::reply}) {
    const Bytes packet = encode_arp(gratuitous_arp(operation, link.mac, address));
    if (auto sent = socket->send(broadcast_mac, packet); !sent) return sent;
  }
  return {};
}

Result<std::optional<MacAddress>> probe_duplicate(const Link& link, const IpAddress& address,
                                                  std::span<const Link> own) {
  if (!can_announce(link)) return std::optional<MacAddress>{};
  auto socket = open_socket(link, address);
  if (!socket) return tl::unexpected{socket.error()};
  if (address.family() == Family::ipv6) {
    // Another host that probes for the same address asks this group, which we do not belong to yet.
    if (auto joined = socket->join(group_mac(solicited_node_group(address))); !joined) {
      return tl::unexpected{joined.error()};
    }
  }
  const Instant begin = boot_now();
  int sent = 0;
  while (true) {
    const Duration elapsed = boot_now() - begin;
    if (elapsed >= probe_limit) return std::optional<MacAddress>{};
    if (sent < probe_count && elapsed >= sent * probe_interval) {
      if (auto probe = send_probe(*socket, link, address); !probe) return tl::unexpected{probe.error()};
      ++sent;
      continue;
    }
    const Duration rest = (sent < probe_count ? sent * probe_interval : probe_limit) - elapsed;
    pollfd wait{socket->fd(), POLLIN, 0};
    poll(&wait, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(rest).count()));
    auto claim = read_claims(*socket, address, own);
    if (!claim || *claim) return claim;
  }
}

}  // namespace duet::net
