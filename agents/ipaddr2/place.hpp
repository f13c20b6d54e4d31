// SPDX-License-Identifier: Apache-2.0
// Where the address is, and where it should be: pure functions over what the kernel says.
#pragma once

#include <string>
#include <vector>

#include "agents/ipaddr2/parameters.hpp"
#include "platform/net/network.hpp"

namespace duet::ipaddr2 {

/// One entry of the target's address on an interface that counts. Pointers into the Network.
struct Holding {
  const net::Address* address = nullptr;
  const net::Link* link = nullptr;
};

/// On the target's nic; without one on every interface but loopback, where an address says nothing about its network.
[[nodiscard]] std::vector<Holding> find_holdings(const net::Network& network, const Target& target);

struct Place {
  const net::Link* link = nullptr;
  unsigned prefix = 0;
  std::string label;  ///< whole label, or empty
};

/// Where start adds the address. Failures: installed (this node has no interface that fits), args (the label is too
/// long for the interface that was found).
[[nodiscard]] OcfResult<Place> choose_place(const net::Network& network, const Parameters& parameters);

/// Failure generic with the reason if nobody can reach the address: link down, no carrier, or refused by the kernel's
/// own duplicate detection.
[[nodiscard]] OcfResult<void> check_reachable(const Holding& holding);
[[nodiscard]] OcfResult<void> check_link(const net::Link& link);

/// True if the interface carries no address but the target's and link-local ones: it exists for the target, and the
/// agent may set it up without touching anybody else's network.
[[nodiscard]] bool is_dedicated(const net::Network& network, const net::Link& link, const Target& target);

}  // namespace duet::ipaddr2
