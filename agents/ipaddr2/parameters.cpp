// SPDX-License-Identifier: Apache-2.0
// One function for each group of parameters; the first thing that is wrong is reported.
#include "agents/ipaddr2/parameters.hpp"

#include <algorithm>
#include <array>

#include "agents/ipaddr2/parameter_table.hpp"

namespace duet::ipaddr2 {

namespace {

/// IFNAMSIZ without the terminating zero: interface names and address labels.
constexpr std::size_t name_length = 15;
constexpr unsigned arp_count_max = 1000;
constexpr unsigned arp_interval_max_ms = 60'000;

tl::unexpected<OcfFailure> wrong(std::string_view name, std::string_view value, std::string_view allowed) {
  return ocf_fail(OcfExit::configured, "parameter " + std::string{name} + ": '" + std::string{value} +
                                           "' is not valid, allowed: " + std::string{allowed});
}

tl::unexpected<OcfFailure> not_offered(std::string_view name, std::string_view value) {
  return ocf_fail(OcfExit::configured, "parameter " + std::string{name} + "=" + std::string{value} +
                                           " is not supported by this agent: it keeps one address on one node");
}

std::string_view text_of(const OcfEnvironment& environment, std::string_view name) {
  if (const auto value = environment.parameter(name)) return *value;
  const auto info = std::find_if(parameter_table.begin(), parameter_table.end(),
                                 [name](const ParameterInfo& entry) { return entry.name == name; });
  return info == parameter_table.end() ? std::string_view{} : info->fallback;
}

OcfResult<bool> boolean_of(const OcfEnvironment& environment, std::string_view name) {
  const std::string_view text = text_of(environment, name);
  const auto value = parse_ocf_boolean(text);
  if (!value) return wrong(name, text, "true, false");
  return *value;
}

struct Range {
  unsigned min = 0;
  unsigned max = 0;
};

OcfResult<unsigned> number_of(const OcfEnvironment& environment, std::string_view name, Range range) {
  const std::string_view text = text_of(environment, name);
  const auto value = parse_ocf_number(text, range.max);
  if (!value || *value < range.min) {
    return wrong(name, text, std::to_string(range.min) + " to " + std::to_string(range.max));
  }
  return *value;
}

/// A text that may become part of a path or a netlink attribute.
bool is_plain_name(std::string_view text) {
  return !text.empty() && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F && c != '/' && c != ':'; });
}

/// The old spelling nic=eth0:web.
std::pair<std::string_view, std::string_view> split_nic(std::string_view nic) {
  const std::size_t colon = nic.find(':');
  if (colon == std::string_view::npos) return {nic, {}};
  return {nic.substr(0, colon), nic.substr(colon + 1)};
}

OcfResult<void> read_label(const OcfEnvironment& environment, Parameters& parameters) {
  const auto nic = split_nic(text_of(environment, "nic"));
  const std::string_view label = nic.second.empty() ? text_of(environment, "iflabel") : nic.second;
  if (label.empty()) return {};
  const std::size_t length = nic.first.size() + 1 + label.size();
  if (!is_plain_name(label) || length > name_length) {
    return wrong("iflabel", label, "letters and digits, at most 15 characters with interface name and colon");
  }
  parameters.label = label;
  return {};
}

OcfResult<void> read_prefix(const OcfEnvironment& environment, Parameters& parameters) {
  const auto text = environment.parameter("cidr_netmask");
  const auto old = environment.parameter("netmask");  // the name in old configurations
  if (!text && !old) return {};
  const auto prefix = net::parse_netmask(text ? *text : *old, parameters.target.ip.family());
  if (!prefix)
    return ocf_fail(OcfExit::configured, "parameter cidr_netmask: " + prefix.error().what + ", " + prefix.error().why);
  parameters.prefix = *prefix;
  return {};
}

OcfResult<void> read_broadcast(const OcfEnvironment& environment, Parameters& parameters) {
  const auto text = environment.parameter("broadcast");
  if (!text) return {};
  if (parameters.target.ip.family() == net::Family::ipv6) {
    return ocf_fail(OcfExit::configured, "parameter broadcast: an IPv6 address has none");
  }
  if (*text == "+") return {};
  if (*text == "-") {
    parameters.broadcast.kind = Broadcast::Kind::host_bits_cleared;
    return {};
  }
  const auto address = net::IpAddress::parse(*text);
  if (!address || address->family() != net::Family::ipv4) return wrong("broadcast", *text, "'+', '-', an IPv4 address");
  parameters.broadcast = {Broadcast::Kind::given, *address};
  return {};
}

