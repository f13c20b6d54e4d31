// SPDX-License-Identifier: Apache-2.0
// The replicated stream: envelopes, what is refused on delivery, epochs, ticks (protocol.md 2, 3).
#include <fmt/core.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/mutant.hpp"
#include "core/node/impl.hpp"
#include "core/replica/membership.hpp"

namespace duet {

namespace {

/// Ticks whose digests are remembered: the peer's comparison arrives within a few of them.
constexpr std::size_t digests_kept = 16;
constexpr std::size_t held_back_max = 4096;

}  // namespace

bool NodeCore::Impl::can_send() const {
  return !me_.boot.get().empty() && (solo_stream_ || (stream_open_ && view_members_.contains(identity_.id)));
}

bool NodeCore::Impl::send(StreamBody body) {
  if (!can_send()) return false;
  StreamMessage message{identity_.id, me_, ++sequence_, state_.stream_epoch, ring_, std::move(body)};
  if (solo_stream_) {
    local_queue_.push_back(std::move(message));
  } else {
    out_.emplace_back(Multicast{std::move(message)});
  }
  return true;
}

/// Looked at once, as it comes from corosync, and before anything is remembered of it: a sender that is not ours leaves
/// no trace, and no message counts twice (SEC-CPG 2). A gap is no matter of this: what was lost was lost with its
/// epoch, for corosync delivers all or nothing within one.
std::string NodeCore::Impl::stranger(const StreamMessage& message) {
  const auto is_sender = [&](const Node& node) { return node.id == message.sender; };
  const auto& committed = chain_.committed().config.nodes;
  const bool known = message.sender == identity_.id || std::any_of(committed.begin(), committed.end(), is_sender) ||
                     std::any_of(identity_.nodes.begin(), identity_.nodes.end(), is_sender);
  if (!known) return "a node that does not belong to this cluster";
  LastHeard& last = last_heard_[message.sender];
  const bool again = last.incarnation == message.incarnation && message.sequence <= last.sequence;
  const bool passes = (mutant::active("M17") && std::holds_alternative<Order>(message.body)) ||
                      (mutant::active("PM2") && std::holds_alternative<OpResult>(message.body));
  if (again && !passes) return "a message that has come already";
  if (!again) last = {message.incarnation, message.sequence};
  return {};
}

void NodeCore::Impl::reject(const StreamMessage& message, const std::string& why) {
  ++rejected_;
  trace(TraceKind::msg_reject, {{"from", std::to_string(message.sender.get())}, {"why", why}});
}

/// Empty: the message is applied.
std::string NodeCore::Impl::refusal(const StreamMessage& message) {
  const bool hello = std::holds_alternative<Hello>(message.body);
  const NodeState& sender = state_.nodes[message.sender];
  if (blocked_.contains(message.sender)) return "the sender is blocked";
  if (solo_stream_ && message.sender != identity_.id) return "the sender is down by evidence";
  if (hello) return message.ring == ring_ && in_view(message.sender) ? "" : "hello of another view";
  if (awaiting_hellos_ && message.sender != identity_.id) return "the sender has not said hello in this view";
  if (message.incarnation != sender.incarnation && !mutant::active("PM1")) return "an incarnation that is not current";
  if (sender.evidence && sender.evidence->boot == message.incarnation.boot && !mutant::active("PM1")) {
    return "the sender is down by evidence";
  }
  if (message.epoch != state_.stream_epoch && !mutant::active("PM1")) return "an older stream epoch";
  return {};
}

void NodeCore::Impl::deliver(const StreamMessage& message) {
  if (me_.boot.get().empty()) {
    // A hello is said once for each view: it must not be lost while duet-execd is connecting.
    if (std::holds_alternative<Hello>(message.body)) early_hellos_.push_back(message);
    return;
  }
  const bool chunk = std::holds_alternative<SnapshotChunk>(message.body);
  const bool hello = std::holds_alternative<Hello>(message.body);
  const bool refused = std::holds_alternative<JoinRefused>(message.body);
  heard_[message.sender] = now_;
  if (const auto* tick = std::get_if<Tick>(&message.body); tick && message.incarnation == me_) {
    own_tick_back(tick->number);
  }
  if (message.sender != identity_.id) {
    if (state_.nodes[message.sender].incarnation.boot == message.incarnation.boot) fencer_.heard_from_target();
    if (hello) notice_new_life(message);
  }
  if (syncing_ && !chunk && !hello && !refused) {
    if (held_back_.size() < held_back_max) held_back_.push_back(message);
    return;
  }
  if (syncing_ && (chunk || refused)) {
    if (message.sender == donor_ && message.ring == ring_) apply_message(message);
    return;
  }
  if (const std::string why = refusal(message); !why.empty()) return reject(message, why);
  apply_message(message);
}

/// A first view over a new connection to corosync does not tell who in it is new. Alone by evidence, we take the other
/// member for the dead boot; the hello of another boot says that it is not, and that solo is over.
void NodeCore::Impl::notice_new_life(const StreamMessage& hello) {
  const auto& evidence = state_.nodes[hello.sender].evidence;
  if (!solo_stream_ || hello.ring != ring_ || !in_view(hello.sender) || blocked_.contains(hello.sender)) return;
  if (!evidence || evidence->boot == hello.incarnation.boot) return;
  change_view({ring_, {view_members_.begin(), view_members_.end()}, {}, {hello.sender}});
}

void NodeCore::Impl::apply_message(const StreamMessage& message) {
  std::visit([&](const auto& body) { apply(message.sender, body, message); }, message.body);
  for (const NodeId node : present_nodes(state_)) {
    if (ready_to_join(state_, node)) state_.nodes[node].in_ledger = true;
  }
  try_commit();
  if (!std::holds_alternative<Tick>(message.body)) {
    plan_dirty_ = true;
    ++generation_;
  }
}

void NodeCore::Impl::next_epoch() {
  ++state_.stream_epoch;
  forget_in_flight();
}

void NodeCore::Impl::forget_in_flight() {
  order_sequence_ = 0;
  orders_in_flight_.clear();
  executor_.forget_in_flight();
  report_in_flight_ = false;
  prepared_said_.clear();
  for (auto& [id, device] : devices_) device.told = false;
  overrides_in_flight_ = 0;
  leave_sent_ = false;
  clean_leave_sent_ = false;
  proving_tick_ = 0;
  if (must_prove_fresh_) tick_due_ = now_;  // the tick that would have proved it is gone with the old epoch
  join_recorded_.clear();
  lost_said_.clear();
  for (auto& [number, client] : clients_) client.in_flight = false;
  plan_dirty_ = true;
}

void NodeCore::Impl::maintain_ticks() {
  if (!can_send() || solo_stream_) {
    if (solo_stream_) must_prove_fresh_ = false;
    return;
  }
  if (now_ >= tick_due_) {
    Tick tick;
    tick.number = ++tick_number_;
    if (!digests_.empty()) {
      tick.digest_sender = digests_.back().sender;
      tick.digest_number = digests_.back().number;
      tick.digest = digests_.back().digest;
    }
    if (send(tick) && !tick_out_) tick_out_ = {tick.number, now_};
    if (must_prove_fresh_ && proving_tick_ == 0) proving_tick_ = tick.number;
    tick_due_ = now_ + limits::tick_interval;
  }
  wake_at(tick_due_);
}

/// If it took long, the stream had stalled: a lost token, a ring that was formed anew. Nobody could come in meanwhile,
/// so that silence said nothing about the peer.
void NodeCore::Impl::own_tick_back(std::uint64_t number) {
  if (!tick_out_ || number < tick_out_->first) return;
  if (now_ - tick_out_->second > limits::tick_interval && daemon_gone_) daemon_gone_ = now_;
  tick_out_.reset();
}

void NodeCore::Impl::apply(NodeId sender, const Tick& body, const StreamMessage&) {
  if (sender == identity_.id && must_prove_fresh_ && proving_tick_ != 0 && body.number >= proving_tick_) {
    must_prove_fresh_ = false;
    plan_dirty_ = true;
  }
  check_digest(sender, body);
  digests_.push_back({sender, body.number, state_.digest()});
  if (digests_.size() > digests_kept) digests_.erase(digests_.begin());
}

/// Both nodes took the digest at the same place of the stream: right after the tick that the sender names (S16).
void NodeCore::Impl::check_digest(NodeId sender, const Tick& body) {
  if (sender == identity_.id || body.digest_number == 0) return;
  const auto own = std::find_if(digests_.begin(), digests_.end(), [&](const TickDigest& digest) {
    return digest.sender == body.digest_sender && digest.number == body.digest_number;
  });
  if (own == digests_.end() || own->digest == body.digest) return;
  log(Level::error, fmt::format("the shared state differs from {}'s", name_of(sender)));
  trace(TraceKind::assert_fail, {{"what", "state digests differ"}, {"with", std::to_string(sender.get())}});
  digests_.clear();
  if (acting_coordinator(state_) == identity_.id) return;
  stopped_ = true;
  out_.emplace_back(Stopped{"the shared state differs from the coordinator's: joining again"});
}

}  // namespace duet
