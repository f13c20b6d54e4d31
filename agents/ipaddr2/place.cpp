// SPDX-License-Identifier: Apache-2.0
// Searches in the lists of links and addresses.
#include "agents/ipaddr2/place.hpp"

#include <algorithm>

namespace duet::ipaddr2 {

namespace {

constexpr std::size_t label_length = 15;  // IFNAMSIZ without the terminating zero

OcfResult<unsigned> choose_prefix(const net::Network& network, const Parameters& parameters, const net::Link& link) {
  if (parameters.prefix) return *parameters.prefix;
  if (const auto connection = net::find_connection(network, parameters.target.ip, &link)) return connection->prefix;
  return ocf_fail(OcfExit::installed, link.name + " has no address in the network of " +
                                          parameters.target.ip.to_string() + ", set cidr_netmask");
}

}  // namespace

std::vector<Holding> find_holdings(const net::Network& network, const Target& target) {
  std::vector<Holding> holdings;
  for (const net::Address& entry : network.addresses) {
    if (entry.address != target.ip) continue;
    const net::Link* link = network.find_link(entry.link_index);
    if (link == nullptr) continue;
    if (target.nic.empty() ? !link->loopback : link->name == target.nic) holdings.push_back({&entry, link});
  }
  return holdings;
}

OcfResult<Place> choose_place(const net::Network& network, const Parameters& parameters) {
  const Target& target = parameters.target;
  const net::Link* link = nullptr;
  if (target.nic.empty()) {
    const auto connection = net::find_connection(network, target.ip);
    if (!connection) {
      return ocf_fail(OcfExit::installed, "no interface of this node has an address in the network of " +
                                              target.ip.to_string() + ", set nic and cidr_netmask");
    }
    link = connection->link;
  } else {
    link = network.find_link(std::string_view{target.nic});
    if (link == nullptr) return ocf_fail(OcfExit::installed, "this node has no interface " + target.nic);
  }
  const auto prefix = choose_prefix(network, parameters, *link);
  if (!prefix) return tl::unexpected{prefix.error()};
  Place place{link, *prefix, {}};
  if (!parameters.label.empty() && target.ip.family() == net::Family::ipv4) {
    place.label = link->name + ":" + parameters.label;
    if (place.label.size() > label_length) {
      return ocf_fail(OcfExit::args,
                      "label " + place.label + " is longer than 15 characters, choose a shorter iflabel");
    }
  }
  return place;
}

OcfResult<void> check_link(const net::Link& link) {
  if (!link.up) return ocf_fail(OcfExit::generic, "interface " + link.name + " is down");
  if (!link.carrier) return ocf_fail(OcfExit::generic, "interface " + link.name + " has no carrier");
  return {};
}

OcfResult<void> check_reachable(const Holding& holding) {
  if (holding.address->duplicate) {
    return ocf_fail(OcfExit::generic, holding.address->address->to_string() + " is in use by another host on " +
                                          holding.link->name + " (duplicate detection of the kernel)");
  }
  return check_link(*holding.link);
}

bool is_dedicated(const net::Network& network, const net::Link& link, const Target& target) {
  return std::none_of(network.addresses.begin(), network.addresses.end(), [&](const net::Address& entry) {
    return entry.link_index == link.index && entry.address != target.ip && !entry.address->is_link_local();
  });
}

}  // namespace duet::ipaddr2
