// SPDX-License-Identifier: Apache-2.0
// The agent's parameters, read from the environment and checked. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/agentapi/ocf_agent.hpp"
#include "core/base/time.hpp"
#include "platform/net/ip_address.hpp"

namespace duet::ipaddr2 {

/// Which address, and where it counts as ours. All that stop needs: a stop must work with the rest misconfigured.
struct Target {
  net::IpAddress ip;
  std::string nic;                ///< empty: any interface but loopback
  std::string network_namespace;  ///< empty: the one that the agent was started in
};

struct Broadcast {
  enum class Kind : std::uint8_t { host_bits_set, host_bits_cleared, given };
  Kind kind = Kind::host_bits_set;
  std::optional<net::IpAddress> address = std::nullopt;  ///< of Kind::given
};

struct Parameters {
  Target target;
  std::optional<unsigned> prefix = std::nullopt;  ///< nothing: from the connected network
  std::string label = {};                         ///< without interface name; empty: none
  Broadcast broadcast = {};
  unsigned arp_count = 0;  ///< >= 1
  unsigned arp_count_refresh = 0;
  Duration arp_interval{};
  bool background = false;
  bool duplicate_check = false;
  bool nodad = false;
  bool noprefixroute = false;
  bool flush_routes = false;
  std::optional<std::uint32_t> preferred_lifetime_s = std::nullopt;  ///< nothing: for ever
};

/// Only ip, nic and network_namespace. Failure: OcfExit::configured.
[[nodiscard]] OcfResult<Target> parse_target(const OcfEnvironment& environment);

/// Everything. Failure: OcfExit::configured; also for what this agent does not offer (LVS, cluster IP, clones), since
/// doing less than what was asked for would be noticed only in the fail-over.
[[nodiscard]] OcfResult<Parameters> parse_parameters(const OcfEnvironment& environment);

/// What to give to the kernel; nothing for IPv6 and where the prefix leaves no room for one.
[[nodiscard]] std::optional<net::IpAddress> broadcast_address(const Parameters& parameters, unsigned prefix);

}  // namespace duet::ipaddr2
