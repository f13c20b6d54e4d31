// SPDX-License-Identifier: Apache-2.0
// Views and quorum: who is here, who was lost, and whether we may decide at all.
#include <fmt/core.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/mutant.hpp"
#include "core/node/impl.hpp"
#include "core/replica/membership.hpp"

namespace duet {

std::optional<NodeId> NodeCore::Impl::peer() const {
  for (const Node& node : effective_.nodes) {
    if (node.id != identity_.id) return node.id;
  }
  return std::nullopt;
}

void NodeCore::Impl::handle(const ViewChanged& event) {
  // Another duetd, or another view of corosync's: a new chance.
  const auto gone = [&](NodeId node) {
    return std::none_of(event.members.begin(), event.members.end(), [&](NodeId member) { return member == node; }) ||
           std::any_of(event.left.begin(), event.left.end(), [&](const auto& left) { return left.node == node; }) ||
           std::find(event.joined.begin(), event.joined.end(), node) != event.joined.end();
  };
  std::erase_if(blocked_, [&](const auto& item) { return gone(item.first); });
  std::erase_if(refused_lately_, [&](const auto& item) { return gone(item.first); });
  ViewChanged seen = event;
  std::erase_if(seen.members, [&](NodeId node) { return blocked_.contains(node); });
  change_view(seen);
}

void NodeCore::Impl::change_view(const ViewChanged& event) {
  const bool was_solo = solo_stream_;
  ring_ = event.ring;
  plan_dirty_ = true;
  ++generation_;
  if (const auto other = peer(); other) note_favoured(*other);
  if (!event.left.empty()) give_up_proposals();
  for (const auto& left : event.left) node_left(left);
  const std::set<NodeId> members{event.members.begin(), event.members.end()};
  for (const NodeId node : view_members_) {
    const bool told = std::any_of(event.left.begin(), event.left.end(), [&](const auto& l) { return l.node == node; });
    if (!members.contains(node) && !told) node_left({node, LeaveReason::process_down});
  }
  const bool gained = std::any_of(event.members.begin(), event.members.end(), [&](NodeId node) {
    return !view_members_.contains(node) ||
           std::find(event.joined.begin(), event.joined.end(), node) != event.joined.end();
  });
  view_members_ = members;
  if (evidence_pending_ && gained && members.contains(evidence_pending_->evidence.node))
    evidence_pending_->stale = true;
  // It is back: quorum, which comes over another connection, may have told of loss and return before the view did.
  if (const auto other = peer(); other && members.contains(*other)) quorum_is_behind_ = false;
  // The dead incarnation is gone from the view, or its node is back with a new one: the stream is corosync's again.
  const bool dead_still_here = was_solo && peer() && members.contains(*peer()) &&
                               std::find(event.joined.begin(), event.joined.end(), *peer()) == event.joined.end();
  solo_stream_ = dead_still_here;
  if (gained || !event.left.empty() || was_solo != solo_stream_) next_epoch();
  syncing_ = false;
  held_back_.clear();
  snapshot_bytes_.clear();
  hellos_.clear();
  early_hellos_.clear();
  const bool alone = members.size() == 1 && members.contains(identity_.id);
  // What runs goes on; what was ordered by somebody who is gone has no effect any more. In solo a change of view that
  // shows nobody new invalidates nothing.
  if (!(was_solo && alone)) executor_.void_unbegun(false, "the membership changed before it could begin");
  if (!was_solo) must_prove_fresh_ = true;
  tick_due_ = now_;
  awaiting_hellos_ = !alone && !solo_stream_;
  hello_wait_since_ = now_;
  if (me_.boot.get().empty()) return;
  if (alone) become_member_alone();
  if (awaiting_hellos_) say_hello();
}

void NodeCore::Impl::node_left(const ViewChanged::Left& left) {
  if (left.node == identity_.id) return;
  if (!view_members_.contains(left.node)) return;
  const bool gone_from_corosync = left.reason == LeaveReason::node_down || mutant::active("M05");
  const std::string why = gone_from_corosync                  ? "peer is no longer part of the cluster"
                          : left.reason == LeaveReason::leave ? "its duetd left without a clean shutdown"
                                                              : "its duetd is gone; the machine is still there";
  mark_lost(state_, left.node, gone_from_corosync, why);
  if (gone_from_corosync) {
    lost_seen_ = true;
    quorum_is_behind_ = quorum_members_.contains(left.node);
  }
  daemon_gone_ = now_;
  const NodeState& node = state_.nodes[left.node];
  if (!node.evidence) log(Level::warning, fmt::format("{}: {}", name_of(left.node), why));
}

/// No other node is in the group: this one is its own donor.
void NodeCore::Impl::become_member_alone() {
  NodeState& self = state_.nodes[identity_.id];
  if (self.membership == Membership::absent || self.incarnation != me_) {
    static_cast<void>(begin_incarnation(state_, identity_.id, me_));
    after_new_state();
  }
  if (self.joined_at == 0) self.joined_at = ++state_.join_counter;
}

void NodeCore::Impl::handle(const QuorumChanged& event) {
  if (event.quorate && !quorate_) quorate_since_ = now_;
  if (!event.quorate) quorate_since_.reset();
  if (event.quorate != quorate_) {
    log(Level::notice, event.quorate ? "quorum acquired" : "quorum lost: what runs is kept, nothing is started");
  }
  quorate_ = event.quorate;
  waiting_for_all_ = event.waiting_for_all;
  for (const NodeId node : event.members) {
    // The machine is seen again: its duetd has its 30 s from now.
    if (!quorum_members_.contains(node) && !in_view(node) && daemon_gone_) daemon_gone_ = now_;
  }
  // A machine that corosync sees again has its time to say hello: its silence counts from now.
  const auto other = peer();
  const bool reappeared = other && !quorum_members_.contains(*other) &&
                          std::find(event.members.begin(), event.members.end(), *other) != event.members.end();
  if (reappeared && daemon_gone_) daemon_gone_ = now_;
  quorum_members_ = {event.members.begin(), event.members.end()};
  quorum_is_behind_ = false;
  plan_dirty_ = true;
  ++generation_;
}

/// CPG tells that a process left, quorum that a node did; they come over two connections in any order. A node whose
/// process had gone before its machine is lost when corosync no longer sees it.
void NodeCore::Impl::maintain_members() {
  if (quorum_members_.empty() || awaiting_hellos_ || syncing_ || quorum_is_behind_) return;
  for (const auto& [id, node] : state_.nodes) {
    if (id == identity_.id || in_view(id) || quorum_members_.contains(id)) continue;
    if (node.membership != Membership::absent || !node.in_corosync || lost_said_.contains(node.incarnation)) continue;
    if (send(NodeLost{id, node.incarnation})) lost_said_.insert(node.incarnation);
  }
}

void NodeCore::Impl::apply(NodeId, const NodeLost& body, const StreamMessage&) {
  const NodeState& node = state_.nodes[body.node];
  if (node.incarnation != body.incarnation || node.membership != Membership::absent) return;
  mark_node_down(state_, body.node);
  if (daemon_gone_) lost_seen_ = true;
}

void NodeCore::Impl::handle(const StreamOpened& event) {
  stream_open_ = true;
  tick_out_.reset();
  transport_ = event.transport;
  if (daemon_gone_) daemon_gone_ = now_;  // while we were deaf, silence said nothing about the peer
}

void NodeCore::Impl::handle(const StreamClosed&) {
  if (!stream_open_) return;
  stream_open_ = false;
  log(Level::warning, "the connection to corosync is lost: what runs is kept, nothing is started");
  ++generation_;
  if (const auto other = peer(); other) note_favoured(*other);  // while the last common state is at hand (S5)
  // What that corosync told is out of date; the next one tells anew.
  quorate_ = false;
  quorate_since_.reset();
  quorum_members_.clear();
  if (solo_stream_) return;  // goes on alone: the peer is down by evidence
  give_up_proposals();
  for (const NodeId node : view_members_) {
    if (node != identity_.id) node_left({node, LeaveReason::process_down});
  }
  view_members_.clear();
  blocked_.clear();
  refused_lately_.clear();
  awaiting_hellos_ = false;
  syncing_ = false;
  held_back_.clear();
  state_.nodes[identity_.id].membership = Membership::absent;
  next_epoch();
  executor_.void_unbegun(false, "the connection to corosync was lost before it could begin");
  must_prove_fresh_ = true;
  plan_dirty_ = true;
}

}  // namespace duet
