// SPDX-License-Identifier: Apache-2.0
// See watches.hpp.
#include "daemon/execd/watches.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "core/agentapi/agent_name.hpp"
#include "daemon/execd/agent_command.hpp"
#include "platform/log/log.hpp"
#include "platform/net/network.hpp"
#include "platform/process/read_file.hpp"

namespace duet::execd {

namespace {

bool is_gone(const std::string& active_state) {
  return active_state == "inactive" || active_state == "failed";
}

bool is_active(const std::string& active_state) {
  return active_state == "active" || active_state == "reloading" || active_state == "refreshing";
}

/// Agents that put one address on this node, like IPaddr2, call it `ip`.
std::optional<net::IpAddress> address_of(const Attributes& parameters) {
  const auto ip = parameters.find("ip");
  if (ip == parameters.end()) return std::nullopt;
  auto address = net::IpAddress::parse(ip->second);
  return address ? std::optional{*address} : std::nullopt;
}

}  // namespace

Watches::Watches(Loop& loop, units::UnitManager* units, const Settings& settings, Hint hint)
    : loop_{loop}, units_{units}, settings_{settings}, hint_{std::move(hint)} {
  if (units_ == nullptr) return;
  observer_ = units_->observe({.job_removed = [](const std::string&, const std::string&) {},
                               .unit_changed = [this](const units::UnitChange& change) { take_unit_change(change); },
                               .connected =
                                   [this] {
                                     // Changes in between went unseen.
                                     for (const auto& [resource, entry] : entries_) {
                                       if (std::holds_alternative<UnitWatch>(entry.target)) refresh(resource, false);
                                     }
                                   },
                               .lost = [] {}});
}

void Watches::watch(const WatchResource& request) {
  const auto carrier = carrier_of(request.agent, settings_);
  if (!carrier) return;
  Entry entry{ServiceOfAgent{}, false, next_generation_++};
  if (*carrier == Carrier::unit) {
    const auto name = unit_name(request.agent.type);
    if (!name || units_ == nullptr) return;
    entry.target = UnitWatch{*name, {}, {}, {}};
  } else if (const auto address = address_of(request.parameters)) {
    open_address_watch();
    entry.target = AddressOfResource{*address, 0};
  }
  entries_.insert_or_assign(request.resource, std::move(entry));
  // duetd asks for what it believes to run: if it does not, that is worth a hint.
  refresh(request.resource, true);
}

void Watches::unwatch(const ObjectId& resource) {
  entries_.erase(resource);
}

void Watches::clear() {
  entries_.clear();
}

void Watches::operation_began(const RunAgent& order) {
  if (order.action != Action::start && order.action != Action::stop) return;
  busy_.insert(order.resource);
  unlink(service_file(order.resource).c_str());
  const auto found = entries_.find(order.resource);
  if (found == entries_.end()) return;
  found->second.expected = false;
  if (std::holds_alternative<ServiceOfAgent>(found->second.target)) found->second.target = ServiceOfAgent{};
}

void Watches::operation_ended(const RunAgent& order, const OpOutcome& outcome, const Place& place) {
  if (order.action == Action::start || order.action == Action::stop) busy_.erase(order.resource);
  const bool runs = order.action != Action::stop && outcome.status == OpStatus::done && outcome.exit_code == 0;
  if (runs && order.action == Action::start && !place.cgroup.empty()) {
    // In a file, so that also the next duet-execd knows it.
    const auto kept = replace_file(AT_FDCWD, service_file(order.resource), place.cgroup);
    if (!kept) log::write(log::Level::warning, kept.error().what);
  }
  const auto found = entries_.find(order.resource);
  if (runs && found != entries_.end() && !found->second.expected) refresh(order.resource, true);
}

std::string Watches::service_file(const ObjectId& resource) const {
  return settings_.services() + '/' + resource;
}

/// Many agents leave nothing in their cgroup, as those of addresses and file systems: then there is nothing to watch.
void Watches::refresh_service(const ObjectId& resource) {
  Entry& entry = entries_.at(resource);
  const auto cgroup = read_file(service_file(resource), 4096);
  if (!cgroup || busy_.count(resource) != 0) return;
  auto& service = std::get<ServiceOfAgent>(entry.target);
  entry.expected = true;
  auto all = ProcessWatch::of_cgroup(
      loop_, *cgroup, [this, resource] { service_ended(resource, "the last of its processes has ended"); });
  if (all) service.all = std::move(*all);
  const pid_t pid = CgroupTree::main_process(*cgroup);
  if (pid == 0) return;
  auto main =
      ProcessWatch::of_process(loop_, pid, [this, resource] { service_ended(resource, "its main process has ended"); });
  if (main) service.main = std::move(*main);
}

void Watches::service_ended(const ObjectId& resource, const char* what) {
  const auto found = entries_.find(resource);
  if (found != entries_.end() && found->second.expected) gone(resource, found->second, what);
}

void Watches::gone(const ObjectId& resource, Entry& entry, const std::string& what) {
  entry.expected = false;  // once: the next success of an operation arms it again
  log::write(log::Level::notice, resource + ": " + what);
  hint_(ResourceHint{resource, what});
}

/// Looks how things are. `must_run`: an operation has just found it running, so its absence is worth a hint.
void Watches::refresh(const ObjectId& resource, bool must_run) {
  const auto found = entries_.find(resource);
  if (found == entries_.end()) return;
  if (std::holds_alternative<UnitWatch>(found->second.target)) return refresh_unit(resource, must_run);
  if (std::holds_alternative<ServiceOfAgent>(found->second.target)) return refresh_service(resource);
  refresh_address(resource, must_run);
}

void Watches::refresh_unit(const ObjectId& resource, bool must_run) {
  const Entry& entry = entries_.at(resource);
  units_->query(std::get<UnitWatch>(entry.target).unit,
                [this, resource, must_run, generation = entry.generation,
                 life = std::weak_ptr{observer_}](const Result<units::UnitState>& state) {
                  if (life.expired()) return;
                  const auto found = entries_.find(resource);
                  if (found == entries_.end() || found->second.generation != generation) return;
                  take_unit_state(resource, state, must_run);
                });
}

void Watches::take_unit_state(const ObjectId& resource, const Result<units::UnitState>& state, bool must_run) {
  Entry& entry = entries_.at(resource);
  if (!state || busy_.count(resource) != 0) return;
  auto& unit = std::get<UnitWatch>(entry.target);
  unit.path = state->path;
  const bool changed = !unit.invocation.empty() && state->invocation != unit.invocation;
  unit.invocation = state->invocation;
  if (is_active(state->active_state)) {
    if (entry.expected && changed)
      return gone(resource, entry, "unit " + unit.unit + " was restarted by somebody else");
    entry.expected = true;
    watch_main_process(resource, unit.path);
  } else if ((entry.expected || must_run) && is_gone(state->active_state)) {
    gone(resource, entry, "unit " + unit.unit + " is " + state->active_state);
  }
}

/// systemd tells about a unit when it has dealt with the end of its process; under load that is a while later.
void Watches::watch_main_process(const ObjectId& resource, const std::string& path) {
  const std::uint64_t generation = entries_.at(resource).generation;
  const auto still = [this, resource, generation]() -> Entry* {
    const auto found = entries_.find(resource);
    return found == entries_.end() || found->second.generation != generation ? nullptr : &found->second;
  };
  units_->main_process(
      path, [this, resource, still, life = std::weak_ptr{observer_}](const Result<std::uint32_t>& pid) {
        Entry* const entry = life.expired() ? nullptr : still();
        if (entry == nullptr || !entry->expected || !pid || *pid == 0) return;
        auto watch = ProcessWatch::of_process(loop_, static_cast<pid_t>(*pid), [this, resource, still] {
          Entry* const watched = still();
          if (watched == nullptr || !watched->expected || busy_.count(resource) != 0) return;
          gone(resource, *watched, "its main process has ended");
        });
        if (watch) std::get<UnitWatch>(entry->target).main_process = std::move(*watch);
      });
}

void Watches::take_unit_change(const units::UnitChange& change) {
  for (auto& [resource, entry] : entries_) {
    auto* unit = std::get_if<UnitWatch>(&entry.target);
    if (unit == nullptr || unit->path != change.path) continue;
    const bool restarted = !change.invocation.empty() && change.invocation != unit->invocation;
    if (restarted) unit->invocation = change.invocation;
    if (!entry.expected || busy_.count(resource) != 0) continue;
    if (is_gone(change.active_state)) {
      gone(resource, entry, "unit " + unit->unit + " is " + change.active_state);
    } else if (restarted) {
      gone(resource, entry, "unit " + unit->unit + " was restarted by somebody else");
    }
  }
}

void Watches::open_address_watch() {
  if (addresses_) return;
  auto opened = net::AddressWatch::open();
  auto ready = opened ? loop_.watch((*opened)->fd(), POLLIN, [this](short) { read_address_events(); })
                      : Result<FdWatch>{tl::unexpected{opened.error()}};
  if (!ready) {
    // The interval monitors are still there.
    log::write(log::Level::warning, "addresses are not watched: " + ready.error().what);
    return;
  }
  addresses_ = std::move(*opened);
  addresses_ready_ = std::move(*ready);
}

void Watches::refresh_address(const ObjectId& resource, bool must_run) {
  Entry& entry = entries_.at(resource);
  if (busy_.count(resource) != 0) return;
  const auto network = net::read_network();
  if (!network) return;
  auto& target = std::get<AddressOfResource>(entry.target);
  const auto found = std::find_if(network->addresses.begin(), network->addresses.end(),
                                  [&](const net::Address& address) { return address.address == target.address; });
  if (found != network->addresses.end()) {
    target.link_index = found->link_index;
    entry.expected = true;
  } else if (entry.expected || must_run) {
    gone(resource, entry, "address " + target.address.to_string() + " is not there");
  }
}

void Watches::read_address_events() {
  auto events = addresses_->read_events();
  if (!events) {
    log::write(log::Level::warning, "addresses are not watched any more: " + events.error().what);
    addresses_ready_.reset();
    addresses_.reset();
    return open_address_watch();
  }
  for (const net::NetEvent& event : *events) take_address_event(event);
}

void Watches::take_address_event(const net::NetEvent& event) {
  using Kind = net::NetEvent::Kind;
  for (auto& [resource, entry] : entries_) {
    const auto* target = std::get_if<AddressOfResource>(&entry.target);
    if (target == nullptr || !entry.expected || busy_.count(resource) != 0) continue;
    if (event.kind == Kind::address_removed && event.address == target->address &&
        event.link_index == target->link_index) {
      gone(resource, entry, "address " + target->address.to_string() + " was removed from " + event.link);
    } else if (event.kind == Kind::link_down && event.link_index == target->link_index) {
      gone(resource, entry, "link " + event.link + " is down");
    } else if (event.kind == Kind::overflow) {
      refresh_address(resource, false);
    }
  }
}

}  // namespace duet::execd
