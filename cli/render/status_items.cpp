// SPDX-License-Identifier: Apache-2.0
// What is known about each node, resource and fence device, in the words of the originals. "Started" is said only of
// what this cluster knows to run; a resource that may run on a lost node is UNKNOWN.
#include <fmt/core.h>

#include <algorithm>

#include "cli/grammar/words.hpp"
#include "cli/render/status_parts.hpp"
#include "cli/render/time_text.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

const NodeState* state_of(const ClusterView& view, NodeId node) {
  const auto found = view.state.nodes.find(node);
  return found == view.state.nodes.end() ? nullptr : &found->second;
}

/// Present or possibly alive: what is known about it counts.
bool in_question(const NodeState* node) {
  return node != nullptr && (node->membership != Membership::absent || node->unclean || !node->evidence ||
                             !node->evidence->left_running.empty());
}

struct Place {
  std::string role;
  std::string node;
  bool unclean = false;
};

/// How the resource is on one node; role empty if it is not there.
Place place_on(const ClusterView& view, const ResourceOnNode& on, const Node& node) {
  Place place{"", node.name, false};
  const NodeState* state = state_of(view, node.id);
  const bool active = on.activity == Activity::running || on.activity == Activity::failed;
  const bool gone = state == nullptr || state->membership == Membership::absent;
  if (gone || state->unclean) {
    place.unclean = state != nullptr && state->unclean;
    if (in_question(state) && (active || on.may_run)) place.role = "UNKNOWN";
    return place;
  }
  const bool starting = on.pending && on.pending->action == Action::start;
  const bool stopping = on.pending && on.pending->action == Action::stop;
  if (on.stop_failed || (on.activity == Activity::failed && !stopping)) {
    place.role = "FAILED";
  } else if (starting) {
    place.role = "Starting";
  } else if (stopping) {
    place.role = "Stopping";
  } else if (on.activity == Activity::running) {
    place.role = "Started";
  } else if (on.activity == Activity::unknown && on.may_run) {
    place.role = "UNKNOWN";
  }
  return place;
}

bool node_in_maintenance(const ClusterView& view, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const Node* node = view.effective.node(name);
    return node != nullptr && node_options(*node).maintenance;
  });
}

void set_places(const ClusterView& view, ItemStatus& item) {
  std::vector<Place> places;
  const auto found = view.state.resources.find(item.id);
  for (const auto& node : view.effective.nodes) {
    if (found == view.state.resources.end()) break;
    const auto on = found->second.on.find(node.id);
    if (on == found->second.on.end()) continue;
    if (const auto count = on->second.fail_count(); count > 0) item.fail_counts[node.name] = count;
    auto place = place_on(view, on->second, node);
    if (!place.role.empty()) places.push_back(std::move(place));
  }
  for (const std::string_view role : {"FAILED", "Stopping", "Starting", "Started", "UNKNOWN"}) {
    if (std::none_of(places.begin(), places.end(), [&](const Place& p) { return p.role == role; })) continue;
    item.role = role;
    bool unclean = false;
    for (const auto& place : places) {
      if (place.role != role) continue;
      item.nodes.push_back(place.node);
      unclean = unclean || place.unclean;
    }
    if (unclean) item.flags.emplace_back("UNCLEAN");
    return;
  }
  item.role = view.state.joined().empty() ? "UNKNOWN" : "Stopped";
}

bool failure_ignored(const ClusterView& view, const Primitive& primitive) {
  const auto found = view.state.resources.find(primitive.id);
  if (found == view.state.resources.end()) return false;
  for (const auto& [node, on] : found->second.on) {
    if (on.activity != Activity::running && on.activity != Activity::failed) continue;
    for (const auto& record : on.failures) {
      const auto rule = on_fail(view.effective, primitive, to_string(record.action), record.interval);
      if (record.count == 0 && rule == OnFail::ignore) return true;
    }
  }
  return false;
}

/// The device that will be used, if there is no choice.
std::string only_device(const ClusterView& view, NodeId target) {
  const Node* node = view.effective.node(target);
  std::string found;
  for (const auto& device : view.effective.devices) {
    if (node == nullptr || !device_covers(device, *node)) continue;
    if (!found.empty()) return {};
    found = device.id;
  }
  return found;
}

