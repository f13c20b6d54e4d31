// SPDX-License-Identifier: Apache-2.0
// Messages of the stream and the snapshot, one by one.
#include "core/codec/replica_wire.hpp"

#include "core/base/limits.hpp"
#include "core/codec/admin_wire.hpp"
#include "core/codec/enums.hpp"

namespace duet::v1 {

namespace {

constexpr std::size_t entries_max = 1000;  // ten times what a store keeps (StoreImage)

void put(ChainLink& wire, const duet::ChainLink& value) {
  put(*wire.mutable_position(), value.position);
  wire.set_hash(value.hash);
}

void take(Check& check, const char* field, const ChainLink& wire, duet::ChainLink& value) {
  const Check::Scope scope{check, field};
  take_part(check, "position", wire.position(), value.position);
  check.digest_or_empty("hash", wire.hash(), value.hash);
}

/// Messages that name a member and its incarnation.
void take_member(Check& check, std::uint32_t wire, const Incarnation& wire_incarnation, NodeId& node,
                 duet::Incarnation& incarnation) {
  check.node("member", wire, node);
  take_part(check, "incarnation", wire_incarnation, incarnation);
}

}  // namespace

void put(Hello& wire, const duet::Hello& value) {
  wire.set_major(value.major);
  wire.set_minor(value.minor);
  wire.set_node_name(value.node_name);
  wire.set_has_state(value.has_state);
  wire.set_joined_at(value.joined_at);
  wire.set_stream_epoch(value.stream_epoch);
  put(*wire.mutable_committed(), value.committed);
  if (value.prepared) put(*wire.mutable_prepared(), *value.prepared);
  put(*wire.mutable_solo_base(), value.solo_base);
  if (value.evidence_against_you) put(*wire.mutable_evidence_against_you(), *value.evidence_against_you);
}

void take(Check& check, const Hello& wire, duet::Hello& value) {
  check.number("major", wire.major(), 1, 65535, value.major);
  check.number("minor", wire.minor(), 0, 65535, value.minor);
  check.node_name("node_name", wire.node_name(), value.node_name);
  value.has_state = wire.has_state();
  value.joined_at = wire.joined_at();
  value.stream_epoch = wire.stream_epoch();
  take(check, "committed", wire.committed(), value.committed);
  if (wire.has_prepared()) take(check, "prepared", wire.prepared(), value.prepared.emplace());
  take_part(check, "solo_base", wire.solo_base(), value.solo_base);
  if (wire.has_evidence_against_you()) {
    take_part(check, "evidence_against_you", wire.evidence_against_you(), value.evidence_against_you.emplace());
  }
}

void put(SnapshotChunk& wire, const duet::SnapshotChunk& value) {
  wire.set_donor(value.donor.get());
  wire.set_snapshot(value.snapshot);
  wire.set_offset(value.offset);
  wire.set_total(value.total);
  wire.set_sha256(value.sha256);
  wire.set_data(value.data.data(), value.data.size());
}

void take(Check& check, const SnapshotChunk& wire, duet::SnapshotChunk& value) {
  check.node("donor", wire.donor(), value.donor);
  value.snapshot = wire.snapshot();
  if (!check.within("total", wire.total(), limits::snapshot_total)) return;
  if (!check.within("data", wire.data().size(), limits::snapshot_chunk)) return;
  if (wire.data().empty()) check.refuse("data", {}, "a part of a snapshot: it is empty");
  if (!check.within("offset", std::size_t{wire.offset()} + wire.data().size(), wire.total())) return;
  value.offset = wire.offset();
  value.total = wire.total();
  check.digest("sha256", wire.sha256(), value.sha256);
  value.data.assign(wire.data().begin(), wire.data().end());
}

void put(Snapshot& wire, const duet::Snapshot& value) {
  put_list(*wire.mutable_entries(), value.entries);
  put(*wire.mutable_solo_base(), value.solo_base);
  put(*wire.mutable_state(), value.state);
}

void take(Check& check, const Snapshot& wire, duet::Snapshot& value) {
  take_list(check, "entries", wire.entries(), entries_max, value.entries);
  take_part(check, "solo_base", wire.solo_base(), value.solo_base);
  take_part(check, "state", wire.state(), value.state);
}

void put(Tick& wire, const duet::Tick& value) {
  wire.set_number(value.number);
  wire.set_digest_sender(value.digest_sender.get());
  wire.set_digest_number(value.digest_number);
  wire.set_digest(value.digest);
}

void take(Check& check, const Tick& wire, duet::Tick& value) {
  value.number = wire.number();
  if (wire.digest_number() != 0) check.node("digest_sender", wire.digest_sender(), value.digest_sender);
  value.digest_sender = NodeId{wire.digest_sender()};
  value.digest_number = wire.digest_number();
  value.digest = wire.digest();
}

void put(ReportedOp& wire, const duet::ReportedOp& value) {
  wire.set_resource(value.resource);
  put(*wire.mutable_id(), value.id);
  wire.set_action(to_wire(value.action));
  wire.set_begun(value.begun);
  if (value.outcome) put(*wire.mutable_outcome(), *value.outcome);
}

void take(Check& check, const ReportedOp& wire, duet::ReportedOp& value) {
  check.id("resource", wire.resource(), value.resource);
  take_part(check, "id", wire.id(), value.id);
  take_enum(check, "action", wire.action(), value.action);
  value.begun = wire.begun();
  if (wire.has_outcome()) take_part(check, "outcome", wire.outcome(), value.outcome.emplace());
}

void put(ReportedFailures& wire, const duet::ReportedFailures& value) {
  wire.set_resource(value.resource);
  put_list(*wire.mutable_failures(), value.failures);
  wire.set_hard_ban(value.hard_ban);
}

void take(Check& check, const ReportedFailures& wire, duet::ReportedFailures& value) {
  check.id("resource", wire.resource(), value.resource);
  take_list(check, "failures", wire.failures(), limits::failure_history, value.failures);
  value.hard_ban = wire.hard_ban();
}

void put(JoinReport& wire, const duet::JoinReport& value) {
  put_list(*wire.mutable_operations(), value.operations);
  put_ids(*wire.mutable_stop_failed(), value.stop_failed);
  wire.set_more(value.more);
  put_list(*wire.mutable_failures(), value.failures);
}

void take(Check& check, const JoinReport& wire, duet::JoinReport& value) {
  take_list(check, "operations", wire.operations(), limits::kept_runs, value.operations);
  take_ids(check, "stop_failed", wire.stop_failed(), 2 * limits::resources, value.stop_failed);
  value.more = wire.more();
  take_list(check, "failures", wire.failures(), report_part, value.failures);
}

void put(JoinRecorded& wire, const duet::JoinRecorded& value) {
  wire.set_member(value.member.get());
  put(*wire.mutable_incarnation(), value.incarnation);
}

void take(Check& check, const JoinRecorded& wire, duet::JoinRecorded& value) {
  take_member(check, wire.member(), wire.incarnation(), value.member, value.incarnation);
}

void put(Order& wire, const duet::Order& value) {
  put(*wire.mutable_id(), value.id);
  wire.set_resource(value.resource);
  wire.set_node(value.node.get());
  wire.set_action(to_wire(value.action));
  put(*wire.mutable_config(), value.config);
  wire.set_why(display_text(value.why, limits::text_length));
}

void take(Check& check, const Order& wire, duet::Order& value) {
  take_valid_op(check, "id", wire.id(), value.id);
  check.id("resource", wire.resource(), value.resource);
  check.node("node", wire.node(), value.node);
  take_enum(check, "action", wire.action(), value.action);
  take_part(check, "config", wire.config(), value.config);
  check.text("why", wire.why(), limits::text_length, value.why);
}

void put(OpResult& wire, const duet::OpResult& value) {
  put(*wire.mutable_id(), value.id);
  wire.set_resource(value.resource);
  wire.set_action(to_wire(value.action));
  wire.set_interval_ns(value.interval.count());
  put(*wire.mutable_highest(), value.highest);
  put(*wire.mutable_outcome(), value.outcome);
}

void take(Check& check, const OpResult& wire, duet::OpResult& value) {
  take_part(check, "id", wire.id(), value.id);
  check.id("resource", wire.resource(), value.resource);
  take_enum(check, "action", wire.action(), value.action);
  check.duration("interval", wire.interval_ns(), value.interval);
  take_part(check, "highest", wire.highest(), value.highest);
  take_part(check, "outcome", wire.outcome(), value.outcome);
}

void put(Propose& wire, const duet::Propose& value) {
  wire.set_request(value.request);
  put(*wire.mutable_body(), value.body);
}

void take(Check& check, const Propose& wire, duet::Propose& value) {
  value.request = wire.request();
  take_part(check, "body", wire.body(), value.body);
}

void put(Prepared& wire, const duet::Prepared& value) {
  put(*wire.mutable_position(), value.position);
  wire.set_hash(value.hash);
  wire.set_error(display_text(value.error, limits::text_length));
}

void take(Check& check, const Prepared& wire, duet::Prepared& value) {
  take_part(check, "position", wire.position(), value.position);
  check.text("error", wire.error(), limits::text_length, value.error);
  if (value.error.empty()) {
    check.digest("hash", wire.hash(), value.hash);
  } else {
    check.digest_or_empty("hash", wire.hash(), value.hash);
  }
}

void put(JoinRefused& wire, const duet::JoinRefused& value) {
  wire.set_member(value.member.get());
  wire.set_reason(display_text(value.reason, limits::text_length));
}

void take(Check& check, const JoinRefused& wire, duet::JoinRefused& value) {
  check.node("member", wire.member(), value.member);
  check.text("reason", wire.reason(), limits::text_length, value.reason);
}

void put(FenceReport& wire, const duet::FenceReport& value) {
  put(*wire.mutable_event(), value.event);
}

void take(Check& check, const FenceReport& wire, duet::FenceReport& value) {
  take_part(check, "event", wire.event(), value.event);
}

void put(FailureExpired& wire, const duet::FailureExpired& value) {
  wire.set_resource(value.resource);
  wire.set_node(value.node.get());
}

void take(Check& check, const FailureExpired& wire, duet::FailureExpired& value) {
  check.id("resource", wire.resource(), value.resource);
  check.node("node", wire.node(), value.node);
}

void put(LeaveWanted& /*wire*/, const duet::LeaveWanted& /*value*/) {}

void take(Check& /*check*/, const LeaveWanted& /*wire*/, duet::LeaveWanted& /*value*/) {}

void put(CleanLeave& wire, const duet::CleanLeave& value) {
  put(*wire.mutable_incarnation(), value.incarnation);
  put_ids(*wire.mutable_left_running(), value.left_running);
}

void take(Check& check, const CleanLeave& wire, duet::CleanLeave& value) {
  take_part(check, "incarnation", wire.incarnation(), value.incarnation);
  take_ids(check, "left_running", wire.left_running(), limits::resources, value.left_running);
}

void put(LeaveRecorded& wire, const duet::LeaveRecorded& value) {
  wire.set_member(value.member.get());
  put(*wire.mutable_incarnation(), value.incarnation);
}

void take(Check& check, const LeaveRecorded& wire, duet::LeaveRecorded& value) {
  take_member(check, wire.member(), wire.incarnation(), value.member, value.incarnation);
}

void put(NodeLost& wire, const duet::NodeLost& value) {
  wire.set_node(value.node.get());
  put(*wire.mutable_incarnation(), value.incarnation);
}

void take(Check& check, const NodeLost& wire, duet::NodeLost& value) {
  check.node("node", wire.node(), value.node);
  take_part(check, "incarnation", wire.incarnation(), value.incarnation);
}

void put(DeviceReport& wire, const duet::DeviceReport& value) {
  wire.set_device(value.device);
  put(*wire.mutable_seen(), value.seen);
  wire.set_age_ms(value.age_ms);
}

void take(Check& check, const DeviceReport& wire, duet::DeviceReport& value) {
  check.id("device", wire.device(), value.device);
  take_part(check, "seen", wire.seen(), value.seen);
  check.milliseconds("age_ms", wire.age_ms(), value.age_ms);
}

}  // namespace duet::v1
