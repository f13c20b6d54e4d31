// SPDX-License-Identifier: Apache-2.0
// Interfaces and addresses of this network namespace: read, add, remove, choose. Through rtnetlink.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "platform/net/ip_address.hpp"
#include "platform/net/netlink.hpp"

namespace duet::net {

using MacAddress = std::array<std::uint8_t, 6>;

/// "52:54:00:ab:cd:ef".
[[nodiscard]] std::string to_string(const MacAddress& mac);

struct Link {
  int index = 0;  ///< > 0, unique in the namespace until the link is deleted
  std::string name;
  bool up = false;       ///< administratively (IFF_UP)
  bool carrier = false;  ///< the lower layer works (IFF_LOWER_UP); false while `up` is false
  bool loopback = false;
  bool ethernet = false;  ///< ARPHRD_ETHER: announcements and probes are possible
  bool resolves = false;  ///< uses ARP or neighbour discovery (no IFF_NOARP)
  MacAddress mac{};       ///< zero if not `ethernet`
  [[nodiscard]] bool usable() const { return up && carrier; }
};

struct Address {
  int link_index = 0;
  std::optional<IpAddress> address = std::nullopt;  ///< always set in what this folder returns
  unsigned prefix = 0;
  bool secondary = false;  ///< IPv4: goes with its primary unless promote_secondaries is set
  bool tentative = false;  ///< IPv6: the kernel's duplicate detection is running
  bool duplicate = false;  ///< IPv6: the kernel's duplicate detection failed, the address is not usable
};

struct Network {
  std::vector<Link> links;
  std::vector<Address> addresses;
  [[nodiscard]] const Link* find_link(int index) const;
  [[nodiscard]] const Link* find_link(std::string_view name) const;
};

/// Pure: content of RTM_NEWLINK/DELLINK and RTM_NEWADDR/DELADDR. Nothing for what is malformed or of another family.
[[nodiscard]] std::optional<Link> parse_link(ByteView payload);
[[nodiscard]] std::optional<Address> parse_address(ByteView payload);

/// Links first, then addresses, so that an address of a link that was made in between may lack its link. Takes about
/// 0.1 ms on a normal machine.
[[nodiscard]] Result<Network> read_network(NetlinkSocket& netlink);
[[nodiscard]] Result<Network> read_network();
/// As above, without the addresses.
[[nodiscard]] Result<std::vector<Link>> read_links(NetlinkSocket& netlink);

struct NewAddress {
  int link_index = 0;
  IpAddress address;
  unsigned prefix = 0;
  std::optional<IpAddress> broadcast = std::nullopt;  ///< IPv4 only
  std::string label = {};               ///< IPv4 only: whole label, e.g. "eth0:web", at most 15 bytes; empty: none
  bool no_prefix_route = false;         ///< add no route for the network of the prefix
  bool no_duplicate_detection = false;  ///< IPv6 only: usable at once
  std::optional<std::uint32_t> preferred_lifetime_s = std::nullopt;  ///< nothing: for ever. IPv6 only
};

/// Errors: exists (this address is there), not_found (no such link), not_permitted.
[[nodiscard]] Result<void> add_address(NetlinkSocket& netlink, const NewAddress& address);

/// Error: not_found if the address or the link is not there.
[[nodiscard]] Result<void> remove_address(NetlinkSocket& netlink, const Address& address);

/// `ip link set NAME up`.
[[nodiscard]] Result<void> set_link_up(NetlinkSocket& netlink, int link_index);

struct Connection {
  const Link* link = nullptr;  ///< into the Network that was given
  unsigned prefix = 0;
};

/// The interface to which `address` is connected: the one with the longest prefix that contains it, among all
/// interfaces that are up and not loopback, or on `only` if given, in any state. Between equal prefixes the lowest
/// interface index wins. Entries of the address itself do not count. Pure.
[[nodiscard]] std::optional<Connection> find_connection(const Network& network, const IpAddress& address,
                                                        const Link* only = nullptr);

}  // namespace duet::net