std::string offline_state(const NodeState* state, const NodeOptions& options) {
  if (state != nullptr && state->unclean) return "UNCLEAN (offline)";
  if (options.standby) return "OFFLINE (standby)";
  if (options.maintenance) return "OFFLINE (maintenance)";
  return "OFFLINE";
}

}  // namespace

NodeStatus node_status(const ClusterView& view, const Node& node) {
  NodeStatus status;
  status.id = node.id;
  status.name = node.name;
  const NodeState* state = state_of(view, node.id);
  const NodeOptions options = node_options(node);
  status.standby = options.standby;
  status.maintenance = options.maintenance;
  status.dc = view.state.coordinator() == node.id;
  if (state == nullptr || state->membership == Membership::absent) {
    status.unclean = state != nullptr && state->unclean;
    status.state = offline_state(state, options);
    if (state != nullptr) status.why = state->why;
    if (state != nullptr) status.boot = state->incarnation.boot.get();
    return status;
  }
  status.why = state->why;
  status.boot = state->incarnation.boot.get();
  status.unclean = state->unclean;
  status.leaving = state->leaving;
  status.pending = state->membership == Membership::present;
  status.online = state->membership == Membership::joined && !state->unclean;
  if (state->unclean) {
    status.state = status.pending ? "UNCLEAN (pending)" : "UNCLEAN (online)";
  } else if (status.pending) {
    status.state = "pending";
  } else if (options.standby) {
    const bool runs = std::any_of(view.state.resources.begin(), view.state.resources.end(), [&](const auto& entry) {
      const auto on = entry.second.on.find(node.id);
      return on != entry.second.on.end() && on->second.activity == Activity::running;
    });
    status.state = runs ? "standby (with active resources)" : "standby";
  } else if (options.maintenance) {
    status.state = "maintenance";
  } else {
    status.state = "online";
  }
  return status;
}

ItemStatus primitive_status(const ClusterView& view, const Plan& plan, const Primitive& primitive) {
  ItemStatus item;
  item.id = primitive.id;
  item.agent = primitive.agent.text();
  set_places(view, item);
  const ResourceOptions options = resource_options(view.effective, primitive);
  const ClusterOptions cluster = cluster_options(view.effective);
  const bool maintenance = options.maintenance || cluster.maintenance_mode || node_in_maintenance(view, item.nodes);
  item.disabled = options.stopped;
  item.blocked = plan.blocked.contains(primitive.id);
  item.managed = options.managed && !maintenance;
  item.failed = item.role == "FAILED";
  item.should_run = !options.stopped && item.managed && !cluster.stop_all_resources;
  if (item.disabled) item.flags.emplace_back("disabled");
  if (item.blocked) {
    item.flags.emplace_back("blocked");
  } else if (options.maintenance) {
    item.flags.emplace_back("maintenance");
  } else if (!item.managed) {
    item.flags.emplace_back("unmanaged");
  }
  if (failure_ignored(view, primitive)) item.flags.emplace_back("failure ignored");
  if (const auto block = plan.blocked.find(primitive.id); block != plan.blocked.end()) {
    item.reason = block->second.text;
  } else if (item.role != "Started" && item.should_run) {
    item.reason = stopped_reason(view, plan, primitive.id);
  } else if (const auto placed = plan.placement.find(primitive.id); placed != plan.placement.end()) {
    item.reason = placed->second.why.text;
  }
  return item;
}

ItemStatus device_status(const ClusterView& view, const FenceDevice& device) {
  ItemStatus item;
  item.id = device.id;
  item.agent = "stonith:" + device.agent;
  item.disabled = !device_enabled(device);
  item.should_run = !item.disabled;
  item.role = "Stopped";
  if (item.disabled) {
    item.flags.emplace_back("disabled");
    return item;
  }
  const DeviceProof proof = device_proof(view, device.id);
  item.nodes = {view.node_name};
  if (!proof.failing.empty()) {
    item.role = "FAILED";
    item.failed = true;
    item.nodes = proof.failing;
    item.note = fmt::format("no proof since {}", age_text(proof.failing_ms));
    item.reason = proof.detail;
  } else if (!proof.proven.empty() && proof.waiting.empty()) {
    item.role = "Started";
    item.proven_ms = proof.age_ms;
    item.note = fmt::format("proven {} ago: {}", age_text(proof.age_ms), join(proof.proven, ", "));
  } else if (!proof.proven.empty()) {
    item.role = "Started";
    item.proven_ms = proof.age_ms;
    item.note = fmt::format("proven {} ago: {}; not yet: {}", age_text(proof.age_ms), join(proof.proven, ", "),
                            join(proof.waiting, ", "));
  } else {
    item.role = "Starting";
    item.note = "not proven yet";
  }
  return item;
}

