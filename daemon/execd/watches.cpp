// SPDX-License-Identifier: Apache-2.0
// See watches.hpp.
#include "daemon/execd/watches.hpp"

#include <algorithm>

#include "core/agentapi/agent_name.hpp"
#include "daemon/execd/agent_command.hpp"
#include "platform/log/log.hpp"
#include "platform/net/network.hpp"
#include "platform/process/cgroup.hpp"

namespace duet::execd {

namespace {

constexpr Duration open_pause{1s};

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

Watches::Watches(Loop& loop, units::UnitManager* units, const Settings& settings, const LastStarts& starts, Hint hint)
    : loop_{loop},
      units_{units},
      settings_{settings},
      starts_{starts},
      hint_{std::move(hint)},
      open_again_{loop, [this] { open_address_watch_again(); }} {
  if (units_ == nullptr) return;
  observer_ = units_->observe({.job_removed = [](const std::string&, const std::string&) {},
                               .unit_changed = [this](const units::UnitChange& change) { take_unit_change(change); },
                               .connected =
                                   [this] {
                                     // Changes in between went unseen.
                                     for (const auto& [resource, entry] : entries_) {
                                       if (std::holds_alternative<UnitWatch>(entry.target)) refresh(resource);
                                     }
                                   },
                               .lost = [] {}});
}

void Watches::watch(const WatchResource& request) {
  Entry entry{request, ServiceOfAgent{}, false, next_generation_++};
  if (!aim(entry)) return;
  // duetd has seen the unit active, and it is active that is watched. What agents call running may be something else
  // than the address or the processes that are watched here: these count from when they are seen.
  entry.present = std::holds_alternative<UnitWatch>(entry.target) && changing_.count(request.resource) == 0;
  entries_.insert_or_assign(request.resource, std::move(entry));
  refresh(request.resource);
}

/// What there is to watch follows from what the last start was given.
bool Watches::aim(Entry& entry) {
  const LastStarts::Start* const start = starts_.find(entry.request.resource);
  const AgentRef& agent = start == nullptr ? entry.request.agent : start->order.agent;
  const auto carrier = carrier_of(agent, settings_);
  if (!carrier) return false;
  if (*carrier == Carrier::unit) {
    const auto name = unit_name(agent.type);
    if (!name || units_ == nullptr) return false;
    entry.target = UnitWatch{*name, {}, {}, {}};
  } else if (const auto address = address_of(start == nullptr ? entry.request.parameters : start->order.parameters)) {
    if (!addresses_ && !open_again_.armed()) open_address_watch();
    entry.target = AddressOfResource{*address, 0};
  } else {
    entry.target = ServiceOfAgent{};
  }
  return true;
}

void Watches::unwatch(const ObjectId& resource) {
  entries_.erase(resource);
}

void Watches::clear() {
  entries_.clear();
}

void Watches::operation_began(const RunAgent& order) {
  if (order.action != Action::start && order.action != Action::stop) return;
  changing_.insert(order.resource);
  const auto found = entries_.find(order.resource);
  if (found == entries_.end()) return;
  found->second.present = false;
  if (std::holds_alternative<ServiceOfAgent>(found->second.target)) found->second.target = ServiceOfAgent{};
}

void Watches::operation_ended(const RunAgent& order, const OpOutcome& outcome) {
  if (order.action == Action::start || order.action == Action::stop) changing_.erase(order.resource);
  const auto found = entries_.find(order.resource);
  const bool runs = order.action != Action::stop && outcome.status == OpStatus::done && outcome.exit_code == 0;
  if (!runs || found == entries_.end() || found->second.present) return;
  Entry& entry = found->second;
  if (order.action == Action::start) {
    entry.generation = next_generation_++;
    if (!aim(entry)) return static_cast<void>(entries_.erase(found));
  }
  entry.present = std::holds_alternative<UnitWatch>(entry.target);
  refresh(order.resource);
}

/// Many agents leave nothing in their cgroup, as those of addresses and file systems: then there is nothing to watch.
void Watches::refresh_service(const ObjectId& resource) {
  Entry& entry = entries_.at(resource);
  const LastStarts::Start* const start = starts_.find(resource);
  if (start == nullptr || start->cgroup.empty() || changing_.count(resource) != 0) return;
  auto& service = std::get<ServiceOfAgent>(entry.target);
  entry.present = true;
  auto all = ProcessWatch::of_cgroup(
      loop_, start->cgroup, [this, resource] { service_ended(resource, "the last of its processes has ended"); });
  if (all) service.all = std::move(*all);
  const pid_t pid = CgroupTree::main_process(start->cgroup);
  if (pid == 0) return;
  auto main =
      ProcessWatch::of_process(loop_, pid, [this, resource] { service_ended(resource, "its main process has ended"); });
  if (main) service.main = std::move(*main);
}

void Watches::service_ended(const ObjectId& resource, const char* what) {
  const auto found = entries_.find(resource);
  if (found != entries_.end() && found->second.present) gone(resource, found->second, what);
}

void Watches::gone(const ObjectId& resource, Entry& entry, const std::string& what) {
  entry.present = false;  // once: the next success of an operation arms it again
  log::write(log::Level::notice, resource + ": " + what);
  hint_(ResourceHint{resource, what});
}

/// Looks how things are. Only what was there and is not any more is worth a hint: what was never seen here may be
/// somewhere else, as an address in a namespace of its own.
void Watches::refresh(const ObjectId& resource) {
  const auto found = entries_.find(resource);
  if (found == entries_.end()) return;
  if (std::holds_alternative<UnitWatch>(found->second.target)) return refresh_unit(resource);
  if (std::holds_alternative<ServiceOfAgent>(found->second.target)) return refresh_service(resource);
  refresh_address(resource);
}

void Watches::refresh_unit(const ObjectId& resource) {
  const Entry& entry = entries_.at(resource);
  units_->query(std::get<UnitWatch>(entry.target).unit,
                [this, resource, generation = entry.generation,
                 life = std::weak_ptr{observer_}](const Result<units::UnitState>& state) {
                  if (life.expired()) return;
                  const auto found = entries_.find(resource);
                  if (found == entries_.end() || found->second.generation != generation) return;
                  take_unit_state(resource, state);
                });
}

void Watches::take_unit_state(const ObjectId& resource, const Result<units::UnitState>& state) {
  Entry& entry = entries_.at(resource);
  if (!state || changing_.count(resource) != 0) return;
  auto& unit = std::get<UnitWatch>(entry.target);
  unit.path = state->path;
  const bool changed = !unit.invocation.empty() && state->invocation != unit.invocation;
  unit.invocation = state->invocation;
  if (is_active(state->active_state)) {
    if (entry.present && changed) return gone(resource, entry, "unit " + unit.unit + " was restarted by somebody else");
    entry.present = true;
    watch_main_process(resource, unit.path);
  } else if (entry.present && is_gone(state->active_state)) {
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
        if (entry == nullptr || !entry->present || !pid || *pid == 0) return;
        auto watch = ProcessWatch::of_process(loop_, static_cast<pid_t>(*pid), [this, resource, still] {
          Entry* const watched = still();
          if (watched == nullptr || !watched->present || changing_.count(resource) != 0) return;
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
    if (!entry.present || changing_.count(resource) != 0) continue;
    if (is_gone(change.active_state)) {
      gone(resource, entry, "unit " + unit->unit + " is " + change.active_state);
    } else if (restarted) {
      gone(resource, entry, "unit " + unit->unit + " was restarted by somebody else");
    }
  }
}

void Watches::open_address_watch() {
  auto opened = net::AddressWatch::open();
  auto ready = opened ? loop_.watch((*opened)->fd(), POLLIN, [this](short) { read_address_events(); })
                      : Result<FdWatch>{tl::unexpected{opened.error()}};
  if (!ready) {
    // The interval monitors are still there.
    log::write(log::Level::warning, "addresses are not watched: " + ready.error().what);
    return open_again_.arm_in(open_pause);
  }
  addresses_ = std::move(*opened);
  addresses_ready_ = std::move(*ready);
}

void Watches::open_address_watch_again() {
  open_address_watch();
  if (addresses_) refresh_addresses();
}

/// What happened meanwhile went unseen.
void Watches::refresh_addresses() {
  for (const auto& [resource, entry] : entries_) {
    if (std::holds_alternative<AddressOfResource>(entry.target)) refresh_address(resource);
  }
}

void Watches::refresh_address(const ObjectId& resource) {
  Entry& entry = entries_.at(resource);
  if (changing_.count(resource) != 0) return;
  const auto network = net::read_network();
  if (!network) return;
  auto& target = std::get<AddressOfResource>(entry.target);
  const auto found = std::find_if(network->addresses.begin(), network->addresses.end(),
                                  [&](const net::Address& address) { return address.address == target.address; });
  if (found != network->addresses.end()) {
    target.link_index = found->link_index;
    entry.present = true;
  } else if (entry.present) {
    gone(resource, entry, "address " + target.address.to_string() + " is not there");
  }
}

void Watches::read_address_events() {
  auto events = addresses_->read_events();
  if (!events) {
    log::write(log::Level::warning, "addresses are not watched any more: " + events.error().what);
    addresses_ready_.reset();
    addresses_.reset();
    return open_address_watch_again();
  }
  for (const net::NetEvent& event : *events) take_address_event(event);
}

void Watches::take_address_event(const net::NetEvent& event) {
  using Kind = net::NetEvent::Kind;
  if (event.kind == Kind::overflow) return refresh_addresses();
  for (auto& [resource, entry] : entries_) {
    const auto* target = std::get_if<AddressOfResource>(&entry.target);
    if (target == nullptr || !entry.present || changing_.count(resource) != 0) continue;
    if (event.kind == Kind::address_removed && event.address == target->address &&
        event.link_index == target->link_index) {
      gone(resource, entry, "address " + target->address.to_string() + " was removed from " + event.link);
    } else if (event.kind == Kind::link_down && event.link_index == target->link_index) {
      gone(resource, entry, "link " + event.link + " is down");
    }
  }
}

}  // namespace duet::execd
