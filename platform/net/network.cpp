// SPDX-License-Identifier: Apache-2.0
// rtnetlink(7): RTM_*LINK and RTM_*ADDR as values of ours, and the choice of an interface.
#include "platform/net/network.hpp"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace duet::net {

namespace {

template <class T>
ByteView view_of(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

template <class T>
std::optional<T> read_body(ByteView payload) {
  if (payload.size() < sizeof(T)) return std::nullopt;
  T body{};
  std::memcpy(&body, payload.data(), sizeof body);
  return body;
}

template <class T>
ByteView behind(ByteView payload) {
  const std::size_t size = (sizeof(T) + 3U) & ~std::size_t{3};
  return payload.subspan(std::min(size, payload.size()));
}

std::string text_of(ByteView value) {
  const auto end = std::find(value.begin(), value.end(), std::uint8_t{0});
  return std::string{value.begin(), end};
}

void read_link_attribute(const NetlinkAttribute& attribute, Link& link) {
  if (attribute.type == IFLA_IFNAME) link.name = text_of(attribute.value);
  if (attribute.type == IFLA_ADDRESS && attribute.value.size() == link.mac.size() && link.ethernet) {
    std::copy(attribute.value.begin(), attribute.value.end(), link.mac.begin());
  }
}

struct AddressParts {
  std::optional<IpAddress> local;
  std::optional<IpAddress> address;
  std::uint32_t flags = 0;
};

void read_address_attribute(const NetlinkAttribute& attribute, AddressParts& parts) {
  if (attribute.type == IFA_LOCAL) parts.local = IpAddress::from_bytes(attribute.value);
  if (attribute.type == IFA_ADDRESS) parts.address = IpAddress::from_bytes(attribute.value);
  if (attribute.type == IFA_FLAGS) parts.flags = read_body<std::uint32_t>(attribute.value).value_or(parts.flags);
}

}  // namespace

std::string to_string(const MacAddress& mac) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : mac) {
    if (!text.empty()) text += ':';
    text += digits[byte >> 4];
    text += digits[byte & 0xF];
  }
  return text;
}

const Link* Network::find_link(int index) const {
  const auto at = std::find_if(links.begin(), links.end(), [index](const Link& link) { return link.index == index; });
  return at == links.end() ? nullptr : &*at;
}

const Link* Network::find_link(std::string_view name) const {
  const auto at = std::find_if(links.begin(), links.end(), [name](const Link& link) { return link.name == name; });
  return at == links.end() ? nullptr : &*at;
}

std::optional<Link> parse_link(ByteView payload) {
  const auto body = read_body<ifinfomsg>(payload);
  // Bridges announce the state of their ports with AF_BRIDGE under the same message type.
  if (!body || body->ifi_family != AF_UNSPEC || body->ifi_index <= 0) return std::nullopt;
  Link link;
  link.index = body->ifi_index;
  link.up = (body->ifi_flags & IFF_UP) != 0;
  link.carrier = link.up && (body->ifi_flags & IFF_LOWER_UP) != 0;
  link.loopback = (body->ifi_flags & IFF_LOOPBACK) != 0;
  link.ethernet = body->ifi_type == ARPHRD_ETHER;
  link.resolves = (body->ifi_flags & IFF_NOARP) == 0;
  const auto attributes = split_attributes(behind<ifinfomsg>(payload));
  if (!attributes) return std::nullopt;
  for (const NetlinkAttribute& attribute : *attributes) read_link_attribute(attribute, link);
  if (link.name.empty()) return std::nullopt;
  return link;
}

std::optional<Address> parse_address(ByteView payload) {
  const auto body = read_body<ifaddrmsg>(payload);
  if (!body || (body->ifa_family != AF_INET && body->ifa_family != AF_INET6)) return std::nullopt;
  const auto attributes = split_attributes(behind<ifaddrmsg>(payload));
  if (!attributes) return std::nullopt;
  AddressParts parts;
  parts.flags = body->ifa_flags;
  for (const NetlinkAttribute& attribute : *attributes) read_address_attribute(attribute, parts);
  Address result;
  result.link_index = static_cast<int>(body->ifa_index);
  // With a peer (point to point) IFA_ADDRESS is the peer's; IFA_LOCAL is always our own.
  result.address = parts.local ? parts.local : parts.address;
  result.prefix = body->ifa_prefixlen;
  if (!result.address || result.prefix > result.address->max_prefix()) return std::nullopt;
  if ((result.address->family() == Family::ipv4) != (body->ifa_family == AF_INET)) return std::nullopt;
  const bool v6 = body->ifa_family == AF_INET6;
  result.secondary = !v6 && (parts.flags & IFA_F_SECONDARY) != 0;
  result.tentative = v6 && (parts.flags & IFA_F_TENTATIVE) != 0;
  result.duplicate = v6 && (parts.flags & IFA_F_DADFAILED) != 0;
  return result;
}

