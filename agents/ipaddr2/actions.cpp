// SPDX-License-Identifier: Apache-2.0
// start, stop, monitor and validate-all.
#include "agents/ipaddr2/actions.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "agents/ipaddr2/announcer.hpp"
#include "agents/ipaddr2/place.hpp"
#include "platform/clock/clock.hpp"
#include "platform/loop/unique_fd.hpp"
#include "platform/net/announce.hpp"
#include "platform/net/network.hpp"

namespace duet::ipaddr2 {

namespace {

/// Announcements of a monitor end by then: it has a time-out, usually of 20 s.
constexpr Duration refresh_limit{5s};

/// How long another host may go on answering before a start is refused. A node that has just been powered off may
/// still answer: its network outlives it for a moment when it is a container.
constexpr Duration duplicate_patience = 3s;
constexpr Duration duplicate_pause = 200ms;
/// Autonegotiation of a copper link takes 2 to 3 s.
constexpr Duration carrier_patience = 4s;
/// The kernel's own detection: one probe and a random delay of up to 1 s each (RFC 4862 5.4), with room.
constexpr Duration tentative_patience = 8s;
constexpr Duration poll_pause = 20ms;

/// For people; managers log stderr.
void note(const OcfEnvironment& environment, const std::string& text) {
  std::fprintf(stderr, "IPaddr2(%.*s): %s\n", static_cast<int>(environment.instance().size()),
               environment.instance().data(), text.c_str());
}

void pause_for(Duration time) {
  poll(nullptr, 0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(time).count()));
}

tl::unexpected<OcfFailure> failed(const Error& error) {
  const OcfExit code = error.code == Errc::not_permitted ? OcfExit::permission : OcfExit::generic;
  return ocf_fail(code, error.why.empty() ? error.what : error.what + ": " + error.why);
}

OcfResult<void> require_root() {
  if (geteuid() == 0) return {};
  return ocf_fail(OcfExit::permission, "this action needs root");
}

/// Failure installed if there is no such namespace.
OcfResult<void> enter_namespace(const Target& target) {
  if (target.network_namespace.empty()) return {};
  const std::string path = "/run/netns/" + target.network_namespace;
  const UniqueFd fd{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (fd.get() < 0) return ocf_fail(OcfExit::installed, path + ": " + std::strerror(errno));
  if (setns(fd.get(), CLONE_NEWNET) == 0) return {};
  return ocf_fail(errno == EPERM ? OcfExit::permission : OcfExit::generic, path + ": " + std::strerror(errno));
}

/// Writes a value below /proc/sys/net and returns what was there; empty if that is not possible.
std::string exchange_setting(const std::string& path, std::string_view value) {
  const UniqueFd fd{open(path.c_str(), O_RDWR | O_CLOEXEC)};
  std::string old(16, '\0');
  const ssize_t size = fd.get() < 0 ? -1 : read(fd.get(), old.data(), old.size());
  if (size < 0 || pwrite(fd.get(), value.data(), value.size(), 0) < 0) return {};
  old.resize(static_cast<std::size_t>(size));
  return old;
}

/// Writes a setting that cannot be read; what fails is of no consequence to the caller.
void write_setting(const char* path, std::string_view value) {
  const UniqueFd fd{open(path, O_WRONLY | O_CLOEXEC)};
  const bool written = fd.get() >= 0 && write(fd.get(), value.data(), value.size()) >= 0;
  static_cast<void>(written);
}

/// Removes one entry. The kernel takes the other addresses of the same IPv4 network away with the first one of it,
/// unless promote_secondaries is set; they are not ours, so it is set meanwhile.
OcfResult<void> remove_entry(net::NetlinkSocket& netlink, const Holding& holding) {
  const bool first_of_network = holding.address->address->family() == net::Family::ipv4 && !holding.address->secondary;
  const std::string setting = "/proc/sys/net/ipv4/conf/" + holding.link->name + "/promote_secondaries";
  const std::string old = first_of_network ? exchange_setting(setting, "1") : std::string{};
  const auto removed = net::remove_address(netlink, *holding.address);
  if (!old.empty()) exchange_setting(setting, old);
  if (!removed && removed.error().code != Errc::not_found) return failed(removed.error());
  return {};
}

/// Sets a dedicated interface up and waits for its carrier. On others it is left to check_link() to complain.
OcfResult<void> set_up_dedicated(net::NetlinkSocket& netlink, const net::Network& network, const Target& target,
                                 const net::Link& link) {
  if (link.up || target.nic.empty() || !is_dedicated(network, link, target)) return {};
  if (auto done = net::set_link_up(netlink, link.index); !done) return failed(done.error());
  const Instant end = boot_now() + carrier_patience;
  while (boot_now() < end) {
    const auto links = net::read_links(netlink);
    if (!links) return failed(links.error());
    const auto now =
        std::find_if(links->begin(), links->end(), [&](const net::Link& entry) { return entry.index == link.index; });
    if (now == links->end() || now->usable()) return {};
    pause_for(poll_pause);
  }
  return {};
}

OcfResult<void> refuse_duplicate(const net::Network& network, const net::Link& link, const net::IpAddress& ip) {
  const Instant begin = boot_now();
  while (true) {
    const auto holder = net::probe_duplicate(link, ip, network.links);
    if (!holder) return failed(holder.error());
    if (!*holder) return {};
    if (boot_now() - begin >= duplicate_patience) {
      return ocf_fail(OcfExit::generic, ip.to_string() + " is in use by " + net::to_string(**holder) + " on " +
                                            link.name + ", choose another address or stop that host");
    }
    pause_for(duplicate_pause);
  }
}

/// Waits until the kernel's duplicate detection has ended, if it runs.
OcfResult<void> wait_until_usable(net::NetlinkSocket& netlink, const Target& target) {
  const Instant end = boot_now() + tentative_patience;
  while (true) {
    const auto network = net::read_network(netlink);
    if (!network) return failed(network.error());
    const auto holdings = find_holdings(*network, target);
    if (holdings.empty()) {
      return ocf_fail(OcfExit::generic, target.ip.to_string() + " disappeared right after it was added");
    }
    const Holding& holding = holdings.front();
    if (holding.address->duplicate) {
      const auto reason = check_reachable(holding);
      static_cast<void>(remove_entry(netlink, holding));
      return reason;
    }
    if (!holding.address->tentative) return {};
    if (boot_now() >= end) {
      return ocf_fail(OcfExit::generic, target.ip.to_string() + ": the kernel's duplicate detection does not end");
    }
    pause_for(poll_pause);
  }
}

/// An address on two interfaces would be answered for by both. A copy on loopback is how real servers of LVS have it.
OcfResult<void> refuse_elsewhere(const net::Network& network, const Target& target, const net::Link& link) {
  for (const Holding& holding : find_holdings(network, {target.ip, {}, {}})) {
    if (holding.link->index == link.index) continue;
    return ocf_fail(OcfExit::generic, target.ip.to_string() + " is on " + holding.link->name +
                                          " of this node, not on " + link.name + ", remove it there");
  }
  return {};
}

OcfResult<void> bring_up(const OcfEnvironment& environment, const Parameters& parameters, net::NetlinkSocket& netlink) {
  const Target& target = parameters.target;
  auto network = net::read_network(netlink);
  if (!network) return failed(network.error());
  auto place = choose_place(*network, parameters);
  if (!place) return tl::unexpected{place.error()};
  if (auto done = set_up_dedicated(netlink, *network, target, *place->link); !done) return done;
  network = net::read_network(netlink);
  if (!network) return failed(network.error());
  place = choose_place(*network, parameters);
  if (!place) return tl::unexpected{place.error()};
  if (auto single = refuse_elsewhere(*network, target, *place->link); !single) return single;
  if (auto link = check_link(*place->link); !link) return link;
  const bool checks = parameters.duplicate_check && net::can_announce(*place->link);
  if (checks) {
    if (auto free = refuse_duplicate(*network, *place->link, target.ip); !free) return free;
  }
  const auto added = net::add_address(netlink, {.link_index = place->link->index,
                                                .address = target.ip,
                                                .prefix = place->prefix,
                                                .broadcast = broadcast_address(parameters, place->prefix),
                                                .label = place->label,
                                                .no_prefix_route = parameters.noprefixroute,
                                                .no_duplicate_detection = parameters.nodad || checks,
                                                .preferred_lifetime_s = parameters.preferred_lifetime_s});
  if (!added && added.error().code != Errc::exists) return failed(added.error());
  note(environment,
       "added " + target.ip.to_string() + "/" + std::to_string(place->prefix) + " to " + place->link->name);
  return wait_until_usable(netlink, target);
}

void announce(const OcfEnvironment& environment, const Target& target, bool background, const Repetition& repetition,
              Duration limit = announcer_life) {
  announce_once(target);
  auto times = announcement_times(repetition);
  std::erase_if(times, [&](Duration time) { return time > limit; });
  if (times.empty()) return;
  if (!background) {
    announce_at(target, times);
  } else if (!announce_in_background(target, times)) {
    note(environment, std::string{"no further announcements: "} + std::strerror(errno));
  }
}

/// True if the address is there as configured; entries with another prefix are removed so that start adds it right.
OcfResult<bool> is_up(const Parameters& parameters, net::NetlinkSocket& netlink) {
  const auto network = net::read_network(netlink);
  if (!network) return failed(network.error());
  bool right = false;
  for (const Holding& holding : find_holdings(*network, parameters.target)) {
    if (!parameters.prefix || *parameters.prefix == holding.address->prefix) {
      if (auto reachable = check_reachable(holding); !reachable) return tl::unexpected{reachable.error()};
      right = true;
    } else if (auto removed = remove_entry(netlink, holding); !removed) {
      return tl::unexpected{removed.error()};
    }
  }
  return right;
}

}  // namespace

OcfResult<void> start(const OcfEnvironment& environment) {
  const auto parameters = parse_parameters(environment);
  if (!parameters) return tl::unexpected{parameters.error()};
  if (auto root = require_root(); !root) return root;
  if (auto entered = enter_namespace(parameters->target); !entered) return entered;
  auto netlink = net::NetlinkSocket::open();
  if (!netlink) return failed(netlink.error());
  const auto up = is_up(*parameters, *netlink);
  if (!up) return tl::unexpected{up.error()};
  if (!*up) {
    if (auto done = bring_up(environment, *parameters, *netlink); !done) return done;
  }
  if (auto usable = wait_until_usable(*netlink, parameters->target); !usable) return usable;
  // Also when it was up: an earlier start may have been killed between adding and announcing.
  announce(environment, parameters->target, parameters->background,
           {parameters->arp_count, parameters->arp_interval, parameters->background});
  return {};
}

OcfResult<void> stop(const OcfEnvironment& environment) {
  const auto target = parse_target(environment);
  if (!target) {
    note(environment, "nothing to stop: " + target.error().reason);
    return {};
  }
  if (auto root = require_root(); !root) return root;
  if (auto entered = enter_namespace(*target); !entered) {
    if (entered.error().code == OcfExit::installed) return {};  // without its namespace the address is gone too
    return entered;
  }
  auto netlink = net::NetlinkSocket::open();
  if (!netlink) return failed(netlink.error());
  const auto before = net::read_network(*netlink);
  if (!before) return failed(before.error());
  for (const Holding& holding : find_holdings(*before, *target)) {
    if (auto removed = remove_entry(*netlink, holding); !removed) return removed;
    note(environment, "removed " + target->ip.to_string() + " from " + holding.link->name);
  }
  const auto after = net::read_network(*netlink);
  if (!after) return failed(after.error());
  if (!find_holdings(*after, *target).empty()) {
    return ocf_fail(OcfExit::generic, target->ip.to_string() + " is still there after its removal");
  }
  if (parse_ocf_boolean(environment.parameter("flush_routes").value_or("false")).value_or(false)) {
    write_setting("/proc/sys/net/ipv4/route/flush", "-1");
  }
  return {};
}

OcfResult<void> monitor(const OcfEnvironment& environment) {
  const auto parameters = parse_parameters(environment);
  if (!parameters) return tl::unexpected{parameters.error()};
  if (auto entered = enter_namespace(parameters->target); !entered) {
    if (entered.error().code == OcfExit::installed) return ocf_fail(OcfExit::not_running, {});
    return entered;
  }
  const auto network = net::read_network();
  if (!network) return failed(network.error());
  const auto holdings = find_holdings(*network, parameters->target);
  if (holdings.empty()) return ocf_fail(OcfExit::not_running, {});
  for (const Holding& holding : holdings) {
    if (auto reachable = check_reachable(holding); !reachable) return reachable;
  }
  if (parameters->arp_count_refresh > 0) {
    // Not from the background: whatever a monitor leaves behind is killed with its end.
    announce(environment, parameters->target, false, {parameters->arp_count_refresh, parameters->arp_interval, false},
             refresh_limit);
  }
  return {};
}

OcfResult<void> validate(const OcfEnvironment& environment) {
  const auto parameters = parse_parameters(environment);
  if (!parameters) return tl::unexpected{parameters.error()};
  if (environment.check_level() < 10) return {};
  if (auto entered = enter_namespace(parameters->target); !entered) return entered;
  const auto network = net::read_network();
  if (!network) return failed(network.error());
  const auto place = choose_place(*network, *parameters);
  if (!place) return tl::unexpected{place.error()};
  return {};
}

}  // namespace duet::ipaddr2