DeviceProof device_proof(const ClusterView& view, std::string_view device) {
  DeviceProof proof;
  for (const DeviceHealth& health : view.devices) {
    if (health.device != device) continue;
    const std::string node = view.effective.node_name(health.node);
    if (!health.known) {
      proof.waiting.push_back(node);
    } else if (health.healthy) {
      proof.proven.push_back(node);
      proof.age_ms = std::max(proof.age_ms, health.age_ms);
    } else {
      proof.failing.push_back(node);
      proof.failing_ms = std::max(proof.failing_ms, health.age_ms);
      if (proof.detail.empty()) proof.detail = health.detail;
    }
  }
  return proof;
}

std::vector<FailedAction> failed_actions(const ClusterView& view) {
  std::vector<FailedAction> actions;
  for (const auto& [id, resource] : view.state.resources) {
    for (const auto& [node, on] : resource.on) {
      for (const auto& record : on.failures) {
        FailedAction action;
        action.resource = id;
        action.action = record.action == Action::probe ? "monitor" : std::string{to_string(record.action)};
        action.interval = record.interval;
        action.node = view.effective.node_name(node);
        action.outcome = record.last;
        action.count = record.count;
        actions.push_back(std::move(action));
      }
    }
  }
  std::stable_sort(actions.begin(), actions.end(),
                   [](const FailedAction& a, const FailedAction& b) { return a.outcome.unix_ms < b.outcome.unix_ms; });
  return actions;
}

void add_fencing(const ClusterView& view, StatusModel& model) {
  // The state has them in the order in which they became known: after a heal that is not the order of time.
  std::vector<FenceEvent> events = view.state.fencing;
  std::stable_sort(events.begin(), events.end(),
                   [](const FenceEvent& a, const FenceEvent& b) { return a.unix_ms < b.unix_ms; });
  for (std::size_t i = 0; i < events.size(); ++i) {
    FenceLine line;
    line.event = events[i];
    line.target = view.effective.node_name(line.event.target);
    line.by = view.effective.node_name(line.event.by);
    line.later_success = std::any_of(
        events.begin() + static_cast<std::ptrdiff_t>(i) + 1, events.end(),
        [&](const auto& e) { return e.target == line.event.target && e.outcome == FenceOutcome::succeeded; });
    if (line.event.outcome == FenceOutcome::failed) model.failed_fencing.push_back(line);
    model.fencing_history.push_back(line);
  }
  for (const auto& progress : view.fencing) {
    FenceLine line;
    line.target = view.effective.node_name(progress.target);
    line.by = view.node_name;
    line.event.target = progress.target;
    line.event.by = view.self;
    line.event.cause = progress.cause;
    line.event.action = cluster_options(view.effective).stonith_action;
    line.event.attempts = progress.attempts;
    if (line.event.device.empty()) line.event.device = only_device(view, progress.target);
    line.progress = progress;
    for (const auto& event : events) {
      if (event.target == progress.target && event.outcome == FenceOutcome::pending) line.event = event;
    }
    line.event.attempts = progress.attempts;
    if (line.event.device.empty()) line.event.device = only_device(view, progress.target);
    model.pending_fencing.push_back(std::move(line));
  }
  for (const auto& event : events) {  // of the other node: only the event is known here
    const bool shown = std::any_of(view.fencing.begin(), view.fencing.end(),
                                   [&](const FencingProgress& p) { return p.target == event.target; });
    if (event.outcome != FenceOutcome::pending || shown) continue;
    FenceLine line;
    line.event = event;
    line.target = view.effective.node_name(event.target);
    line.by = view.effective.node_name(event.by);
    model.pending_fencing.push_back(std::move(line));
  }
}

}  // namespace duet::cli
