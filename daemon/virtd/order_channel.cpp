// SPDX-License-Identifier: Apache-2.0
// sendmsg(2) and recvmsg(2) on SOCK_SEQPACKET.
#include "daemon/virtd/order_channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/fencehost/power_wire.hpp"

namespace duet::virtd {

Result<ChannelPair> make_channel() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(Errc::backend, "socket pair", std::strerror(errno));
  }
  return ChannelPair{UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

Result<void> send_packet(int socket, ByteView bytes, int descriptor, bool wait) {
  iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (descriptor >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* carried = CMSG_FIRSTHDR(&header);
    carried->cmsg_level = SOL_SOCKET;
    carried->cmsg_type = SCM_RIGHTS;
    carried->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(carried), &descriptor, sizeof descriptor);
  }
  ssize_t sent = 0;
  do {
    sent = sendmsg(socket, &header, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return {};
  const bool full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ETOOMANYREFS;
  return fail(full ? Errc::try_again : Errc::disconnected, "packet to the other half", std::strerror(errno));
}

Result<std::optional<Packet>> receive_packet(int socket, bool wait) {
  Packet packet;
  packet.bytes.resize(fencehost::power_message_max);
  iovec part{packet.bytes.data(), packet.bytes.size()};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    const bool nothing = errno == EAGAIN || errno == EWOULDBLOCK;
    return fail(nothing ? Errc::try_again : Errc::disconnected, "packet of the other half", std::strerror(errno));
  }
  for (cmsghdr* carried = CMSG_FIRSTHDR(&header); carried != nullptr; carried = CMSG_NXTHDR(&header, carried)) {
    if (carried->cmsg_level != SOL_SOCKET || carried->cmsg_type != SCM_RIGHTS) continue;
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(carried), sizeof descriptor);
    packet.descriptor = UniqueFd{descriptor};
  }
  if (got == 0) return std::optional<Packet>{};
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    return fail(Errc::malformed, "packet of the other half", "it is too long");
  }
  packet.bytes.resize(static_cast<std::size_t>(got));
  return std::optional<Packet>{std::move(packet)};
}

bool still_open(int connection) {
  char byte = 0;
  const ssize_t got = recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

}  // namespace duet::virtd
