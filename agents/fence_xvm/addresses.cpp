// SPDX-License-Identifier: Apache-2.0
// Addresses of the machine, and one datagram out of the interface that owns one of them.
#include "agents/fence_xvm/addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>

#include <cerrno>
#include <memory>

#include "agents/fence_xvm/socket_address.hpp"
#include "core/base/concat.hpp"
#include "core/xvm/request.hpp"

namespace duet::xvm {

namespace {

tl::unexpected<Error> failed(const char* call, const LocalAddress& from) {
  return fail(Errc::backend,
              concat(from.interface, " ", to_text(from.address), ": ", call, ": ", std::strerror(errno)));
}

template <class Option>
bool set_option(const Fd& socket, int level, int name, const Option& value) {
  return ::setsockopt(socket.get(), level, name, &value, sizeof value) == 0;
}

/// Out of the interface of the address, two hops at most, whatever the routes say. Nothing is joined: a sender need
/// not.
bool direct(const Fd& socket, const LocalAddress& from) {
  if (from.address.family == Family::ipv4) {
    ip_mreqn interface {};
    std::memcpy(&interface.imr_address, from.address.bytes.data(), sizeof interface.imr_address);
    interface.imr_ifindex = static_cast<int>(from.index);
    return set_option(socket, IPPROTO_IP, IP_MULTICAST_IF, interface) &&
           set_option(socket, IPPROTO_IP, IP_MULTICAST_TTL, multicast_hops);
  }
  return set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(from.index)) &&
         set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, multicast_hops);
}

/// A unicast host that does not listen says so by ICMP, which comes back as an error of the socket.
Result<void> wait_for_refusal(const Fd& socket, const Address& host, std::uint16_t port) {
  ::usleep(2'000);  // of a host on the same bridge it takes less than 0.1 ms
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error == ECONNREFUSED) {
    return fail(Errc::not_running, concat(to_text(host), " answers, but nothing listens on its UDP port ", port));
  }
  return {};
}

}  // namespace

Result<std::vector<LocalAddress>> local_addresses(Family family) {
  ifaddrs* head = nullptr;
  if (::getifaddrs(&head) != 0) {
    return fail(Errc::backend, concat("addresses of this machine: ", std::strerror(errno)));
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{head, &::freeifaddrs};
  std::vector<LocalAddress> out;
  for (const ifaddrs* entry = head; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != static_cast<sa_family_t>(family)) continue;
    SocketAddress address;
    address.length = family == Family::ipv4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    std::memcpy(&address.storage, entry->ifa_addr, address.length);
    out.push_back({.address = address_of(address),
                   .interface = entry->ifa_name,
                   .index = ::if_nametoindex(entry->ifa_name),
                   .up = (entry->ifa_flags & IFF_UP) != 0,
                   .multicast = (entry->ifa_flags & IFF_MULTICAST) != 0});
  }
  return out;
}

std::vector<LocalAddress> usable_addresses(const std::vector<LocalAddress>& all) {
  std::vector<LocalAddress> good;
  std::vector<LocalAddress> last_resort;
  for (const LocalAddress& local : all) {
    const bool loopback = is_loopback(local.address);
    if (!local.up || is_unspecified(local.address) || (!local.multicast && !loopback)) continue;
    const bool poor = local.address.family == Family::ipv6 && (loopback || is_link_local(local.address));
    (poor ? last_resort : good).push_back(local);
  }
  return good.empty() ? last_resort : good;
}

Result<void> send_datagram(const LocalAddress& from, const Address& group, std::uint16_t port, ByteView datagram) {
  const int family = static_cast<int>(from.address.family);
  const Fd socket{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return failed("socket", from);
  const SocketAddress source = socket_address(from.address, 0, from.index);
  if (::bind(socket.get(), source.get(), source.length) != 0) return failed("bind", from);
  const bool multicast = is_multicast(group);
  if (multicast && !direct(socket, from)) return failed("multicast interface", from);
  const SocketAddress target = socket_address(group, port, from.index);
  if (!multicast && ::connect(socket.get(), target.get(), target.length) != 0) return failed("connect", from);
  const ssize_t sent = ::sendto(socket.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
                                multicast ? target.get() : nullptr, multicast ? target.length : 0);
  if (sent != static_cast<ssize_t>(datagram.size())) return failed("send", from);
  return multicast ? Result<void>{} : wait_for_refusal(socket, group, port);
}

}  // namespace duet::xvm