Result<std::vector<Link>> read_links(NetlinkSocket& netlink) {
  std::vector<Link> links;
  const ifinfomsg body{};
  NetlinkMessage request{RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, view_of(body)};
  // Without the counters an entry is a third as long.
  request.attribute(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  const auto done = netlink.dump(
      request, "list interfaces", [&] { links.clear(); },
      [&](const NetlinkView& view) {
        if (view.type != RTM_NEWLINK) return;
        if (auto link = parse_link(view.payload)) links.push_back(std::move(*link));
      });
  if (!done) return tl::unexpected{done.error()};
  return links;
}

Result<Network> read_network(NetlinkSocket& netlink) {
  Network network;
  auto links = read_links(netlink);
  if (!links) return tl::unexpected{links.error()};
  network.links = std::move(*links);
  const ifaddrmsg body{};
  NetlinkMessage request{RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, view_of(body)};
  const auto done = netlink.dump(
      request, "list addresses", [&] { network.addresses.clear(); },
      [&](const NetlinkView& view) {
        if (view.type != RTM_NEWADDR) return;
        if (auto address = parse_address(view.payload)) network.addresses.push_back(*address);
      });
  if (!done) return tl::unexpected{done.error()};
  return network;
}

Result<Network> read_network() {
  auto netlink = NetlinkSocket::open();
  if (!netlink) return tl::unexpected{netlink.error()};
  return read_network(*netlink);
}

Result<void> add_address(NetlinkSocket& netlink, const NewAddress& address) {
  const bool v4 = address.address.family() == Family::ipv4;
  ifaddrmsg body{};
  body.ifa_family = v4 ? AF_INET : AF_INET6;
  body.ifa_prefixlen = static_cast<std::uint8_t>(address.prefix);
  body.ifa_index = static_cast<unsigned>(address.link_index);
  NetlinkMessage request{RTM_NEWADDR, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, view_of(body)};
  request.attribute(IFA_LOCAL, address.address.bytes());
  request.attribute(IFA_ADDRESS, address.address.bytes());
  std::uint32_t flags = address.no_prefix_route ? IFA_F_NOPREFIXROUTE : 0U;
  if (v4) {
    if (address.broadcast) request.attribute(IFA_BROADCAST, address.broadcast->bytes());
    if (!address.label.empty()) request.attribute(IFA_LABEL, address.label);
  } else {
    if (address.no_duplicate_detection) flags |= IFA_F_NODAD;
    if (address.preferred_lifetime_s) {
      ifa_cacheinfo lifetime{};
      lifetime.ifa_prefered = *address.preferred_lifetime_s;
      lifetime.ifa_valid = UINT32_MAX;
      request.attribute(IFA_CACHEINFO, view_of(lifetime));
    }
  }
  if (flags != 0) request.attribute(IFA_FLAGS, flags);
  return netlink.execute(request, "add address " + address.address.to_string());
}

Result<void> remove_address(NetlinkSocket& netlink, const Address& address) {
  ifaddrmsg body{};
  body.ifa_family = address.address->family() == Family::ipv4 ? AF_INET : AF_INET6;
  body.ifa_prefixlen = static_cast<std::uint8_t>(address.prefix);
  body.ifa_index = static_cast<unsigned>(address.link_index);
  NetlinkMessage request{RTM_DELADDR, NLM_F_REQUEST | NLM_F_ACK, view_of(body)};
  request.attribute(IFA_LOCAL, address.address->bytes());
  return netlink.execute(request, "remove address " + address.address->to_string());
}

Result<void> set_link_up(NetlinkSocket& netlink, int link_index) {
  ifinfomsg body{};
  body.ifi_index = link_index;
  body.ifi_flags = IFF_UP;
  body.ifi_change = IFF_UP;
  NetlinkMessage request{RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, view_of(body)};
  return netlink.execute(request, "set interface up");
}

std::optional<Connection> find_connection(const Network& network, const IpAddress& address, const Link* only) {
  std::optional<Connection> best;
  for (const Address& entry : network.addresses) {
    if (*entry.address == address || !entry.address->same_network(address, entry.prefix)) continue;
    const Link* link = network.find_link(entry.link_index);
    if (link == nullptr) continue;
    if (only != nullptr ? link->index != only->index : !link->up || link->loopback) continue;
    const bool better =
        !best || entry.prefix > best->prefix || (entry.prefix == best->prefix && link->index < best->link->index);
    if (better) best = Connection{link, entry.prefix};
  }
  return best;
}

}  // namespace duet::net
