// SPDX-License-Identifier: Apache-2.0
// A packet socket with a filter in the kernel: only the first segment of a TCP connection to our port comes through.
#include "agents/fence_xvm/callback_watch.hpp"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include <array>

namespace duet::xvm {

namespace {

constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t flag_syn = 0x02;
constexpr std::uint8_t flag_ack = 0x10;

bool opens_port(ByteView tcp, std::uint16_t port) {
  if (tcp.size() < 14) return false;
  const auto target = static_cast<std::uint16_t>(tcp[2] << 8 | tcp[3]);
  return target == port && (tcp[13] & (flag_syn | flag_ack)) == flag_syn;
}

/// Lets only such a segment through, so that a busy node does not wake us for each packet. Later fragments and IPv6
/// extension headers are left to caller_of().
bool filter_calls(const Fd& socket, std::uint16_t port) {
  constexpr std::uint32_t flags_at = 13;
  std::array<sock_filter, 19> program{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),  // version
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xF0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40, 0, 7),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),  // IPv4: protocol
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, protocol_tcp, 0, 13),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),  // length of its header
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),   // target port
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 10),
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, flags_at),
      BPF_JUMP(BPF_JMP | BPF_JA, 5, 0, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),  // IPv6: next header
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, protocol_tcp, 0, 6),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 40 + 2),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 4),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 40 + flags_at),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, flag_syn | flag_ack),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, flag_syn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 128),  // as much as caller_of() needs
      BPF_STMT(BPF_RET | BPF_K, 0),
  }};
  sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::setsockopt(socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

}  // namespace

std::optional<Address> caller_of(ByteView packet, std::uint16_t port) {
  if (packet.empty()) return std::nullopt;
  const unsigned version = packet[0] >> 4;
  Address from;
  if (version == 4) {
    const std::size_t header = std::size_t{packet[0] & 0x0FU} * 4;
    if (header < 20 || packet.size() < header || packet[9] != protocol_tcp) return std::nullopt;
    const bool later_fragment = ((packet[6] & 0x1FU) | packet[7]) != 0;
    if (later_fragment || !opens_port(packet.subspan(header), port)) return std::nullopt;
    std::copy_n(packet.begin() + 12, 4, from.bytes.begin());
    return from;
  }
  if (version != 6 || packet.size() < 40 || packet[6] != protocol_tcp || !opens_port(packet.subspan(40), port)) {
    return std::nullopt;
  }
  from.family = Family::ipv6;
  std::copy_n(packet.begin() + 8, 16, from.bytes.begin());
  return from;
}

CallbackWatch::CallbackWatch(std::uint16_t port) : port_{port} {
  Fd socket{::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};  // protocol 0: nothing yet
  if (!socket || !filter_calls(socket, port)) return;
  sockaddr_ll all{};
  all.sll_family = AF_PACKET;
  all.sll_protocol = htons(ETH_P_ALL);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&all), sizeof all) == 0) socket_ = std::move(socket);
}

void CallbackWatch::look() {
  if (!socket_) return;
  std::array<std::uint8_t, 128> packet{};
  for (int i = 0; i < 1'000 && !caller_; ++i) {
    sockaddr_ll from{};
    socklen_t length = sizeof from;
    const ssize_t got =
        ::recvfrom(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (got < 0) return;
    if (from.sll_pkttype == PACKET_OUTGOING) continue;
    caller_ = caller_of(ByteView{packet}.first(static_cast<std::size_t>(got)), port_);
  }
}

}  // namespace duet::xvm
