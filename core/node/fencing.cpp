// SPDX-License-Identifier: Apache-2.0
// Causes for fencing the peer (the closed list of S4), the fencer that acts on them, and the health of the devices.
#include <fmt/core.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/mutant.hpp"
#include "core/model/fence_cover.hpp"
#include "core/node/impl.hpp"
#include "core/replica/membership.hpp"

namespace duet {

namespace {

/// Sum of priorities of what runs on a node; a resource without one counts 1 (protocol.md 7).
std::int64_t weight(const ClusterConfig& config, const ClusterState& state, NodeId node) {
  std::int64_t sum = 0;
  for (const Primitive& primitive : config.primitives) {
    const ResourceOnNode* on = state.find(primitive.id, node);
    if (on == nullptr || on->activity != Activity::running) continue;
    const auto priority = resource_options(config, primitive).priority;
    sum += priority == 0 ? 1 : priority;
  }
  return sum;
}

constexpr Duration self_fence_interval = 1s;

}  // namespace

/// Taken from the last common state, before the loss makes it unknown: both nodes come to the same answer, so exactly
/// one is favoured.
void NodeCore::Impl::note_favoured(NodeId lost) {
  // Who was still joining runs nothing: it lets the other one win.
  const bool other_in = state_.nodes[lost].membership == Membership::joined;
  const bool self_in = state_.nodes[identity_.id].membership == Membership::joined;
  if (other_in != self_in && state_.nodes[lost].membership != Membership::absent) favoured_ = self_in;
  if (!other_in || !self_in) return;
  const auto own = weight(effective_, state_, identity_.id);
  const auto other = weight(effective_, state_, lost);
  favoured_ = own != other ? own > other : identity_.id < lost;
}

bool NodeCore::Impl::unmanaged_there(NodeId target) const {
  const Node* config = effective_.node(target);
  return config != nullptr && node_options(*config).maintenance;
}

/// The peer's duetd is not in the group, for 30 s, and we would have heard it come: an own message has come back since.
/// While the token is lost nobody's join can arrive.
bool NodeCore::Impl::silent_since(Instant at) const {
  const auto own = heard_.find(identity_.id);
  return own != heard_.end() && own->second >= at + limits::peer_silence;
}

std::optional<FenceRequest> NodeCore::Impl::lost_cause(NodeId target, const NodeState& node) const {
  FenceRequest request{target, name_of(target), node.incarnation.boot, CauseKind::lost, node.why, {}, false, {}};
  const bool boot_known = !node.incarnation.boot.get().empty();
  // A peer that is not understood is no reason to fence it (SEC-CPG 4), unless corosync loses its machine, too.
  const bool only_blocked = blocked_.contains(target) && node.in_corosync;
  if (!boot_known || node.evidence || only_blocked) return std::nullopt;
  // Back in the view: its hello tells within moments which boot it is. Only silence is a cause then.
  if (in_view(target) && node.membership == Membership::absent) {
    if (!awaiting_hellos_ || now_ - hello_wait_since_ < limits::peer_silence || unmanaged_there(target))
      return std::nullopt;
    request.cause = CauseKind::silent;
    request.why = "its duetd is in the group and has said nothing for 30s";
    request.delayed = !favoured_;
    return request;
  }
  // Its services are unmanaged on purpose, and duetd may be stopped there meanwhile; a lost machine is still lost.
  const bool unmanaged = unmanaged_there(target);
  const bool silent_process = node.membership == Membership::absent && !node.unclean && daemon_gone_ && node.in_ledger;
  if (silent_process) {
    if (unmanaged || !silent_since(*daemon_gone_)) return std::nullopt;
    request.cause = CauseKind::silent;
    request.why = "its duetd did not come back within 30s";
  } else if (node.membership != Membership::absent) {
    const auto heard = heard_.find(target);
    const bool silent = heard != heard_.end() && in_view(target) && now_ - heard->second >= limits::peer_silence;
    // If not even our own messages come back, it is the stream that is silent.
    const auto own = heard_.find(identity_.id);
    const bool stream_alive = own != heard_.end() && now_ - own->second < 3 * limits::tick_interval;
    if (unmanaged || !silent || !stream_alive || solo_stream_ || !node.in_ledger || must_prove_fresh_)
      return std::nullopt;
    request.cause = CauseKind::silent;
    request.why = "its duetd has been silent for 30s";
  } else if (!node.unclean) {
    return std::nullopt;
  } else if (lost_seen_ && quorum_members_.contains(target)) {
    // corosync sees the machine again: its hello is on the way, or its duetd does not come back.
    if (unmanaged || !daemon_gone_ || !silent_since(*daemon_gone_) || must_prove_fresh_) return std::nullopt;
    request.cause = CauseKind::silent;
    request.why = "its machine is back, its duetd is not";
  } else if (!lost_seen_) {
    const Duration wait = cluster_options(effective_).startup_fence_wait;
    if (!quorate_since_ || now_ - *quorate_since_ < wait) return std::nullopt;
    request.cause = CauseKind::startup;
    request.why = "peer has not been seen by the cluster";
  }
  request.delayed = !favoured_;
  return request;
}

/// The cause that holds now; level-triggered, so a cause that has gone cancels its request (S4).
std::optional<FenceRequest> NodeCore::Impl::current_cause() const {
  const auto target = peer();
  if (!target || syncing_ || evidence_pending_) return std::nullopt;
  const auto node = state_.nodes.find(*target);
  if (node == state_.nodes.end()) return std::nullopt;
  const ClusterOptions options = cluster_options(effective_);
  std::optional<FenceRequest> request;
  if (admin_fence_ && now_ < admin_fence_->until && admin_fence_->target == *target &&
      admin_fence_->boot == node->second.incarnation.boot) {
    request = FenceRequest{*target,
                           name_of(*target),
                           admin_fence_->boot,
                           CauseKind::administrator,
                           "an administrator asked for it",
                           admin_fence_->action,
                           false,
                           {}};
    return request;
  }
  // A node in doubt about itself fences nobody; one that was asleep first proves that its stream is alive.
  if (must_prove_fresh_ && !solo_stream_ && !fencer_.begun()) return std::nullopt;
  // Who may not start anything does not power the peer off either: its services would be gone for nothing.
  if (!unsafe_.empty() && !fencer_.begun()) return request;
  if (!options.stonith_enabled || !may_decide() || options.maintenance_mode || effective_.primitives.empty())
    return request;
  for (const FenceDemand& demand : plan_.fences) {
    if (demand.target != *target || node->second.evidence || must_prove_fresh_) continue;
    request = FenceRequest{*target, name_of(*target), demand.boot, demand.cause, demand.why, {}, false, {}};
    break;
  }
  if (!request) request = lost_cause(*target, node->second);
  const auto begun = fencer_.begun();
  const bool same_boot = begun && begun->target == *target && begun->boot == node->second.incarnation.boot;
  if (same_boot && !in_view(*target) && !node->second.evidence) return begun;
  if (request) {
    request->action = options.stonith_action;
    request->wait = options.priority_fencing_delay.value_or(limits::fence_delay_default);
  }
  return request;
}

void NodeCore::Impl::maintain_fencing() {
  const auto target = peer();
  if (!target || !executor_.is_connected()) return;
  learn_agents();
  // Before the causes are looked at again: they hold until the record is durable.
  if (const auto success = fencer_.take_success(); success) {
    record_evidence({EvidenceKind::fenced, success->target, success->boot, "", success->why, {}});
  }
  const bool disk_rests = evidence_retry_ && now_ < *evidence_retry_;
  if (disk_rests) wake_at(*evidence_retry_);
  if (!cluster_options(effective_).stonith_enabled && state_.nodes[*target].unclean && !evidence_pending_ &&
      !disk_rests && lost_seen_ && may_decide() && !is_seen(*target)) {
    // An explicit, committed choice: a lost peer counts as down (S18). No solo epoch follows from it.
    record_evidence({EvidenceKind::fencing_disabled,
                     *target,
                     state_.nodes[*target].incarnation.boot,
                     "",
                     "stonith-enabled=false",
                     {}});
  }
  const auto cause = current_cause();
  const Node* node = effective_.node(*target);
  const auto levels = cause && node != nullptr ? device_levels(effective_, *node, identity_.name + cause->boot.get())
                                               : std::vector<DeviceLevel>{};
  fencer_.want(cause, levels, now_);
  for (ExecRequest& request : fencer_.advance(now_, fence_run_)) execute(std::move(request));
  fencer_notes();
  maintain_device_monitors();
  maintain_device_reports();
  maintain_device_ledger();
  if (const auto next = fencer_.next_wakeup(); next) wake_at(*next);
  if (daemon_gone_) wake_at(*daemon_gone_ + limits::peer_silence);
  if (awaiting_hellos_) wake_at(hello_wait_since_ + limits::peer_silence);
  if (admin_fence_) wake_at(admin_fence_->until);
  if (const auto heard = heard_.find(*target); heard != heard_.end() && in_view(*target)) {
    wake_at(heard->second + limits::peer_silence);
  }
  const bool waits_for_startup = quorate_since_ && state_.nodes[*target].unclean && !lost_seen_;
  if (waits_for_startup) wake_at(*quorate_since_ + cluster_options(effective_).startup_fence_wait);
}

void NodeCore::Impl::fencer_notes() {
  for (const FencerNote& note : fencer_.take_notes()) {
    std::map<std::string, std::string> text{{"cause", note.request_id},
                                            {"cause_kind", std::string{to_string(note.request.cause)}},
                                            {"target", std::to_string(note.request.target.get())},
                                            {"target_boot", note.request.boot.get()},
                                            {"request", note.request_id},
                                            {"device", note.device},
                                            {"why", note.text}};
    FenceEvent event;
    event.id = fmt::format("{}-{}-{}-{}", identity_.id.get(), me_.boot.get().substr(0, 8), me_.start, note.request_id);
    event.target = note.request.target;
    event.by = identity_.id;
    event.boot = note.request.boot;
    event.cause = note.request.cause;
    event.action = note.request.action;
    event.device = note.device;
    event.attempts = note.attempt;
    event.unix_ms = wall_.unix_ms;
    event.detail = note.text;
    const std::string target = note.request.target_name;
    switch (note.kind) {
      case FencerNote::Kind::cause:
        log(Level::warning, fmt::format("{} is to be fenced: {}", target, note.text));
        trace(TraceKind::fence_cause, text);
        break;
      case FencerNote::Kind::delay:
        log(Level::notice, fmt::format("fencing {}: {}", target, note.text));
        text["delay_ms"] = std::to_string(note.request.wait / 1ms);
        trace(TraceKind::fence_delay, text);
        break;
      case FencerNote::Kind::dispatch:
        log(Level::notice, fmt::format("fencing {} through {}, try {}", target, note.device, note.attempt));
        text["action"] = "off";
        text["run"] = std::to_string(fence_run_ - 1);
        trace(TraceKind::fence_dispatch, text);
        if (mutant::active("M01")) adopt_evidence({EvidenceKind::fenced, event.target, event.boot, "M01", "", {}});
        break;
      case FencerNote::Kind::device_result:
        log(note.ok ? Level::info : Level::warning,
            fmt::format("{} {} of {}: {}", note.device, note.step, target, note.text));
        break;
      case FencerNote::Kind::done:
        text["result"] = "ok";
        text["verified"] = "yes";
        trace(TraceKind::fence_done, text);
        event.outcome = FenceOutcome::succeeded;
        fenced_event_ = event;  // told when the evidence is durable
        for (auto& [id, device] : devices_) {
          const auto known = state_.devices.find(id);  // S18 wants its own answer before anything starts
          if (known == state_.devices.end() || !known->second.verified) device.due = now_;
        }
        break;
      case FencerNote::Kind::failed:
        log(Level::error, fmt::format("fencing {} failed: {}", target, note.text));
        text["result"] = "failed";
        trace(TraceKind::fence_done, text);
        event.outcome = FenceOutcome::failed;
        note_fence_event(event);
        break;
      case FencerNote::Kind::cancelled:
        log(Level::notice, fmt::format("fencing {} is cancelled: {}", target, note.text));
        trace(TraceKind::fence_cancel, text);
        break;
      case FencerNote::Kind::switched_on:
        log(note.ok ? Level::info : Level::error, fmt::format("switching {} on again: {}", target, note.text));
        break;
    }
  }
}

void NodeCore::Impl::note_fence_event(const FenceEvent& event) {
  persist({StoreFenceEvent{event}}, [](bool, const std::string&) {});
  if (!send(FenceReport{event})) fence_event(event);
}

void NodeCore::Impl::fence_event(const FenceEvent& event) {
  auto& history = state_.fencing;
  std::erase_if(history, [&](const FenceEvent& earlier) { return earlier.id == event.id; });
  history.push_back(event);
  if (history.size() > limits::fencing_history) history.erase(history.begin());
  // His request has its answer; a node that is lost is fenced on for its own sake.
  const bool over = event.outcome == FenceOutcome::failed || event.outcome == FenceOutcome::succeeded;
  if (over && admin_fence_ && admin_fence_->target == event.target) admin_fence_.reset();
  for (auto item = clients_.begin(); item != clients_.end();) {
    const Client client = item->second;
    if (client.fences != event.target) {
      ++item;
      continue;
    }
    item = clients_.erase(item);
    AdminReply reply;
    if (event.outcome == FenceOutcome::failed) {
      reply.error = Error{Errc::refused, fmt::format("fencing {} failed", name_of(event.target)), event.detail,
                          "a node that is lost is tried again until it succeeds; see: duet stonith history"};
    }
    answer(client.client, std::move(reply));
  }
}

void NodeCore::Impl::apply(NodeId, const FenceReport& body, const StreamMessage&) {
  fence_event(body.event);
}

void NodeCore::Impl::self_fence(const std::string& why) {
  log(Level::error, "rebooting this machine: " + why);
  trace(TraceKind::self_fence, {{"why", why}});
  stopped_ = true;  // no operation is begun any more; the machine goes down
  self_fencing_ = why;
  self_fence_due_ = now_;
}

/// Said again and again: duet-execd may be restarting just now, and nothing else ends what runs here.
void NodeCore::Impl::insist_on_self_fence() {
  if (now_ >= self_fence_due_) {
    execute(RebootNow{*self_fencing_});
    self_fence_due_ = now_ + self_fence_interval;
  }
  wake_at(self_fence_due_);
}

}  // namespace duet
