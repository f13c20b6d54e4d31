// SPDX-License-Identifier: Apache-2.0
// ip(7) and ipv6(7): memberships by interface index, packet information for where a datagram came in.
#include "platform/net/multicast_listener.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/net/network.hpp"

namespace duet::net {

namespace {

constexpr int receive_buffer = 1024 * 1024;  ///< a burst of 10,000 datagrams of 176 bytes is not to push out a good one
constexpr int loopback_index = 1;            ///< the kernel makes lo first in every network namespace

Error last_error(const std::string& what) {
  return Error{Errc::backend, what, std::strerror(errno)};
}

bool set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

int bind_wildcard(int fd, Family family, std::uint16_t port) {
  if (family == Family::ipv4) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_port = htons(port);
    return bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local);
  }
  sockaddr_in6 local{};
  local.sin6_family = AF_INET6;
  local.sin6_port = htons(port);
  return bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local);
}

IpAddress sender_of(const sockaddr_storage& from) {
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&from);
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&from);
  const ByteView bytes = from.ss_family == AF_INET
                             ? ByteView{reinterpret_cast<const std::uint8_t*>(&v4->sin_addr), 4}
                             : ByteView{reinterpret_cast<const std::uint8_t*>(&v6->sin6_addr), 16};
  return *IpAddress::from_bytes(bytes);
}

std::uint32_t interface_of(msghdr& header) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
      return static_cast<std::uint32_t>(info.ipi_ifindex);
    }
    if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
      return info.ipi6_ifindex;
    }
  }
  return 0;
}

/// Interfaces that are up and can do multicast.
std::vector<int> multicast_interfaces() {
  std::vector<int> found;
  const auto network = read_network();
  if (!network) return found;
  for (const Link& link : network->links) {
    if (link.up && link.ethernet) found.push_back(link.index);
  }
  return found;
}

std::string name_of(int index) {
  std::array<char, IF_NAMESIZE> name{};
  if (index == 0) return "the interface of the route";
  return if_indextoname(static_cast<unsigned>(index), name.data()) != nullptr ? name.data() : "";
}

}  // namespace

Result<MulticastListener> MulticastListener::open(MulticastSettings settings) {
  if (!settings.group.is_multicast()) {
    return fail(Errc::invalid_argument, settings.group.to_string() + " is not a multicast address");
  }
  const bool v4 = settings.group.family() == Family::ipv4;
  UniqueFd fd{socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd) return tl::unexpected{last_error("UDP socket")};
  const bool prepared =
      v4 ? set(fd.get(), IPPROTO_IP, IP_PKTINFO, 1)
         : set(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) && set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (!prepared) return tl::unexpected{last_error("UDP socket")};
  // Cut down to net.core.rmem_max without CAP_NET_ADMIN; good either way.
  if (!set(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, receive_buffer)) set(fd.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer);
  if (bind_wildcard(fd.get(), settings.group.family(), settings.port) != 0) {
    Error error = last_error("UDP port " + std::to_string(settings.port));
    if (errno == EADDRINUSE) {
      error.code = Errc::busy;
      error.fix = "another fence_virtd or duet-virtd runs here? ss -ulpn shows who has the port";
    }
    return tl::unexpected{std::move(error)};
  }
  return MulticastListener{std::move(settings), std::move(fd)};
}

/// 0, or errno.
int MulticastListener::change(bool join, int index) const {
  const ByteView group = settings_.group.bytes();
  int result = 0;
  if (settings_.group.family() == Family::ipv4) {
    ip_mreqn request{};
    std::memcpy(&request.imr_multiaddr, group.data(), group.size());
    request.imr_ifindex = index;
    result = setsockopt(fd_.get(), IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request, sizeof request);
  } else {
    ipv6_mreq request{};
    std::memcpy(&request.ipv6mr_multiaddr, group.data(), group.size());
    request.ipv6mr_interface = static_cast<unsigned>(index);
    result = setsockopt(fd_.get(), IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request, sizeof request);
  }
  return result == 0 ? 0 : errno;
}

Result<std::vector<std::string>> MulticastListener::refresh() {
  // Memberships of interfaces that are gone vanished with them; leaving those fails, which is right.
  for (const int index : joined_) static_cast<void>(change(false, index));
  joined_.clear();
  std::vector<int> wanted;
  if (!settings_.interface.empty()) {
    only_ = static_cast<int>(if_nametoindex(settings_.interface.c_str()));
    if (only_ != 0) wanted.push_back(only_);
  } else if (change(true, 0) == 0) {
    joined_.insert(0);
  } else {
    wanted = multicast_interfaces();
  }
  int trouble = 0;
  for (const int index : wanted) {
    const int error = change(true, index);
    if (error == 0 || error == EADDRINUSE) joined_.insert(index);
    if (error != 0 && error != EADDRINUSE && error != ENODEV && error != EADDRNOTAVAIL) trouble = error;
  }
  if (joined_.empty() && trouble != 0) {
    return fail(Errc::backend, "joining " + settings_.group.to_string(), std::strerror(trouble));
  }
  std::vector<std::string> names;
  for (const int index : joined_) names.push_back(name_of(index));
  return names;
}

std::size_t MulticastListener::receive(std::size_t most, std::size_t size,
                                       const std::function<void(const MulticastDatagram&)>& take) {
  std::size_t count = 0;
  buffer_.resize(size + 1);
  while (count < most) {
    // Cleared for each: what an earlier one left must not complete a short one (X2).
    std::fill(buffer_.begin(), buffer_.end(), std::uint8_t{0});
    sockaddr_storage from{};
    alignas(cmsghdr) std::array<std::uint8_t, 256> control{};
    iovec part{buffer_.data(), buffer_.size()};
    msghdr header{};
    header.msg_name = &from;
    header.msg_namelen = sizeof from;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t got = recvmsg(fd_.get(), &header, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return count;
    ++count;
    // Everything else concerns one datagram (or an ICMP error for an answer that we never send).
    if (got < 0 || (from.ss_family != AF_INET && from.ss_family != AF_INET6)) continue;
    MulticastDatagram datagram{ByteView{buffer_}.first(static_cast<std::size_t>(got)), sender_of(from),
                               interface_of(header), false};
    datagram.from_here = datagram.interface == loopback_index;
    if (!settings_.interface.empty() && !datagram.from_here && static_cast<int>(datagram.interface) != only_) {
      ++elsewhere_;
      continue;
    }
    take(datagram);
  }
  return count;
}

}  // namespace duet::net
