// SPDX-License-Identifier: Apache-2.0
// Shared state, message by message. Keys of maps become a field of their element; elements are strictly ascending.
#include "core/codec/state_wire.hpp"

#include "core/base/limits.hpp"
#include "core/codec/enums.hpp"

namespace duet::v1 {

namespace {

void put(PendingOp& wire, const duet::PendingOp& value) {
  put(*wire.mutable_id(), value.id);
  wire.set_action(to_wire(value.action));
  wire.set_why(display_text(value.why, limits::text_length));
}

void take(Check& check, const PendingOp& wire, duet::PendingOp& value) {
  take_valid_op(check, "id", wire.id(), value.id);
  take_enum(check, "action", wire.action(), value.action);
  check.text("why", wire.why(), limits::text_length, value.why);
}

void put(ResourceOnNode& wire, const duet::ResourceOnNode& value) {
  wire.set_activity(to_wire(value.activity));
  wire.set_probed(value.probed);
  if (value.pending) put(*wire.mutable_pending(), *value.pending);
  put(*wire.mutable_highest_op(), value.highest_op);
  if (value.may_run) {
    MayRun& may_run = *wire.mutable_may_run();
    may_run.set_boot(value.may_run->boot.get());
    put(*may_run.mutable_since(), value.may_run->since);
  }
  wire.set_stop_failed(value.stop_failed);
  wire.set_hard_ban(value.hard_ban);
  wire.set_needs_stop(value.needs_stop);
  put_list(*wire.mutable_failures(), value.failures);
}

void take(Check& check, const ResourceOnNode& wire, duet::ResourceOnNode& value) {
  take_enum(check, "activity", wire.activity(), value.activity);
  value.probed = wire.probed();
  if (wire.has_pending()) {
    const Check::Scope scope{check, "pending"};
    take(check, wire.pending(), value.pending.emplace());
  }
  take_part(check, "highest_op", wire.highest_op(), value.highest_op);
  if (wire.has_may_run()) {
    const Check::Scope scope{check, "may_run"};
    duet::MayRun& may_run = value.may_run.emplace();
    check.boot("boot", wire.may_run().boot(), may_run.boot);
    take_part(check, "since", wire.may_run().since(), may_run.since);
  }
  value.stop_failed = wire.stop_failed();
  value.hard_ban = wire.hard_ban();
  value.needs_stop = wire.needs_stop();
  take_list(check, "failures", wire.failures(), limits::failure_history, value.failures);
}

void put(ResourceState& wire, const duet::ResourceState& value) {
  for (const auto& [node, on] : value.on) {
    ResourceOnNode& element = *wire.add_on();
    element.set_node(node.get());
    put(element, on);
  }
  wire.set_fatal(value.fatal);
  if (value.preferred) wire.set_preferred(value.preferred->get());
  if (value.last_node) wire.set_last_node(value.last_node->get());
}

void take(Check& check, const ResourceState& wire, duet::ResourceState& value) {
  const auto size = static_cast<std::size_t>(wire.on_size());
  if (!check.within("on", size, limits::nodes)) return;
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, "on", i};
    const ResourceOnNode& element = wire.on(static_cast<int>(i));
    NodeId node;
    check.node("node", element.node(), node);
    if (!value.on.empty() && node <= value.on.rbegin()->first) {
      check.refuse("node", std::to_string(node.get()), "after the node before it: elements are ascending");
    }
    take(check, element, value.on[node]);
  }
  value.fatal = wire.fatal();
  if (wire.has_preferred()) check.node("preferred", wire.preferred(), value.preferred.emplace());
  if (wire.has_last_node()) check.node("last_node", wire.last_node(), value.last_node.emplace());
}

void put(NodeState& wire, const duet::NodeState& value) {
  wire.set_membership(to_wire(value.membership));
  put(*wire.mutable_incarnation(), value.incarnation);
  wire.set_unclean(value.unclean);
  wire.set_in_corosync(value.in_corosync);
  wire.set_leaving(value.leaving);
  wire.set_reported(value.reported);
  wire.set_joined_at(value.joined_at);
  if (value.evidence) put(*wire.mutable_evidence(), *value.evidence);
  wire.set_why(display_text(value.why, limits::text_length));
  wire.set_in_ledger(value.in_ledger);
  for (const NodeId node : value.join_acks) wire.add_join_acks(node.get());
}

void take(Check& check, const NodeState& wire, duet::NodeState& value) {
  take_enum(check, "membership", wire.membership(), value.membership);
  take_part(check, "incarnation", wire.incarnation(), value.incarnation);
  value.unclean = wire.unclean();
  value.in_corosync = wire.in_corosync();
  value.leaving = wire.leaving();
  value.reported = wire.reported();
  value.joined_at = wire.joined_at();
  if (wire.has_evidence()) take_part(check, "evidence", wire.evidence(), value.evidence.emplace());
  check.text("why", wire.why(), limits::text_length, value.why);
  value.in_ledger = wire.in_ledger();
  take_nodes(check, "join_acks", wire.join_acks(), limits::nodes, value.join_acks);
}

