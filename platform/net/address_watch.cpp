// SPDX-License-Identifier: Apache-2.0
// Subscription to the link and address groups of rtnetlink, with the names and states of the links remembered so that
// only changes are told.
#include "platform/net/address_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "core/base/invariant.hpp"

namespace duet::net {

namespace {

/// Enough for about 2,000 events between two turns of the loop; more than that is an overflow, which is handled.
constexpr int receive_buffer = 1024 * 1024;

Result<UniqueFd> open_socket() {
  UniqueFd fd{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)};
  if (fd.get() < 0) return fail(Errc::backend, "netlink: socket", std::strerror(errno));
  // Without CAP_NET_ADMIN only the smaller SO_RCVBUF is allowed; neither is needed for correctness.
  if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) != 0) {
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_nl local{};
  local.nl_family = AF_NETLINK;
  local.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
    return fail(Errc::backend, "netlink: bind", std::strerror(errno));
  }
  return fd;
}

}  // namespace

std::string_view to_string(NetEvent::Kind kind) {
  switch (kind) {
    case NetEvent::Kind::address_added:
      return "address-added";
    case NetEvent::Kind::address_removed:
      return "address-removed";
    case NetEvent::Kind::link_up:
      return "link-up";
    case NetEvent::Kind::link_down:
      return "link-down";
    case NetEvent::Kind::overflow:
      return "overflow";
  }
  invariant_failed("NetEvent::Kind out of range", __FILE__, __LINE__);
}

Result<std::unique_ptr<AddressWatch>> AddressWatch::open() {
  auto fd = open_socket();
  if (!fd) return tl::unexpected{fd.error()};
  std::unique_ptr<AddressWatch> watch{new AddressWatch{std::move(*fd)}};
  std::vector<NetEvent> before;
  if (auto read = watch->reread_links(before); !read) return tl::unexpected{read.error()};
  return watch;
}

Result<std::vector<NetEvent>> AddressWatch::read_events() {
  std::vector<NetEvent> events;
  bool lost = false;
  while (true) {
    const auto received = recv_datagram(fd_.get(), buffer_);
    if (!received) return tl::unexpected{received.error()};
    if (*received == Received::nothing) break;
    if (*received == Received::overflow) lost = true;
    if (*received == Received::datagram) take_datagram(events, lost);
  }
  if (!lost) return events;
  // What was read around the gap is covered by the user's reading of everything.
  events.assign(1, NetEvent{NetEvent::Kind::overflow, 0, {}});
  if (auto read = reread_links(events); !read) return tl::unexpected{read.error()};
  return events;
}

void AddressWatch::take_datagram(std::vector<NetEvent>& events, bool& damaged) {
  const auto messages = split_messages(buffer_);
  if (!messages) {
    damaged = true;
    return;
  }
  for (const NetlinkView& view : *messages) {
    if (view.type == RTM_NEWLINK || view.type == RTM_DELLINK) {
      if (const auto link = parse_link(view.payload)) take_link(*link, view.type == RTM_DELLINK, events);
    }
    if (view.type == RTM_NEWADDR || view.type == RTM_DELADDR) {
      if (const auto address = parse_address(view.payload)) {
        take_address(*address, view.type == RTM_DELADDR, events);
      }
    }
  }
}

void AddressWatch::take_link(const Link& link, bool deleted, std::vector<NetEvent>& events) {
  const bool usable = link.usable() && !deleted;
  const bool was_usable = links_.contains(link.index) && links_[link.index].usable;
  if (deleted) {
    links_.erase(link.index);
  } else {
    links_[link.index] = Known{link.name, usable};
  }
  if (usable == was_usable) return;
  events.push_back({usable ? NetEvent::Kind::link_up : NetEvent::Kind::link_down, link.index, link.name});
}

void AddressWatch::take_address(const Address& address, bool removed, std::vector<NetEvent>& events) {
  const auto known = links_.find(address.link_index);
  const bool gone = removed || address.duplicate;
  events.push_back({gone ? NetEvent::Kind::address_removed : NetEvent::Kind::address_added, address.link_index,
                    known == links_.end() ? std::string{} : known->second.name, address.address, address.prefix});
}

Result<void> AddressWatch::reread_links(std::vector<NetEvent>& events) {
  auto netlink = NetlinkSocket::open();
  if (!netlink) return tl::unexpected{netlink.error()};
  const auto links = read_links(*netlink);
  if (!links) return tl::unexpected{links.error()};
  std::map<int, Known> vanished = links_;
  for (const Link& link : *links) {
    vanished.erase(link.index);
    take_link(link, false, events);
  }
  for (const auto& [index, known] : vanished) {
    links_.erase(index);
    if (known.usable) events.push_back({NetEvent::Kind::link_down, index, known.name});
  }
  return {};
}

}  // namespace duet::net
