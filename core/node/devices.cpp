// SPDX-License-Identifier: Apache-2.0
// Health of the fence devices: checked here, told to the other node, and what S18 wants to know: answered at least
// once.
#include <fmt/core.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/fencing/device.hpp"
#include "core/model/fence_cover.hpp"
#include "core/node/impl.hpp"

namespace duet {

namespace {

/// An agent that did not tell its actions is asked again; until then all of them are tried.
constexpr Duration metadata_again = 30s;

/// A device that did not answer is asked again after 2, 4, 8 ... s until its own interval is reached: a host that was
/// busy for a moment is not shown as unproven for a minute.
constexpr Duration check_again_first = 2s;

}  // namespace

/// What each agent offers, from its meta-data: whether off can be verified, whether it can switch on.
void NodeCore::Impl::learn_agents() {
  for (const FenceDevice& device : effective_.devices) {
    if (asked_agents_.contains(device.agent)) continue;
    const auto again = metadata_retry_.find(device.agent);
    if (again != metadata_retry_.end() && now_ < again->second) {
      wake_at(again->second);
      continue;
    }
    asked_agents_.insert(device.agent);
    RunFenceAgent call{fence_run_++, device.agent, "metadata", {}, 5s};
    metadata_runs_[call.run] = device.agent;
    execute(std::move(call));
  }
}

/// A device that was added or changed is checked at once; what the last check said of the old settings is void. The
/// others keep their time: a commit that is not about them costs no check.
void NodeCore::Impl::follow_devices() {
  for (auto item = devices_.begin(); item != devices_.end();) {
    const FenceDevice* config = effective_.device(item->first);
    const bool same = config != nullptr && device_fingerprint(effective_, *config) == item->second.fingerprint;
    if (same) {
      ++item;
      continue;
    }
    if (item->second.run != 0) execute(CancelRun{item->second.run});
    item = devices_.erase(item);
  }
  for (const FenceDevice& device : effective_.devices) {
    devices_.try_emplace(device.id, Device{{}, {}, now_, {}, 0, device_fingerprint(effective_, device)});
  }
}

/// Health of the devices, for status. A monitor never stands in the way of fencing: it is killed when that begins.
void NodeCore::Impl::maintain_device_monitors() {
  const auto progress = fencer_.progress(now_);
  for (auto& [id, device] : devices_) {
    const FenceDevice* config = effective_.device(id);
    if (config == nullptr || !device_enabled(*config)) continue;
    if (progress && device.run != 0) {
      execute(CancelRun{device.run});
      device.run = 0;
    }
    if (progress || device.run != 0) continue;
    if (now_ >= device.due) {
      RunFenceAgent call = monitor_call(effective_, *config, fence_run_++);
      device.run = call.run;
      execute(std::move(call));
    } else {
      wake_at(device.due);
    }
  }
}

void NodeCore::Impl::device_monitor_ended(std::uint64_t run, const RunEnded& ended) {
  if (const auto agent = metadata_runs_.find(run); agent != metadata_runs_.end()) {
    std::set<std::string> actions;
    for (const char* action : {"on", "off", "status", "reboot", "list", "monitor"}) {
      if (ended.output.find(fmt::format("<action name=\"{}\"", action)) != std::string::npos) actions.insert(action);
    }
    if (actions.contains("off")) {
      fencer_.know_agent(agent->second, std::move(actions));
    } else {
      asked_agents_.erase(agent->second);
      metadata_retry_[agent->second] = now_ + metadata_again;
    }
    metadata_runs_.erase(agent);
    return;
  }
  for (auto& [id, device] : devices_) {
    const FenceDevice* config = effective_.device(id);
    if (device.run != run || config == nullptr) continue;
    device.run = 0;
    device.ended = now_;
    const bool healthy = ended.outcome.status == OpStatus::done && ended.outcome.exit_code == 0;
    device.again = healthy ? Duration{0} : std::max(2 * device.again, check_again_first);
    const Duration interval = monitor_interval(*config);
    device.due = now_ + (healthy ? interval : std::min(device.again, interval));
    if (device.health.known && device.health.healthy != healthy) {
      log(healthy ? Level::notice : Level::error,
          fmt::format("fence device {} is {}", id, healthy ? "healthy again" : "not usable: " + ended.outcome.reason));
    }
    const bool changed = !device.health.known || device.health.healthy != healthy;
    device.health = DeviceHealth{id, identity_.id, true, healthy, healthy ? "" : ended.outcome.reason, 0};
    device.told = false;
    if (changed) ++generation_;
    if (healthy && changed) fencer_.retry_now(now_);
  }
}

/// What the last check found goes to both nodes; again after each check, so that its age is known there, and after an
/// epoch has begun, because the message may have died with the old one.
void NodeCore::Impl::maintain_device_reports() {
  if (!can_send() || syncing_ || awaiting_hellos_) return;
  for (auto& [id, device] : devices_) {
    // A device that exists as an emergency override only is not the other node's affair yet.
    if (device.told || !device.health.known || chain_.committed().config.device(id) == nullptr) continue;
    DeviceReport report{id,
                        {device.health.healthy, device.fingerprint, device.health.detail},
                        std::max<std::int64_t>((now_ - device.ended) / 1ms, 0)};
    device.told = send(std::move(report));
  }
}

void NodeCore::Impl::apply(NodeId sender, const DeviceReport& body, const StreamMessage&) {
  if (chain_.committed().config.device(body.device) == nullptr) return;
  DeviceState& device = state_.devices[body.device];
  device.seen[sender] = body.seen;
  device_checked_[{body.device, sender}] = now_ - body.age_ms * 1ms;
  if (!body.seen.healthy || device.verified) return;
  device.verified = true;
  log(Level::notice, fmt::format("fence device {} has answered {}", body.device, name_of(sender)));
}

/// Forgets devices that are configured no longer. By the committed configuration, which is the same on both nodes.
void NodeCore::Impl::drop_devices() {
  std::erase_if(state_.devices,
                [&](const auto& item) { return chain_.committed().config.device(item.first) == nullptr; });
  std::erase_if(device_checked_, [&](const auto& item) { return !state_.devices.contains(item.first.first); });
}

/// "At least once" holds over restarts, too: a fence host that is away when both nodes boot stops nothing.
void NodeCore::Impl::maintain_device_ledger() {
  std::vector<StoreRecord> records;
  for (const auto& [id, device] : state_.devices) {
    if (device.verified && verified_here_.insert(id).second) records.emplace_back(StoreDevice{id, true});
  }
  for (auto item = verified_here_.begin(); item != verified_here_.end();) {
    const auto known = state_.devices.find(*item);
    if (known != state_.devices.end() && known->second.verified) {
      ++item;
      continue;
    }
    records.emplace_back(StoreDevice{*item, false});
    item = verified_here_.erase(item);
  }
  if (!records.empty()) persist(std::move(records), [](bool, const std::string&) {});
}

std::vector<DeviceHealth> NodeCore::Impl::device_health(Instant now) const {
  std::vector<DeviceHealth> out;
  for (const auto& [id, device] : devices_) {
    for (const Node& node : effective_.nodes) {
      DeviceHealth health{id, node.id, false, false, "", 0};
      Instant checked = device.ended;
      if (node.id == identity_.id) {
        health = device.health;
        health.device = id;
        health.node = node.id;
      } else {
        const auto member = state_.nodes.find(node.id);
        const auto known = state_.devices.find(id);
        const auto at = device_checked_.find({id, node.id});
        if (member == state_.nodes.end() || member->second.membership == Membership::absent) continue;
        if (known != state_.devices.end() && known->second.seen.contains(node.id) && at != device_checked_.end()) {
          const DeviceSeen& seen = known->second.seen.at(node.id);
          health.known = seen.fingerprint == device.fingerprint;
          health.healthy = health.known && seen.healthy;
          health.detail = health.known ? seen.detail : "";
          checked = at->second;
        }
      }
      health.age_ms = health.known ? std::max<std::int64_t>((now - checked) / 1ms, 0) : 0;
      out.push_back(std::move(health));
    }
  }
  return out;
}

}  // namespace duet
