// SPDX-License-Identifier: Apache-2.0
// Clean shutdown: everything that is managed leaves this node first, then the other node writes down that it did, and
// what was left running (E5), then we go.
#include <fmt/format.h>

#include "core/base/limits.hpp"
#include "core/node/impl.hpp"
#include "core/policy/leaving.hpp"
#include "core/replica/membership.hpp"

namespace duet {

namespace {

/// The peer's answer to the clean leave is a disk write away; if it does not come, the peer will fence or wait.
constexpr Duration leave_answer = 10s;
/// As long as stops may take at most: the unit's TimeoutStopSec is above it.
constexpr Duration leave_limit = 20min;
/// A join that goes on gets this long to end before a node leaves without one.
constexpr Duration undecided_limit = 30s;

}  // namespace

void NodeCore::Impl::handle(const StopWanted&) {
  if (stop_wanted_) return;
  stop_wanted_ = true;
  stop_since_ = now_;
  stop_deadline_ = now_ + leave_limit;
  log(Level::notice, "leaving the cluster: resources are moved or stopped first");
}

void NodeCore::Impl::maintain_leave() {
  if (!stop_wanted_ || stopped_) return;
  const auto end = [&](std::string reason) {
    for (const auto client : std::exchange(leave_clients_, {})) {
      answer(client, AdminReply{reason.empty() ? std::nullopt : std::optional{Error{Errc::refused, reason, {}, {}}},
                                chain_.committed().position,
                                {},
                                {}});
    }
    stopped_ = true;
    out_.emplace_back(Stopped{std::move(reason)});
  };
  const NodeState& self = state_.nodes[identity_.id];
  if (!can_send() || self.membership == Membership::absent) {
    return end("no connection to the cluster: what runs here is left running");
  }
  if (now_ >= stop_deadline_) return end("the resources could not be stopped in time");
  const bool undecided = state_.fork || !damaged_.empty() || awaiting_hellos_ || syncing_;
  if (undecided) {  // no stop is ordered in this state: waiting longer only holds up the shutdown of the machine
    const Instant patience = stop_since_ + undecided_limit;
    if (now_ >= patience) return end("this node has no state to leave by: what runs here is left running");
    wake_at(patience);
  }
  wake_at(stop_deadline_);
  if (!self.leaving) {
    if (!leave_sent_) leave_sent_ = send(LeaveWanted{});
    return;
  }
  // What nobody manages is left running on purpose: the next duetd finds it by its probes.
  const auto left = left_running(PolicyInput{effective_, state_, may_decide(), {}}, identity_.id);
  if (may_run_anything(state_, identity_.id, left)) return;
  if (!clean_leave_sent_) {
    clean_leave_sent_ = send(CleanLeave{me_, left});
    if (clean_leave_sent_) {
      if (!left.empty()) log(Level::notice, fmt::format("left running, not managed: {}", fmt::join(left, ", ")));
      trace(TraceKind::clean_leave, {});
      stop_deadline_ = now_ + leave_answer;
    }
  }
  if (clean_leave_sent_ && present_nodes(state_).size() == 1) end("");
}

void NodeCore::Impl::apply(NodeId sender, const LeaveWanted&, const StreamMessage&) {
  NodeState& node = state_.nodes[sender];
  node.leaving = true;
  node.why = "is shutting down";
}

void NodeCore::Impl::apply(NodeId sender, const CleanLeave& body, const StreamMessage&) {
  if (may_run_anything(state_, sender,
                       body.left_running)) {  // an order came in between: it is not clean, and is said again when it is
    if (sender == identity_.id) clean_leave_sent_ = false;
    return;
  }
  if (sender == identity_.id || leave_recording_.contains(sender)) return;
  leave_recording_[sender] = body.incarnation;
  Evidence evidence{EvidenceKind::clean_leave,
                    sender,
                    body.incarnation.boot,
                    new_evidence_id(EvidenceKind::clean_leave),
                    "it stopped everything and left",
                    body.left_running};
  if (!body.left_running.empty()) {
    evidence.detail = fmt::format("it left; still running there: {}", fmt::join(body.left_running, ", "));
  }
  const StoreSolo solo = chain_.solo_record(me_.boot, evidence.id);
  persist({StoreEvidence{evidence}, solo}, [this, evidence, solo, body](bool ok, const std::string& error) {
    leave_recording_.erase(evidence.node);
    if (!ok) {
      log(Level::error, "the clean leave could not be stored: " + error);
      return;
    }
    if (state_.nodes[evidence.node].incarnation != body.incarnation) return;
    static_cast<void>(raise_epoch(solo));
    // Said before it is applied here: in the stream, the leaving node still is a member that hears it.
    send(LeaveRecorded{evidence.node, body.incarnation});
    leave_evidence_ = evidence;
  });
}

void NodeCore::Impl::apply(NodeId, const LeaveRecorded& body, const StreamMessage&) {
  if (body.member == identity_.id && body.incarnation == me_) {
    for (const auto client : std::exchange(leave_clients_, {})) {
      answer(client, AdminReply{std::nullopt, chain_.committed().position, {}, {}});
    }
    stopped_ = true;
    out_.emplace_back(Stopped{""});
    return;
  }
  if (leave_evidence_ && leave_evidence_->node == body.member) {
    trace_evidence(*leave_evidence_);
    apply_evidence(state_, *leave_evidence_);
    leave_evidence_.reset();
    next_epoch();
    commit_alone();
  }
}

}  // namespace duet
