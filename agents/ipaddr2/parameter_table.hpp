// SPDX-License-Identifier: Apache-2.0
// All parameters of the agent in one table: meta-data and the check of unknown switches come from it. Names, types and
// defaults are those of ocf:heartbeat:IPaddr2 4.12, so that a configuration fits both; duplicate_check is ours.
#pragma once

#include <array>
#include <string_view>

namespace duet::ipaddr2 {

struct ParameterInfo {
  std::string_view name;
  std::string_view type;      ///< content type of the meta-data: string, boolean, integer
  std::string_view fallback;  ///< default, as text; empty: none
  std::string_view brief;
  std::string_view text;
};

inline constexpr std::array<ParameterInfo, 24> parameter_table{{
    {"ip", "string", "", "IPv4 or IPv6 address",
     "The address that this resource brings up, without prefix length: IPv4 as a dotted quad, for example 192.0.2.10, "
     "or IPv6, for example 2001:db8::10."},
    {"nic", "string", "", "Network interface",
     "Interface on which the address is brought up, for example eth0. If it is not set, the interface that has an "
     "address in the same network is taken; the longest prefix wins. An interface that carries no other address is "
     "set up if it is down."},
    {"cidr_netmask", "string", "", "Prefix length or netmask",
     "Length of the network prefix, for example 24, for IPv4 also as a mask such as 255.255.255.0. If it is not set, "
     "it is taken from the address of the interface that is in the same network."},
    {"broadcast", "string", "", "Broadcast address",
     "Broadcast address, IPv4 only. '+' sets, '-' clears all host bits of the address; not set is the same as '+'. "
     "Prefixes of 31 and 32 bits have none."},
    {"iflabel", "string", "", "Label of the address",
     "Text that is shown behind the interface name and a colon as the label of the address, IPv4 only. Interface "
     "name, colon and label have at most 15 characters."},
    {"lvs_support", "boolean", "false", "Not supported, must be false",
     "Keeping the address on the loopback interface while stopped (direct routing of LVS) is not offered by this "
     "agent."},
    {"lvs_ipv6_addrlabel", "boolean", "false", "Not supported, must be false",
     "Entries in the IPv6 address label table are not offered by this agent."},
    {"lvs_ipv6_addrlabel_value", "integer", "99", "Without effect", "Belongs to lvs_ipv6_addrlabel."},
    {"mac", "string", "", "Not supported, must not be set",
     "MAC address of a cluster IP that several nodes share; not offered by this agent."},
    {"clusterip_hash", "string", "sourceip-sourceport", "Not supported, keep the default",
     "Distribution of a cluster IP that several nodes share; not offered by this agent."},
    {"unique_clone_address", "boolean", "false", "Not supported, must be false",
     "Addresses counted up for clone instances are not offered by this agent."},
    {"arp_interval", "integer", "200", "Time between announcements in ms",
     "Milliseconds between the first announcements after a start."},
    {"arp_count", "integer", "5", "Number of first announcements",
     "How many times the address is announced at arp_interval after a start; the first time before the start is "
     "done. With arp_bg further announcements follow up to 30 seconds after the start, in case that a switch was not "
     "ready to forward the first ones."},
    {"arp_count_refresh", "integer", "0", "Number of announcements with each monitor",
     "How many times the address is announced during a monitor action; 0 is none."},
    {"arp_bg", "boolean", "true", "Announce from the background",
     "Whether all announcements but the first are sent from the background after the start has been reported done. "
     "The background process ends when the address is removed."},
    {"arp_sender", "string", "", "Without effect",
     "Name of the program that sends announcements. This agent sends them itself; the names that the other agent "
     "knows are accepted."},
    {"send_arp_opts", "string", "", "Without effect",
     "Options for arp_sender. This agent always sends a request and a reply."},
    {"flush_routes", "boolean", "false", "Flush the routing cache on stop",
     "Whether the kernel's IPv4 routing cache is flushed after the address was removed."},
    {"run_arping", "boolean", "false", "Check for a duplicate address",
     "The same as duplicate_check=true; exists for configurations of the other agent."},
    {"duplicate_check", "boolean", "true", "Refuse a start if another host has the address",
     "Before the address is added, the network is asked for another host that has it. If nobody answers within 150 "
     "ms, the start goes on. If a host answers for 3 seconds, the start fails and names its MAC address."},
    {"nodad", "boolean", "false", "No IPv6 duplicate detection by the kernel",
     "Whether an IPv6 address is usable at once. The kernel's own detection takes more than a second; it is also left "
     "out when duplicate_check has asked the network already."},
    {"noprefixroute", "boolean", "false", "Add no route for the prefix",
     "Whether the kernel shall add no route to the network of the address."},
    {"preferred_lft", "string", "forever", "Preferred lifetime of an IPv6 address",
     "Seconds during which the IPv6 address is used as the source of new connections, or 'forever'. With 0 the "
     "address is never chosen as a source (RFC 4862 5.5.4)."},
    {"network_namespace", "string", "", "Network namespace",
     "Name of a network namespace as made by 'ip netns add', in which the address lives."},
}};

}  // namespace duet::ipaddr2