void put(PreparedEntry& wire, const duet::PreparedEntry& value) {
  put(*wire.mutable_entry(), value.entry);
  wire.set_origin(value.origin.get());
  wire.set_request(value.request);
  for (const NodeId node : value.acked) wire.add_acked(node.get());
}

void take(Check& check, const PreparedEntry& wire, duet::PreparedEntry& value) {
  take_part(check, "entry", wire.entry(), value.entry);
  check.node("origin", wire.origin(), value.origin);
  value.request = wire.request();
  take_nodes(check, "acked", wire.acked(), limits::nodes, value.acked);
}

void take_nodes_of_state(Check& check, const ClusterState& wire, duet::ClusterState& value) {
  const auto size = static_cast<std::size_t>(wire.nodes_size());
  if (!check.within("nodes", size, limits::nodes)) return;
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, "nodes", i};
    const NodeState& element = wire.nodes(static_cast<int>(i));
    NodeId node;
    check.node("node", element.node(), node);
    if (!value.nodes.empty() && node <= value.nodes.rbegin()->first) {
      check.refuse("node", std::to_string(node.get()), "after the node before it: elements are ascending");
    }
    take(check, element, value.nodes[node]);
  }
}

void take_resources_of_state(Check& check, const ClusterState& wire, duet::ClusterState& value) {
  const auto size = static_cast<std::size_t>(wire.resources_size());
  if (!check.within("resources", size, 2 * limits::resources)) return;  // deleted ones may still be stopping
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, "resources", i};
    const ResourceState& element = wire.resources(static_cast<int>(i));
    ObjectId id;
    check.id("resource", element.resource(), id);
    if (!value.resources.empty() && id <= value.resources.rbegin()->first) {
      check.refuse("resource", id, "after the id before it: elements are ascending");
    }
    take(check, element, value.resources[id]);
  }
}

void put(DeviceState& wire, const duet::DeviceState& value) {
  wire.set_verified(value.verified);
  for (const auto& [node, seen] : value.seen) {
    DeviceSeen& element = *wire.add_seen();
    element.set_node(node.get());
    put(element, seen);
  }
}

void take(Check& check, const DeviceState& wire, duet::DeviceState& value) {
  value.verified = wire.verified();
  const auto size = static_cast<std::size_t>(wire.seen_size());
  if (!check.within("seen", size, limits::nodes)) return;
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, "seen", i};
    const DeviceSeen& element = wire.seen(static_cast<int>(i));
    NodeId node;
    check.node("node", element.node(), node);
    if (!value.seen.empty() && node <= value.seen.rbegin()->first) {
      check.refuse("node", std::to_string(node.get()), "after the node before it: elements are ascending");
    }
    take(check, element, value.seen[node]);
  }
}

void take_devices_of_state(Check& check, const ClusterState& wire, duet::ClusterState& value) {
  const auto size = static_cast<std::size_t>(wire.devices_size());
  if (!check.within("devices", size, limits::resources)) return;
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, "devices", i};
    const DeviceState& element = wire.devices(static_cast<int>(i));
    ObjectId id;
    check.id("device", element.device(), id);
    if (!value.devices.empty() && id <= value.devices.rbegin()->first) {
      check.refuse("device", id, "after the id before it: elements are ascending");
    }
    take(check, element, value.devices[id]);
  }
}

}  // namespace

void put(Incarnation& wire, const duet::Incarnation& value) {
  wire.set_boot(value.boot.get());
  wire.set_start(value.start);
}

void take(Check& check, const Incarnation& wire, duet::Incarnation& value) {
  check.boot("boot", wire.boot(), value.boot);
  value.start = wire.start();
}

void put(OpId& wire, const duet::OpId& value) {
  wire.set_epoch(value.epoch);
  wire.set_sequence(value.sequence);
  wire.set_giver(value.giver.get());
}

void take(Check& check, const OpId& wire, duet::OpId& value) {
  if (wire.sequence() != 0 && wire.giver() == 0) check.refuse("giver", "0", "a node id: 1 .. 4294967295");
  value = duet::OpId{.epoch = wire.epoch(), .sequence = wire.sequence(), .giver = NodeId{wire.giver()}};
}

void take_valid_op(Check& check, const char* field, const OpId& wire, duet::OpId& value) {
  const Check::Scope scope{check, field};
  if (wire.sequence() == 0) check.refuse("sequence", "0", "the number of an operation: 1 .. 4294967295");
  take(check, wire, value);
}

void put(OpOutcome& wire, const duet::OpOutcome& value) {
  wire.set_status(to_wire(value.status));
  wire.set_exit_code(value.exit_code);
  wire.set_reason(display_text(value.reason, limits::reason_length));
  wire.set_unix_ms(value.unix_ms);
  wire.set_took_ms(value.took_ms);
  wire.set_other_parameters(value.other_parameters);
}

void take(Check& check, const OpOutcome& wire, duet::OpOutcome& value) {
  take_enum(check, "status", wire.status(), value.status);
  check.number("exit_code", wire.exit_code(), -1, 255, value.exit_code);
  check.text("reason", wire.reason(), limits::reason_length, value.reason);
  check.wall_time("unix_ms", wire.unix_ms(), value.unix_ms);
  check.milliseconds("took_ms", wire.took_ms(), value.took_ms);
  value.other_parameters = wire.other_parameters();
}

