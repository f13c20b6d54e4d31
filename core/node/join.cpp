// SPDX-License-Identifier: Apache-2.0
// Join and heal (protocol.md 6): hello, choice of the donor, snapshot, report, probes, durable record on every member.
#include <fmt/core.h>

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/base/limits.hpp"
#include "core/codec/snapshot_codec.hpp"
#include "core/node/impl.hpp"
#include "core/replica/membership.hpp"

namespace duet {

void NodeCore::Impl::say_hello() {
  if (view_members_.size() == 1 && view_members_.contains(identity_.id)) {
    become_member_alone();
    return;
  }
  awaiting_hellos_ = !solo_stream_;
  const NodeState& self = state_.nodes[identity_.id];
  Hello hello;
  hello.node_name = identity_.name;
  hello.has_state = self.membership != Membership::absent && self.joined_at != 0 && damaged_.empty();
  hello.joined_at = self.joined_at;
  hello.stream_epoch = state_.stream_epoch;
  hello.committed = chain_.link();
  // A damaged store offers nothing: its node takes over what the other has, or waits for the administrator (S3f).
  if (!damaged_.empty()) hello.committed.position = {};
  if (state_.prepared) hello.prepared = ChainLink{state_.prepared->entry.position, state_.prepared->entry.hash};
  hello.solo_base = chain_.solo_base();
  if (const auto other = peer(); other) hello.evidence_against_you = state_.nodes[*other].evidence;
  send(hello);
}

void NodeCore::Impl::apply(NodeId sender, const Hello& body, const StreamMessage& message) {
  if (!awaiting_hellos_) return;
  if (sender != identity_.id) {
    trace(
        TraceKind::join,
        {{"member", std::to_string(sender.get())}, {"member_boot", message.incarnation.boot.get()}, {"step", "hello"}});
    const NodeState& known = state_.nodes[sender];
    if (known.incarnation.boot != message.incarnation.boot) fencer_.newer_boot_appeared();
    const auto& against_me = body.evidence_against_you;
    if (against_me && against_me->kind == EvidenceKind::fenced && against_me->boot == me_.boot) {
      self_fence(fmt::format("{} had this boot fenced ({}), and it is alive", name_of(sender), against_me->id));
      return;
    }
  }
  hellos_.insert_or_assign(sender, message);
  const bool all =
      std::all_of(view_members_.begin(), view_members_.end(), [&](NodeId n) { return hellos_.contains(n); });
  if (all) hellos_complete();
}

/// Both hellos are delivered: the same place of the stream on both nodes. From here on they have one state.
void NodeCore::Impl::hellos_complete() {
  awaiting_hellos_ = false;
  digests_.clear();
  std::uint32_t epoch = state_.stream_epoch;
  const StreamMessage* best = nullptr;
  const auto rank = [](const StreamMessage& message) {
    const Hello& hello = std::get<Hello>(message.body);
    // Higher chain first; then the older joined incarnation; then the lower node id.
    const std::uint64_t seniority = hello.has_state ? ~hello.joined_at : 0;
    return std::tuple{donor_rank(hello), seniority, ~message.sender.get()};
  };
  for (const auto& [id, message] : hellos_) {
    epoch = std::max(epoch, std::get<Hello>(message.body).stream_epoch);
    if (best == nullptr || rank(message) > rank(*best)) best = &message;
  }
  donor_ = best->sender;
  if (donor_ != identity_.id) {
    keep_own_failures();
    log(Level::info, fmt::format("joining: {} has the state", name_of(donor_)));
    syncing_ = true;
    // Until the snapshot is here we know nothing about the donor's boot: it may have run things while we were away, so
    // E7 does not hold for it.
    NodeState& donor = state_.nodes[donor_];
    const bool settled = donor.evidence && donor.evidence->left_running.empty();
    const BootId before = settled ? BootId{} : donor.incarnation.boot;
    if (!before.get().empty() && before != best->incarnation.boot) record_ended_boot(donor_, before);
    donor.incarnation = best->incarnation;
    donor.membership = Membership::present;
    donor.in_ledger = true;
    donor.in_corosync = true;
    donor.evidence.reset();
    return;
  }
  NodeState& self = state_.nodes[identity_.id];
  if (self.membership == Membership::absent || self.incarnation != me_) {
    static_cast<void>(begin_incarnation(state_, identity_.id, me_));
  }
  if (self.joined_at == 0) self.joined_at = ++state_.join_counter;
  // What a boot may run by what was ordered up to now belongs to the epochs before: a probe of the new one settles it.
  state_.stream_epoch = epoch;
  for (const auto& [id, message] : hellos_) {
    if (id != identity_.id) welcome(id, message.incarnation);
  }
  ++state_.stream_epoch;
  if (state_.prepared) state_.prepared->acked.clear();
  forget_in_flight();
  for (const auto& [id, message] : hellos_) {
    if (id != identity_.id) start_snapshot(id, std::get<Hello>(message.body));
  }
  after_new_state();
}

/// The donor's part: another node's incarnation begins here.
void NodeCore::Impl::welcome(NodeId node, const Incarnation& incarnation) {
  const auto& evidence = state_.nodes[node].evidence;
  if (evidence && evidence->kind == EvidenceKind::fenced && evidence->boot == incarnation.boot) {
    log(Level::error,
        fmt::format("{} is alive although {} says it was fenced: the device lies", name_of(node), evidence->id));
    withdraw_evidence(state_, node);
  }
  if (const auto ended = begin_incarnation(state_, node, incarnation); ended) record_ended_boot(node, *ended);
  lost_seen_ = false;
  daemon_gone_.reset();
}

/// E4: a hello of a newer boot proves that this one is over.
void NodeCore::Impl::record_ended_boot(NodeId node, const BootId& boot) {
  Evidence ended{EvidenceKind::new_boot,          node, boot, new_evidence_id(EvidenceKind::new_boot),
                 "it said hello with a new boot", {}};
  trace_evidence(ended);
  owe({StoreEvidence{std::move(ended)}});
}

void NodeCore::Impl::start_snapshot(NodeId joiner, const Hello& hello) {
  if (hello.committed.position.index > 0 && chain_.relation_to(hello.committed) == ChainRelation::fork) {
    const std::string text =
        fmt::format("the configurations of {} (commit {}.{}) and {} (commit {}.{}) have forked", identity_.name,
                    chain_.link().position.epoch, chain_.link().position.index, name_of(joiner),
                    hello.committed.position.epoch, hello.committed.position.index);
    state_.fork = text;
    send(JoinRefused{joiner, text});
    return;
  }
  const Bytes bytes = encode(Snapshot{chain_.missing_after(hello.committed), chain_.solo_base(), state_});
  const std::string digest = to_hex(sha256(bytes));
  ++snapshots_sent_;
  for (std::size_t offset = 0; offset < bytes.size(); offset += limits::snapshot_chunk) {
    const std::size_t size = std::min(limits::snapshot_chunk, bytes.size() - offset);
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
    send(SnapshotChunk{identity_.id, snapshots_sent_, static_cast<std::uint32_t>(offset),
                       static_cast<std::uint32_t>(bytes.size()), digest,
                       Bytes{begin, begin + static_cast<std::ptrdiff_t>(size)}});
  }
}

void NodeCore::Impl::apply(NodeId, const JoinRefused& body, const StreamMessage&) {
  state_.fork = body.reason;
  syncing_ = false;
  log(Level::error, body.reason);
}

void NodeCore::Impl::apply(NodeId, const SnapshotChunk& body, const StreamMessage&) {
  if (!syncing_) return;
  if (body.offset == 0) snapshot_bytes_.clear();
  if (body.offset != snapshot_bytes_.size() || body.total > limits::snapshot_total) return;
  snapshot_bytes_.insert(snapshot_bytes_.end(), body.data.begin(), body.data.end());
  if (snapshot_bytes_.size() < body.total) return;
  const Bytes bytes = std::exchange(snapshot_bytes_, {});
  if (to_hex(sha256(bytes)) != body.sha256) {
    log(Level::error, "the snapshot is damaged: joining again");
    stopped_ = true;
    out_.emplace_back(Stopped{"damaged snapshot"});
    return;
  }
  install_snapshot(bytes);
}

void NodeCore::Impl::install_snapshot(const Bytes& bytes) {
  auto snapshot = decode_snapshot(bytes);
  if (!snapshot || snapshot->entries.empty()) {
    log(Level::error,
        "the snapshot cannot be read: " + (snapshot ? "it holds no configuration" : snapshot.error().what));
    stopped_ = true;
    out_.emplace_back(Stopped{"unreadable snapshot"});
    return;
  }
  std::vector<StoreRecord> records = chain_.adopt(snapshot->entries, snapshot->solo_base);
  state_ = std::move(snapshot->state);
  // Who is in already belongs into our ledger too: after a restart we must know which boots may run things.
  for (const auto& [id, node] : state_.nodes) {
    if (node.in_ledger && id != identity_.id && node.membership != Membership::absent) {
      records.emplace_back(StoreJoin{id, node.incarnation});
    }
  }
  owe_chain(std::move(records));
  damaged_.clear();
  syncing_ = false;
  trace(TraceKind::join,
        {{"member", std::to_string(identity_.id.get())}, {"member_boot", me_.boot.get()}, {"step", "snapshot"}});
  forget_in_flight();
  lost_seen_ = false;
  after_new_state();
  const auto held = std::exchange(held_back_, {});
  for (const StreamMessage& message : held) deliver(message);
}

/// The shared state was replaced or begun: everything derived from it is made anew.
void NodeCore::Impl::after_new_state() {
  prepared_here_.clear();
  preparing_.clear();
  ++prepare_write_;
  refresh_effective();
  sync_with_config(state_, effective_);
  configuration_changed();
  executor_.void_unbegun(false, "given before this node joined");
  plan_dirty_ = true;
  ++generation_;
}

/// What failed here while the others were away, only this node knows (protocol.md 6).
void NodeCore::Impl::keep_own_failures() {
  if (state_.nodes[identity_.id].incarnation != me_) return;
  for (const auto& [id, resource] : state_.resources) {
    const ResourceOnNode* on = state_.find(id, identity_.id);
    if (on == nullptr || (on->failures.empty() && !on->hard_ban)) continue;
    const std::size_t count = std::min(on->failures.size(), report_part - 1);
    own_failures_[id] = {
        id, {on->failures.end() - static_cast<std::ptrdiff_t>(count), on->failures.end()}, on->hard_ban};
  }
}

JoinReport NodeCore::Impl::make_report() const {
  JoinReport report;
  for (const auto& [id, failures] : own_failures_) report.failures.push_back(failures);
  report.operations = executor_.report();
  std::set<ObjectId> failed;
  for (const auto& [resource, boot] : stop_failed_) failed.insert(resource);
  for (const ReportedOp& op : report.operations) {
    const bool bad = op.outcome && (op.outcome->status != OpStatus::done || op.outcome->exit_code != 0);
    if (op.action == Action::stop && bad && op.outcome->status != OpStatus::voided) failed.insert(op.resource);
  }
  report.stop_failed.assign(failed.begin(), failed.end());
  return report;
}

void NodeCore::Impl::send_report() {
  const JoinReport whole = make_report();
  std::size_t op = 0;
  std::size_t mark = 0;
  std::size_t failed = 0;
  bool more = true;
  while (more) {
    JoinReport part;
    std::size_t room = report_part;
    for (; op < whole.operations.size() && room > 0; ++op, --room) part.operations.push_back(whole.operations[op]);
    for (; mark < whole.stop_failed.size() && room > 0; ++mark, --room) {
      part.stop_failed.push_back(whole.stop_failed[mark]);
    }
    for (; failed < whole.failures.size() && whole.failures[failed].failures.size() < room; ++failed) {
      room -= whole.failures[failed].failures.size() + 1;
      part.failures.push_back(whole.failures[failed]);
    }
    more = op < whole.operations.size() || mark < whole.stop_failed.size() || failed < whole.failures.size();
    part.more = more;
    report_in_flight_ = send(std::move(part));
    if (!report_in_flight_) return;
  }
}

void NodeCore::Impl::maintain_join() {
  // Who counts on this node counts on what it has stored.
  if (syncing_ || awaiting_hellos_ || state_.fork || !can_send() || disk_is_behind()) return;
  const NodeState& self = state_.nodes[identity_.id];
  const bool in = self.membership != Membership::absent && self.incarnation == me_;
  if (in && !self.reported && !report_in_flight_ && executor_.is_connected()) send_report();
  for (const NodeId member : present_nodes(state_)) {
    if (ready_to_join(state_, member)) record_join(member);
  }
}

/// Durable on every member before it counts (S20): a boot that is not in the ledger never ran anything (E7).
void NodeCore::Impl::record_join(NodeId member) {
  const Incarnation incarnation = state_.nodes[member].incarnation;
  if (join_recorded_.contains(incarnation) || join_persisting_.contains(incarnation)) return;
  join_persisting_.insert(incarnation);
  owe({StoreJoin{member, incarnation}}, [this, member, incarnation] {
    join_persisting_.erase(incarnation);
    trace(TraceKind::join,
          {{"member", std::to_string(member.get())}, {"member_boot", incarnation.boot.get()}, {"step", "recorded"}});
    if (send(JoinRecorded{member, incarnation})) join_recorded_.insert(incarnation);
  });
}

void NodeCore::Impl::apply(NodeId sender, const JoinReport& body, const StreamMessage&) {
  if (state_.nodes[sender].reported) return;
  apply_join_report(state_, sender, body);
  if (sender != identity_.id) return;
  for (const ObjectId& resource : body.stop_failed) note_stop_failed(resource, true);
  if (body.more) return;
  report_in_flight_ = false;
  own_failures_.clear();
  executor_.report_delivered();
}

void NodeCore::Impl::apply(NodeId sender, const JoinRecorded& body, const StreamMessage&) {
  NodeState& node = state_.nodes[body.member];
  if (node.incarnation != body.incarnation || node.membership != Membership::present) return;
  if (std::find(node.join_acks.begin(), node.join_acks.end(), sender) == node.join_acks.end()) {
    node.join_acks.push_back(sender);
  }
  for (const NodeId needed : present_nodes(state_)) {
    if (std::find(node.join_acks.begin(), node.join_acks.end(), needed) == node.join_acks.end()) return;
  }
  complete_join(state_, body.member);
  if (state_.joined().size() > 1) joined_with_peer_ = true;
  forget_in_flight();
  trace(TraceKind::join, {{"member", std::to_string(body.member.get())},
                          {"member_boot", body.incarnation.boot.get()},
                          {"step", "joined"}});
  log(Level::notice, fmt::format("{} has joined", name_of(body.member)));
}

}  // namespace duet