OcfResult<void> read_announcements(const OcfEnvironment& environment, Parameters& parameters) {
  const auto count = number_of(environment, "arp_count", {1, arp_count_max});
  if (!count) return tl::unexpected{count.error()};
  const auto refresh = number_of(environment, "arp_count_refresh", {0, arp_count_max});
  if (!refresh) return tl::unexpected{refresh.error()};
  const auto interval = number_of(environment, "arp_interval", {1, arp_interval_max_ms});
  if (!interval) return tl::unexpected{interval.error()};
  parameters.arp_count = *count;
  parameters.arp_count_refresh = *refresh;
  parameters.arp_interval = std::chrono::milliseconds{*interval};
  static constexpr std::array<std::string_view, 5> senders{"", "send_arp", "ipoibarping", "iputils_arping",
                                                           "libnet_arping"};
  const std::string_view sender = text_of(environment, "arp_sender");
  if (std::find(senders.begin(), senders.end(), sender) == senders.end()) {
    return wrong("arp_sender", sender, "send_arp, ipoibarping, iputils_arping, libnet_arping");
  }
  return {};
}

OcfResult<void> read_switches(const OcfEnvironment& environment, Parameters& parameters) {
  struct Switch {
    std::string_view name;
    bool& value;
  };
  bool run_arping = false;
  for (const Switch& entry :
       {Switch{"arp_bg", parameters.background}, Switch{"nodad", parameters.nodad},
        Switch{"noprefixroute", parameters.noprefixroute}, Switch{"flush_routes", parameters.flush_routes},
        Switch{"run_arping", run_arping}, Switch{"duplicate_check", parameters.duplicate_check}}) {
    const auto value = boolean_of(environment, entry.name);
    if (!value) return tl::unexpected{value.error()};
    entry.value = *value;
  }
  parameters.duplicate_check = parameters.duplicate_check || run_arping;
  return {};
}

OcfResult<void> read_lifetime(const OcfEnvironment& environment, Parameters& parameters) {
  const std::string_view text = text_of(environment, "preferred_lft");
  if (text == "forever") return {};
  const auto seconds = parse_ocf_number(text, UINT32_MAX);
  if (!seconds) return wrong("preferred_lft", text, "forever, or seconds from 0 to 4294967295");
  parameters.preferred_lifetime_s = *seconds;
  return {};
}

OcfResult<void> refuse_what_is_not_offered(const OcfEnvironment& environment) {
  for (const std::string_view name : {"lvs_support", "lvs_ipv6_addrlabel", "unique_clone_address"}) {
    const auto value = boolean_of(environment, name);
    if (!value) return tl::unexpected{value.error()};
    if (*value) return not_offered(name, text_of(environment, name));
  }
  for (const std::string_view name : {"mac", "clusterip_hash"}) {
    const auto value = environment.parameter(name);
    if (value && *value != (name == "mac" ? "" : "sourceip-sourceport")) return not_offered(name, *value);
  }
  const auto instances = environment.parameter("CRM_meta_clone_max");
  const auto unique = environment.parameter("CRM_meta_globally_unique");
  if (instances && *instances != "1" && unique && parse_ocf_boolean(*unique).value_or(true)) {
    return not_offered("clone-max", *instances);
  }
  return {};
}

}  // namespace

OcfResult<Target> parse_target(const OcfEnvironment& environment) {
  const auto ip = environment.parameter("ip");
  if (!ip) return ocf_fail(OcfExit::configured, "parameter ip is required");
  const auto address = net::IpAddress::parse(*ip);
  if (!address)
    return ocf_fail(OcfExit::configured, "parameter ip: " + address.error().what + ", " + address.error().why);
  if (address->is_unspecified() || address->is_multicast()) {
    return wrong("ip", *ip, "the address of one host");
  }
  const std::string_view nic = split_nic(text_of(environment, "nic")).first;
  if (environment.parameter("nic") && (!is_plain_name(nic) || nic.size() > name_length)) {
    return wrong("nic", nic, "the name of an interface, at most 15 characters");
  }
  const std::string_view space = text_of(environment, "network_namespace");
  if (!space.empty() && !is_plain_name(space)) return wrong("network_namespace", space, "a name without '/'");
  return Target{*address, std::string{nic}, std::string{space}};
}

OcfResult<Parameters> parse_parameters(const OcfEnvironment& environment) {
  auto target = parse_target(environment);
  if (!target) return tl::unexpected{target.error()};
  if (auto refused = refuse_what_is_not_offered(environment); !refused) return tl::unexpected{refused.error()};
  if (target->ip.family() == net::Family::ipv6 && target->ip.is_link_local() && target->nic.empty()) {
    return ocf_fail(OcfExit::configured,
                    "parameter nic is required for a link-local address: every interface has that network");
  }
  Parameters parameters{.target = std::move(*target)};
  for (const auto read : {read_prefix, read_label, read_broadcast, read_announcements, read_switches, read_lifetime}) {
    if (auto done = read(environment, parameters); !done) return tl::unexpected{done.error()};
  }
  return parameters;
}

std::optional<net::IpAddress> broadcast_address(const Parameters& parameters, unsigned prefix) {
  const net::IpAddress& ip = parameters.target.ip;
  if (ip.family() == net::Family::ipv6) return std::nullopt;
  if (parameters.broadcast.kind == Broadcast::Kind::given) return parameters.broadcast.address;
  if (prefix >= 31) return std::nullopt;  // RFC 3021
  return ip.with_host_bits(prefix, parameters.broadcast.kind == Broadcast::Kind::host_bits_set);
}

}  // namespace duet::ipaddr2
