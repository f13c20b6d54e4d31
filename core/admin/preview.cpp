// SPDX-License-Identifier: Apache-2.0
// Compares the state at rest after the change with the state now.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/admin/admin.hpp"
#include "core/policy/forecast.hpp"
#include "core/policy/plan.hpp"

namespace duet {

namespace {

using Places = std::map<ObjectId, std::optional<NodeId>>;

Places active_places(const ClusterConfig& config, const ClusterState& state) {
  Places places;
  for (const Primitive& primitive : config.primitives) {
    std::optional<NodeId>& place = places[primitive.id];
    for (const auto& [id, node] : state.nodes) {
      const ResourceOnNode* on = state.find(primitive.id, id);
      const bool active = on != nullptr && node.membership != Membership::absent &&
                          (on->activity == Activity::running || on->activity == Activity::failed);
      if (active && !place) place = id;
    }
  }
  return places;
}

std::string_view verb(Action action) {
  switch (action) {
    case Action::probe:
    case Action::monitor:
      return "Probe";
    case Action::start:
      return "Start";
    case Action::stop:
      return "Stop";
  }
  return "Probe";
}

/// Starts that are wanted at the end and cannot begin: the reader must know that a service stays down.
void add_waiting(const ClusterConfig& config, const Forecast& result, bool quorate, std::string& out) {
  const Plan rest = make_plan({config, result.end, quorate, {}});
  for (const PlannedOp& step : rest.operations) {
    if (step.action == Action::probe || step.waits_for.empty()) continue;
    out += fmt::format("Waits: {} {} {}: {}\n", verb(step.action), step.resource, config.node_name(step.node),
                       step.waits_for.front().text);
  }
  for (const auto& [id, why] : rest.blocked) out += fmt::format("Blocked: {}: {}\n", id, why.text);
}

std::string describe(const ClusterConfig& before, const ClusterConfig& after, const ClusterState& state,
                     const Forecast& result, bool quorate) {
  std::string out;
  for (const auto& round : result.rounds) {
    for (const PlannedOp& step : round) {
      if (step.action == Action::probe) continue;
      out += fmt::format("{} {} {}\n", verb(step.action), step.resource, after.node_name(step.node));
    }
  }
  for (const FenceDemand& demand : result.fences) {
    out += fmt::format("Fence {}: {}\n", after.node_name(demand.target), demand.why);
  }
  const Places was = active_places(before, state);
  const Places is = active_places(after, result.end);
  for (const auto& [id, node] : was) {
    const auto now = is.find(id);
    if (!node || (now != is.end() && now->second == node)) continue;
    const std::string from = before.node_name(*node);
    if (now == is.end()) {
      out += fmt::format("{} is deleted while it is active on {}\n", id, from);
    } else if (!now->second) {
      out += fmt::format("{} would not run any more\n", id);
    } else {
      out += fmt::format("{} would move from {} to {}\n", id, from, after.node_name(*now->second));
    }
  }
  add_waiting(after, result, quorate, out);
  if (!result.settled) out += "It would not come to rest.\n";
  if (out.empty()) out = "Nothing would start, stop or move.\n";
  return out;
}

}  // namespace

std::string preview(const ClusterConfig& before, const ClusterConfig& after, const ClusterState& state, bool quorate) {
  return describe(before, after, state, forecast({after, state, quorate, {}}), quorate);
}

std::string preview(const ClusterConfig& config, const ClusterState& state, const MoveResource& request, bool quorate) {
  ClusterState asked = state;
  const Group* group = config.group(request.id);
  const std::vector<ObjectId> ids = group != nullptr ? group->members : std::vector<ObjectId>{request.id};
  for (const ObjectId& id : ids) asked.resources[id].preferred = request.target;
  return describe(config, config, state, forecast({config, asked, quorate, {}}), quorate);
}

}  // namespace duet
