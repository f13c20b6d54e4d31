// SPDX-License-Identifier: Apache-2.0
// Events in, commands out. After every event settle() compares what should be with what is, until nothing moves.
#include "core/node/node_core.hpp"

#include <algorithm>

#include "core/base/invariant.hpp"
#include "core/base/limits.hpp"
#include "core/node/impl.hpp"
#include "core/replica/membership.hpp"

namespace duet {

namespace {

ClusterConfig genesis(const NodeIdentity& identity) {
  ClusterConfig config;
  config.name = identity.cluster_name;
  config.nodes = identity.nodes;
  return config;
}

/// One round settles almost everything; each further one means that a message was applied locally (solo). The bound is
/// a guard against a loop of our own making.
constexpr int settle_rounds = 1000;
/// More changes of membership than one life of duetd sees before systemd gives it up.
constexpr std::uint32_t epochs_per_start = 1U << 12;

}  // namespace

NodeCore::NodeCore(NodeIdentity identity, StoreImage stored)
    : impl_{std::make_unique<Impl>(std::move(identity), std::move(stored))} {}
NodeCore::~NodeCore() = default;

std::vector<Command> NodeCore::step(Instant now, WallTime wall, const Event& event) {
  return impl_->step(now, wall, event);
}
std::optional<Instant> NodeCore::next_wakeup() const {
  return impl_->next_wakeup();
}
ClusterView NodeCore::view(Instant now, WallTime wall) const {
  return impl_->view(now, wall);
}
std::uint64_t NodeCore::generation() const {
  return impl_->generation();
}
std::vector<HistoryItem> NodeCore::history(std::uint32_t count) const {
  return impl_->history(count);
}
std::uint64_t NodeCore::state_digest() const {
  return impl_->state().digest();
}
const ClusterState& NodeCore::state() const {
  return impl_->state();
}
const ConfigEntry& NodeCore::committed() const {
  return impl_->chain().committed();
}

NodeCore::Impl::Impl(NodeIdentity identity, StoreImage stored)
    : identity_{std::move(identity)}, chain_{stored, genesis(identity_)}, damaged_{stored.damaged} {
  overrides_ = stored.overrides;
  // Without a common state to judge by, the lower id is favoured, on both nodes.
  favoured_ = identity_.nodes.empty() || std::none_of(identity_.nodes.begin(), identity_.nodes.end(),
                                                      [this](const Node& node) { return node.id < identity_.id; });
  state_.fencing = stored.fencing;
  refresh_effective();
  sync_with_config(state_, effective_);
  for (const ObjectId& device : stored.verified_devices) {
    verified_here_.insert(device);
    if (chain_.committed().config.device(device) != nullptr) state_.devices[device].verified = true;
  }
  load_ledger(stored);
  load_prepared(stored);
}

std::vector<Command> NodeCore::Impl::step(Instant now, WallTime wall, const Event& event) {
  DUET_INVARIANT(now >= now_);
  previous_step_ = now_;
  now_ = now;
  wall_ = wall;
  wakeup_.reset();
  // Paused: what was ordered before may be long out of date (S12). Nothing starts until an own message sent now has
  // come back through the stream.
  const bool paused = now_ - previous_step_ > limits::loop_gap && previous_step_ != Instant{};
  if (paused) {
    // Who sleeps hears nobody: silence is counted anew.
    for (auto& [node, at] : heard_) at = now_;
    if (daemon_gone_) daemon_gone_ = now_;
  }
  if (paused) {
    must_prove_fresh_ = true;
    proving_tick_ = 0;
    tick_due_ = now_;
    executor_.void_unbegun(true, "duetd was not scheduled for more than 1s");
  }
  std::visit([this](const auto& e) { handle(e); }, event);
  if (!stopped_) settle();
  // Twice as often as needed: a timer that is a little late is no pause.
  if (!stopped_) wake_at(now_ + limits::loop_gap / 2);
  if (self_fencing_) insist_on_self_fence();
  return std::exchange(out_, {});
}

std::optional<Instant> NodeCore::Impl::next_wakeup() const {
  return stopped_ && !self_fencing_ ? std::nullopt : wakeup_;
}

void NodeCore::Impl::wake_at(Instant at) {
  if (at <= now_) return;  // everything is compared anew in each step: what is overdue waits for something else
  if (!wakeup_ || at < *wakeup_) wakeup_ = at;
}

void NodeCore::Impl::settle() {
  for (int round = 0; round < settle_rounds; ++round) {
    settle_once();
    if (local_queue_.empty() || stopped_) return;
    const auto messages = std::exchange(local_queue_, {});
    for (const StreamMessage& message : messages) deliver(message);
  }
  invariant_failed("settle() comes to rest", __FILE__, __LINE__);
}

void NodeCore::Impl::settle_once() {
  if (me_.boot.get().empty()) return;
  wakeup_.reset();
  maintain_writes();
  maintain_ticks();
  maintain_members();
  maintain_evidence();
  judge_transport();
  maintain_join();
  maintain_commit();
  maintain_overrides();
  refresh_plan();
  maintain_expiry();
  maintain_fencing();
  maintain_orders();
  maintain_monitors();
  maintain_watches();
  plan_is_new_ = false;
  maintain_executor();
  maintain_clients();
  maintain_leave();
}

void NodeCore::Impl::handle(const Delivered& event) {
  if (const std::string why = stranger(event.message); !why.empty()) return reject(event.message, why);
  deliver(event.message);
}

void NodeCore::Impl::handle(const Persisted& event) {
  const auto found = continuations_.find(event.token);
  if (found == continuations_.end()) return;
  const Continuation then = std::move(found->second);
  continuations_.erase(found);
  then(event.ok, event.error);
}

void NodeCore::Impl::handle(const ExecConnected& event) {
  const bool first = me_.boot.get().empty();
  if (first) {
    me_ = {event.welcome.boot, event.welcome.duetd_start};
    fence_run_ = fence_run_bit | (std::uint64_t{me_.start} << 32);
    request_number_ = std::uint64_t{me_.start}
                      << 32;  // an entry prepared by an earlier duetd answers nobody of this one
    // Operation ids grow with the epoch: begin above everything that an earlier duetd of this boot ordered.
    state_.stream_epoch = std::max(state_.stream_epoch, (me_.start - 1) * epochs_per_start);
    for (const KeptRun& kept : event.welcome.runs) {
      state_.stream_epoch = std::max(state_.stream_epoch, kept.op.epoch + 1);
    }
    log(Level::info, "duet-execd is connected; boot " + me_.boot.get().substr(0, 12));
    resume_solo();
  }
  executor_.connected(event.welcome, now_);
  self_fence_due_ = now_;
  watched_.clear();
  plan_is_new_ = true;
  asked_agents_.clear();
  for (auto& [id, device] : devices_) device.run = 0;
  if (!first) return;
  tick_due_ = now_;
  std::erase_if(stop_failed_, [this](const auto& mark) { return mark.second != me_.boot; });
  if (stream_open_ && !view_members_.empty()) say_hello();
  for (const StreamMessage& message : std::exchange(early_hellos_, {})) deliver(message);
  ++generation_;
}

void NodeCore::Impl::handle(const ExecLost&) {
  executor_.lost();
  fencer_.executor_lost(now_);
  log(Level::warning, "duet-execd is gone; waiting for it to return");
  ++generation_;
}

void NodeCore::Impl::handle(const ExecReplied& event) {
  if (const auto* ended = std::get_if<RunEnded>(&event.reply)) {
    if ((ended->run & fence_run_bit) == 0) {
      executor_.ended(ended->run, ended->outcome, now_);
    } else if (!fencer_.ended(ended->run, ended->outcome, now_)) {
      device_monitor_ended(ended->run, *ended);
    }
  } else if (const auto* hinted = std::get_if<ResourceHint>(&event.reply)) {
    log(Level::notice, hinted->resource + ": " + hinted->what + "; looking now");
    executor_.hint(hinted->resource, now_);
  }
}

void NodeCore::Impl::handle(const TimePassed&) {}

void NodeCore::Impl::trace(TraceKind kind, std::map<std::string, std::string> text) {
  TraceEvent event;
  event.kind = kind;
  event.node = identity_.id.get();
  event.boot = me_.boot.get();
  event.start = me_.start;
  event.text = std::move(text);
  out_.emplace_back(Trace{std::move(event)});
}

void NodeCore::Impl::persist(std::vector<StoreRecord> records, Continuation then) {
  continuations_[++persist_token_] = std::move(then);
  out_.emplace_back(Persist{persist_token_, std::move(records)});
}

}  // namespace duet
