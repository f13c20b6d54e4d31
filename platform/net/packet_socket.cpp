// SPDX-License-Identifier: Apache-2.0
// packet(7) in its SOCK_DGRAM form.
#include "platform/net/packet_socket.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace duet::net {

namespace {

/// Longer than every packet of both kinds (an advertisement with options fits in the minimum IPv6 MTU).
constexpr std::size_t packet_size = 1500;

std::uint16_t protocol_of(PacketKind kind) {
  return htons(static_cast<std::uint16_t>(kind == PacketKind::arp ? ETH_P_ARP : ETH_P_IPV6));
}

Error last_error(const char* call) {
  const Errc code = errno == EPERM || errno == EACCES ? Errc::not_permitted : Errc::backend;
  return Error{code, std::string{"packet socket: "} + call, std::strerror(errno)};
}

/// Without it a busy link's traffic would fill the receive buffer and push out the answer that is waited for.
bool filter_neighbour_messages(int fd) {
  constexpr std::uint32_t next_header_at = 6;
  constexpr std::uint32_t icmp_type_at = 40;
  std::array<sock_filter, 7> code{{BPF_STMT(BPF_LD | BPF_B | BPF_ABS, next_header_at),
                                   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 58, 0, 4),  // ICMPv6, else drop
                                   BPF_STMT(BPF_LD | BPF_B | BPF_ABS, icmp_type_at),
                                   BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 135, 0, 2),  // solicitation or higher
                                   BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 136, 1, 0),  // advertisement or lower
                                   BPF_STMT(BPF_RET | BPF_K, packet_size), BPF_STMT(BPF_RET | BPF_K, 0)}};
  const sock_fprog filter{static_cast<unsigned short>(code.size()), code.data()};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

}  // namespace

Result<PacketSocket> PacketSocket::open(const Link& link, PacketKind kind) {
  if (!link.ethernet) return fail(Errc::refused, "packet socket: " + link.name + " is not an Ethernet interface");
  // Protocol 0: nothing is received before the filter is in place and the link is bound.
  UniqueFd fd{socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return tl::unexpected{last_error("socket")};
  if (kind == PacketKind::neighbour && !filter_neighbour_messages(fd.get())) {
    return tl::unexpected{last_error("SO_ATTACH_FILTER")};
  }
  sockaddr_ll local{};
  local.sll_family = AF_PACKET;
  local.sll_protocol = protocol_of(kind);
  local.sll_ifindex = link.index;
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
    return tl::unexpected{last_error("bind")};
  }
  return PacketSocket{std::move(fd), link.index, kind};
}

Result<void> PacketSocket::join(const MacAddress& group) {
  packet_mreq request{};
  request.mr_ifindex = index_;
  request.mr_type = PACKET_MR_MULTICAST;
  request.mr_alen = static_cast<unsigned short>(group.size());
  std::memcpy(request.mr_address, group.data(), group.size());
  if (setsockopt(fd_.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request) != 0) {
    return tl::unexpected{last_error("PACKET_ADD_MEMBERSHIP")};
  }
  return {};
}

Result<void> PacketSocket::send(const MacAddress& to, ByteView payload) {
  sockaddr_ll target{};
  target.sll_family = AF_PACKET;
  target.sll_protocol = protocol_of(kind_);
  target.sll_ifindex = index_;
  target.sll_halen = static_cast<unsigned char>(to.size());
  std::memcpy(target.sll_addr, to.data(), to.size());
  const ssize_t sent =
      sendto(fd_.get(), payload.data(), payload.size(), 0, reinterpret_cast<const sockaddr*>(&target), sizeof target);
  if (sent < 0) return tl::unexpected{last_error("sendto")};
  return {};
}

Result<std::optional<ReceivedPacket>> PacketSocket::receive() {
  ReceivedPacket packet;
  packet.payload.resize(packet_size);
  sockaddr_ll sender{};
  socklen_t sender_size = sizeof sender;
  ssize_t size = 0;
  do {
    size = recvfrom(fd_.get(), packet.payload.data(), packet.payload.size(), 0, reinterpret_cast<sockaddr*>(&sender),
                    &sender_size);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<ReceivedPacket>{};
    return tl::unexpected{last_error("recvfrom")};
  }
  packet.payload.resize(static_cast<std::size_t>(size));
  std::memcpy(packet.from.data(), sender.sll_addr, packet.from.size());
  return std::optional{std::move(packet)};
}

}  // namespace duet::net
