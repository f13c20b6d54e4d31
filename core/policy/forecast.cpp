// SPDX-License-Identifier: Apache-2.0
// Plan, let everything that is ready succeed, plan again.
#include "core/policy/forecast.hpp"

#include <algorithm>

#include "core/policy/failure.hpp"
#include "core/policy/plan.hpp"

namespace duet {

namespace {

constexpr std::int32_t not_running = 7;

void succeed(const ClusterConfig& config, ClusterState& state, const ObjectId& id, NodeId node, Action action) {
  const Primitive* primitive = config.primitive(id);
  if (primitive == nullptr) return;
  ResourceState& resource = state.resources[id];
  ResourceOnNode& place = resource.on[node];
  place.pending.reset();
  const bool active = place.activity == Activity::running || place.activity == Activity::failed;
  OpOutcome outcome;
  if (action == Action::probe && !active) outcome.exit_code = not_running;
  const FailureEffect effect = classify(config, *primitive, action, Duration{0}, outcome);
  if (action == Action::stop) place.stop_failed = false;
  apply_effect(resource, node, action, Duration{0}, outcome, effect);
  if (place.activity == Activity::running) {
    place.may_run = MayRun{state.nodes[node].incarnation.boot, place.highest_op};
    if (resource.preferred == node) resource.preferred.reset();
  } else {
    place.may_run.reset();
  }
}

void finish_pending(const ClusterConfig& config, ClusterState& state) {
  for (auto& [id, resource] : state.resources) {
    for (auto& [node, place] : resource.on) {
      const auto info = state.nodes.find(node);
      const bool here = info != state.nodes.end() && info->second.membership != Membership::absent;
      if (place.pending && here) succeed(config, state, id, node, place.pending->action);
    }
  }
}

void fence(ClusterState& state, const FenceDemand& demand) {
  NodeState& node = state.nodes[demand.target];
  node.membership = Membership::absent;
  node.reported = false;
  node.unclean = false;
  node.evidence = Evidence{EvidenceKind::fenced, demand.target, demand.boot, "forecast", "", {}};
  for (auto& [id, resource] : state.resources) {
    resource.on[demand.target] = ResourceOnNode{};
    resource.on[demand.target].activity = Activity::stopped;
  }
}

}  // namespace

Forecast forecast(const PolicyInput& input, std::size_t max_rounds) {
  Forecast result;
  result.end = input.state;
  finish_pending(input.config, result.end);
  for (std::size_t round = 0; round < max_rounds; ++round) {
    const Plan plan = make_plan({input.config, result.end, input.quorate, input.unsafe});
    std::vector<PlannedOp> ready;
    for (const PlannedOp& step : plan.operations) {
      const bool twice = std::any_of(ready.begin(), ready.end(), [&](const PlannedOp& other) {
        return other.resource == step.resource && other.node == step.node;
      });
      if (step.ready && !twice) ready.push_back(step);
    }
    if (ready.empty() && plan.fences.empty()) {
      result.settled = true;
      return result;
    }
    for (const PlannedOp& step : ready) succeed(input.config, result.end, step.resource, step.node, step.action);
    for (const FenceDemand& demand : plan.fences) {
      const bool known = std::any_of(result.fences.begin(), result.fences.end(),
                                     [&](const FenceDemand& other) { return other.target == demand.target; });
      if (!known) result.fences.push_back(demand);
      fence(result.end, demand);
    }
    if (!ready.empty()) result.rounds.push_back(std::move(ready));
  }
  return result;
}

}  // namespace duet
