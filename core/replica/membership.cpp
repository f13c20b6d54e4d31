// SPDX-License-Identifier: Apache-2.0
// May-run sets and evidence. The rule behind all of it: when in doubt, a boot may run everything.
#include "core/replica/membership.hpp"

#include <algorithm>
#include <limits>

#include "core/base/invariant.hpp"
#include "core/base/mutant.hpp"

namespace duet {

namespace {

/// Later than every order of this stream epoch, earlier than every order of the next one.
OpId end_of_epoch(std::uint32_t epoch) {
  return {epoch, std::numeric_limits<std::uint32_t>::max(), NodeId{std::numeric_limits<std::uint32_t>::max()}};
}

/// A joined node still counts as running it and no order for it is open there. Nobody else can have been told to start
/// it then: that takes a result of this node which says that it is stopped, and until this node has heard its own
/// result the order that led to it is pending.
bool held_elsewhere(const ClusterState& state, const ResourceState& resource, NodeId lost) {
  return std::any_of(resource.on.begin(), resource.on.end(), [&](const auto& item) {
    const auto& [id, on] = item;
    const auto node = state.nodes.find(id);
    return id != lost && node != state.nodes.end() && node->second.membership == Membership::joined && !on.pending &&
           on.may_run && on.may_run->boot == node->second.incarnation.boot;
  });
}

void may_run_everything(ClusterState& state, NodeId node, const BootId& boot) {
  for (auto& [id, resource] : state.resources) {
    ResourceOnNode& on = resource.on[node];
    on.may_run = MayRun{boot, end_of_epoch(state.stream_epoch)};
    on.pending.reset();
    on.probed = false;
  }
}

/// Nothing is known any more, and nothing runs: a boot ended.
void forget_boot(ClusterState& state, NodeId node) {
  for (auto& [id, resource] : state.resources) {
    resource.on[node] = ResourceOnNode{};
    resource.on[node].activity = Activity::stopped;
  }
}

}  // namespace

void sync_with_config(ClusterState& state, const ClusterConfig& config) {
  std::erase_if(state.resources, [&](const auto& item) { return config.primitive(item.first) == nullptr; });
  for (const Node& node : config.nodes) state.nodes[node.id];
  for (const Primitive& primitive : config.primitives) {
    ResourceState& resource = state.resources[primitive.id];
    for (const Node& node : config.nodes) {
      const auto [item, added] = resource.on.try_emplace(node.id);
      if (!added) continue;
      // A resource that did not exist before: a lost node never got an order for it, so it is no candidate there, but
      // every node in the view is probed first (S10).
      item->second.activity = Activity::unknown;
    }
  }
}

void mark_lost(ClusterState& state, NodeId node, bool node_down, std::string why) {
  NodeState& lost = state.nodes[node];
  lost.membership = Membership::absent;
  lost.reported = false;
  lost.join_acks.clear();
  lost.joined_at = 0;
  if (node_down) lost.in_corosync = false;
  lost.why = std::move(why);
  if (lost.evidence && lost.evidence->boot == lost.incarnation.boot) return;
  if (mutant::active("M04")) {
    apply_evidence(state, {EvidenceKind::clean_leave, node, lost.incarnation.boot, "", "", {}});
    return;
  }
  lost.unclean = node_down && !lost.incarnation.boot.get().empty();
  if (!lost.in_ledger) {  // E7: no start was ever ordered there
    forget_boot(state, node);
    return;
  }
  // What proved that its earlier boot was down says nothing about this one: it may go on alone like we.
  state.solo = false;
  const ClusterState before = state;
  may_run_everything(state, node, lost.incarnation.boot);
  for (auto& [id, resource] : state.resources) {
    ResourceOnNode& on = resource.on[node];
    on.activity = Activity::unknown;
    const ResourceState& known = before.resources.at(id);
    const ResourceOnNode* was = before.find(id, node);
    // It may be restarted where it runs while the lost node cannot be fenced.
    if (was != nullptr && !was->may_run && held_elsewhere(before, known, node)) on.may_run.reset();
  }
}

void mark_node_down(ClusterState& state, NodeId node) {
  NodeState& lost = state.nodes[node];
  lost.in_corosync = false;
  if (lost.membership != Membership::absent || lost.evidence || lost.incarnation.boot.get().empty()) return;
  lost.unclean = true;
  lost.why = "corosync lost it after its duetd had gone";
}

void apply_evidence(ClusterState& state, const Evidence& evidence) {
  NodeState& node = state.nodes[evidence.node];
  if (node.incarnation.boot != evidence.boot && !mutant::active("M14")) return;
  node.evidence = evidence;
  node.unclean = false;
  node.leaving = false;
  node.reported = false;
  node.join_acks.clear();
  node.joined_at = 0;
  node.membership = Membership::absent;
  forget_boot(state, evidence.node);
  for (const ObjectId& id : evidence.left_running) {
    const auto resource = state.resources.find(id);
    if (resource == state.resources.end()) continue;
    ResourceOnNode& on = resource->second.on[evidence.node];
    on.may_run = MayRun{evidence.boot, end_of_epoch(state.stream_epoch)};
    on.activity = Activity::unknown;
  }
}

void withdraw_evidence(ClusterState& state, NodeId id) {
  NodeState& node = state.nodes[id];
  node.evidence.reset();
  node.unclean = !node.in_corosync;
  state.solo = false;
  may_run_everything(state, id, node.incarnation.boot);
}

std::optional<BootId> begin_incarnation(ClusterState& state, NodeId id, const Incarnation& incarnation) {
  NodeState& node = state.nodes[id];
  std::optional<BootId> ended;
  const bool new_boot = node.incarnation.boot != incarnation.boot;
  if (new_boot) {
    const bool settled = node.evidence && node.evidence->left_running.empty();
    if (!node.incarnation.boot.get().empty() && !settled) ended = node.incarnation.boot;
    forget_boot(state, id);
    node.evidence.reset();
    node.in_ledger = false;
  } else if (node.evidence) {
    // The same boot is back after a clean leave: nothing runs but what it left running. After an administrator's word
    // or with fencing switched off nobody knows.
    const bool known = node.evidence->kind == EvidenceKind::clean_leave;
    node.evidence.reset();
    if (!known) may_run_everything(state, id, incarnation.boot);
  }
  node.incarnation = incarnation;
  node.membership = Membership::present;
  node.unclean = false;
  node.in_corosync = true;
  node.leaving = false;
  node.reported = false;
  node.join_acks.clear();
  node.why = "joining: its resources are not probed yet";
  for (auto& [name, resource] : state.resources) {
    ResourceOnNode& on = resource.on[id];
    on.probed = mutant::active("M13");
    on.pending.reset();
    on.activity = mutant::active("M13") ? Activity::stopped : Activity::unknown;
  }
  return ended;
}

void apply_join_report(ClusterState& state, NodeId id, const JoinReport& report) {
  NodeState& node = state.nodes[id];
  node.reported = !report.more;
  for (const ReportedOp& op : report.operations) {
    const auto found = state.resources.find(op.resource);
    if (found == state.resources.end()) continue;
    ResourceOnNode& on = found->second.on[id];
    on.highest_op = std::max(on.highest_op, op.id);
    if (op.begun && !op.outcome && op.id.valid()) {
      on.pending = PendingOp{op.id, op.action, "begun before duetd was restarted"};
      on.may_run = MayRun{node.incarnation.boot, op.id};
    }
  }
  for (const ObjectId& resource : report.stop_failed) {
    const auto found = state.resources.find(resource);
    if (found == state.resources.end()) continue;
    ResourceOnNode& on = found->second.on[id];
    on.stop_failed = true;
    if (!on.may_run) on.may_run = MayRun{node.incarnation.boot, on.highest_op};
  }
  for (const ReportedFailures& reported : report.failures) {
    const auto found = state.resources.find(reported.resource);
    if (found == state.resources.end()) continue;
    ResourceOnNode& on = found->second.on[id];
    on.hard_ban = on.hard_ban || reported.hard_ban;
    for (const FailureRecord& failure : reported.failures) {
      std::erase_if(on.failures, [&](const FailureRecord& known) {
        return known.action == failure.action && known.interval == failure.interval;
      });
      on.failures.push_back(failure);
    }
  }
}

bool ready_to_join(const ClusterState& state, NodeId id) {
  const auto node = state.nodes.find(id);
  if (node == state.nodes.end() || node->second.membership != Membership::present || !node->second.reported)
    return false;
  return std::all_of(state.resources.begin(), state.resources.end(), [&](const auto& item) {
    const auto on = item.second.on.find(id);
    if (on == item.second.on.end()) return false;
    // An operation that its report told of, still going on, says enough: it is in the may-run set, and whatever is
    // decided about this resource waits for its end. One slow start must not hold up the node.
    const auto& pending = on->second.pending;
    return on->second.probed || (pending && pending->action != Action::probe);
  });
}

void complete_join(ClusterState& state, NodeId id) {
  NodeState& node = state.nodes[id];
  node.membership = Membership::joined;
  node.why.clear();
  if (node.joined_at == 0) node.joined_at = ++state.join_counter;
  ++state.stream_epoch;
  const bool all_in = std::all_of(state.nodes.begin(), state.nodes.end(),
                                  [](const auto& item) { return item.second.membership == Membership::joined; });
  if (all_in) state.solo = false;
}

std::optional<NodeId> acting_coordinator(const ClusterState& state) {
  std::optional<NodeId> oldest;
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [id, node] : state.nodes) {
    if (node.membership == Membership::absent || node.joined_at == 0 || node.joined_at >= lowest) continue;
    oldest = id;
    lowest = node.joined_at;
  }
  return oldest;
}

std::vector<NodeId> present_nodes(const ClusterState& state) {
  std::vector<NodeId> nodes;
  for (const auto& [id, node] : state.nodes) {
    if (node.membership != Membership::absent) nodes.push_back(id);
  }
  return nodes;
}

bool may_run_anything(const ClusterState& state, NodeId node, const std::vector<ObjectId>& left_running) {
  return std::any_of(state.resources.begin(), state.resources.end(), [&](const auto& item) {
    const auto on = item.second.on.find(node);
    if (on == item.second.on.end()) return false;
    const bool left = std::binary_search(left_running.begin(), left_running.end(), item.first);
    return on->second.pending.has_value() || (!left && (on->second.may_run.has_value() || on->second.stop_failed));
  });
}

}  // namespace duet