void put(FailureRecord& wire, const duet::FailureRecord& value) {
  wire.set_action(to_wire(value.action));
  wire.set_interval_ns(value.interval.count());
  wire.set_count(value.count);
  put(*wire.mutable_last(), value.last);
}

void take(Check& check, const FailureRecord& wire, duet::FailureRecord& value) {
  take_enum(check, "action", wire.action(), value.action);
  check.duration("interval", wire.interval_ns(), value.interval);
  check.number("count", wire.count(), 0, duet::Score::infinite, value.count);
  take_part(check, "last", wire.last(), value.last);
}

void put(Evidence& wire, const duet::Evidence& value) {
  wire.set_kind(to_wire(value.kind));
  wire.set_node(value.node.get());
  wire.set_boot(value.boot.get());
  wire.set_id(value.id);
  wire.set_detail(display_text(value.detail, limits::text_length));
  put_ids(*wire.mutable_left_running(), value.left_running);
}

void take(Check& check, const Evidence& wire, duet::Evidence& value) {
  take_enum(check, "kind", wire.kind(), value.kind);
  check.node("node", wire.node(), value.node);
  check.boot("boot", wire.boot(), value.boot);
  check.name("id", wire.id(), value.id);
  check.text("detail", wire.detail(), limits::text_length, value.detail);
  take_ids(check, "left_running", wire.left_running(), limits::resources, value.left_running);
}

void put(FenceEvent& wire, const duet::FenceEvent& value) {
  wire.set_id(value.id);
  wire.set_target(value.target.get());
  wire.set_by(value.by.get());
  wire.set_boot(value.boot.get());
  wire.set_cause(to_wire(value.cause));
  wire.set_action(to_wire(value.action));
  wire.set_outcome(to_wire(value.outcome));
  wire.set_device(display_text(value.device, limits::text_length));
  wire.set_detail(display_text(value.detail, limits::text_length));
  wire.set_attempts(value.attempts);
  wire.set_unix_ms(value.unix_ms);
}

void take(Check& check, const FenceEvent& wire, duet::FenceEvent& value) {
  check.name("id", wire.id(), value.id);
  check.node("target", wire.target(), value.target);
  value.by = NodeId{wire.by()};
  check.boot("boot", wire.boot(), value.boot);
  take_enum(check, "cause", wire.cause(), value.cause);
  take_enum(check, "action", wire.action(), value.action);
  take_enum(check, "outcome", wire.outcome(), value.outcome);
  check.text("device", wire.device(), limits::text_length, value.device);
  check.text("detail", wire.detail(), limits::text_length, value.detail);
  value.attempts = wire.attempts();
  check.wall_time("unix_ms", wire.unix_ms(), value.unix_ms);
}

void put(DeviceSeen& wire, const duet::DeviceSeen& value) {
  wire.set_healthy(value.healthy);
  wire.set_fingerprint(value.fingerprint);
  wire.set_detail(display_text(value.detail, limits::reason_length));
}

void take(Check& check, const DeviceSeen& wire, duet::DeviceSeen& value) {
  value.healthy = wire.healthy();
  value.fingerprint = wire.fingerprint();
  check.text("detail", wire.detail(), limits::reason_length, value.detail);
}

void put(ClusterState& wire, const duet::ClusterState& value) {
  wire.set_stream_epoch(value.stream_epoch);
  wire.set_join_counter(value.join_counter);
  wire.set_solo(value.solo);
  for (const auto& [node, state] : value.nodes) {
    NodeState& element = *wire.add_nodes();
    element.set_node(node.get());
    put(element, state);
  }
  for (const auto& [id, state] : value.resources) {
    ResourceState& element = *wire.add_resources();
    element.set_resource(id);
    put(element, state);
  }
  put_list(*wire.mutable_fencing(), value.fencing);
  for (const auto& [id, device] : value.devices) {
    DeviceState& element = *wire.add_devices();
    element.set_device(id);
    put(element, device);
  }
  if (value.prepared) put(*wire.mutable_prepared(), *value.prepared);
  if (value.fork) wire.set_fork(display_text(*value.fork, limits::text_length));
}

void take(Check& check, const ClusterState& wire, duet::ClusterState& value) {
  value.stream_epoch = wire.stream_epoch();
  value.join_counter = wire.join_counter();
  value.solo = wire.solo();
  take_nodes_of_state(check, wire, value);
  take_resources_of_state(check, wire, value);
  take_list(check, "fencing", wire.fencing(), limits::fencing_history, value.fencing);
  take_devices_of_state(check, wire, value);
  if (wire.has_prepared()) {
    const Check::Scope scope{check, "prepared"};
    take(check, wire.prepared(), value.prepared.emplace());
  }
  if (wire.has_fork()) check.text("fork", wire.fork(), limits::text_length, value.fork.emplace());
}

}  // namespace duet::v1
