// SPDX-License-Identifier: Apache-2.0
// From the plan to orders, from orders to operations of this node, from results to the shared state.
#include <fmt/core.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/mutant.hpp"
#include "core/node/impl.hpp"
#include "core/policy/failure.hpp"
#include "core/policy/monitors.hpp"
#include "core/policy/plan.hpp"
#include "core/replica/membership.hpp"

namespace duet {

namespace {

std::string op_text(const OpId& op) {
  return op.valid() ? fmt::format("{}.{}.{}", op.epoch, op.sequence, op.giver.get()) : std::string{};
}

}  // namespace

void NodeCore::Impl::refresh_plan() {
  if (!plan_dirty_) return;
  plan_ =
      make_plan(PolicyInput{effective_, state_, may_decide(), unsafe_.empty() ? std::string{} : unsafe_.front().text});
  plan_dirty_ = false;
  plan_is_new_ = true;
}

/// The coordinator's part. Orders of one round are given together; the next round waits until all of them have been
/// delivered, so a decision is never made beside an order that is still on its way.
void NodeCore::Impl::maintain_orders() {
  const bool may_decide = acting_coordinator(state_) == identity_.id && can_send() && !awaiting_hellos_ && !syncing_ &&
                          !state_.fork && damaged_.empty() && orders_in_flight_.empty();
  if (!may_decide) return;
  for (const PlannedOp& op : plan_.operations) {
    if (!op.ready && !(mutant::active("M27") && op.action == Action::stop)) continue;
    // A node that has just been asleep may be out of date about everything (S12).
    if (op.action == Action::start && must_prove_fresh_ && !solo_stream_ && !mutant::active("M12")) continue;
    give_order(op);
  }
}

void NodeCore::Impl::give_order(const PlannedOp& op) {
  const NodeState& target = state_.nodes[op.node];
  const bool reachable = target.membership != Membership::absent && target.reported;
  if (!reachable || (op.action == Action::start && target.membership != Membership::joined)) return;
  Order order{{state_.stream_epoch, ++order_sequence_, identity_.id},
              op.resource,
              op.node,
              op.action,
              chain_.committed().position,
              op.why.text};
  if (!send(order)) return;
  orders_in_flight_.insert({op.resource, op.node});
  trace(TraceKind::decision, {{"rule", op.why.rule},
                              {"why", op.why.text},
                              {"what", fmt::format("{} {} on {}", to_string(op.action), op.resource, op.node.get())}});
}

void NodeCore::Impl::apply(NodeId sender, const Order& body, const StreamMessage&) {
  if (sender == identity_.id) orders_in_flight_.erase({body.resource, body.node});
  const auto found = state_.resources.find(body.resource);
  const Primitive* primitive = effective_.primitive(body.resource);
  const bool superseded = body.config != chain_.committed().position || acting_coordinator(state_) != sender;
  if (found == state_.resources.end() || chain_.committed().config.primitive(body.resource) == nullptr || superseded)
    return;
  ResourceOnNode& on = found->second.on[body.node];
  if (on.pending) return;  // one operation at a time (S9)
  // It was given before its sender knew that the node is leaving: nothing may be begun there behind its clean leave.
  if (body.action == Action::start && state_.nodes[body.node].leaving) return;
  on.pending = PendingOp{body.id, body.action, body.why};
  if (body.action == Action::start) on.needs_stop = false;  // from here on it is about what this start makes
  if (body.action == Action::start) on.may_run = MayRun{state_.nodes[body.node].incarnation.boot, body.id};
  if (body.node != identity_.id || primitive == nullptr) return;
  const Duration timeout =
      operation_timeout(effective_, primitive->operations,
                        body.action == Action::probe ? "monitor" : to_string(body.action), Duration{0});
  auto job = make_job(body.resource, body.action, Duration{0}, timeout);
  if (!job) return;
  if (body.action == Action::start) job->not_after = now_ + limits::order_fresh;
  executor_.accept(body, std::move(*job), now_);
  if (body.action == Action::start && !fresh_for_start()) {
    executor_.void_unbegun(true, "this node was paused and has not heard of itself since");
  }
}

bool NodeCore::Impl::fresh_for_start() const {
  return solo_stream_ || !must_prove_fresh_ || mutant::active("M12");
}

std::optional<RunAgent> NodeCore::Impl::make_job(const ObjectId& resource, Action action, Duration interval,
                                                 Duration timeout) const {
  const Primitive* primitive = effective_.primitive(resource);
  if (primitive == nullptr) return std::nullopt;
  RunAgent job;
  job.resource = resource;
  job.agent = primitive->agent;
  job.action = action;
  job.interval = interval;
  job.parameters = primitive->parameters;
  job.meta = primitive->meta;
  job.node_name = identity_.name;
  job.timeout = timeout;
  return job;
}

void NodeCore::Impl::maintain_executor() {
  for (ExecRequest& request : executor_.advance(now_)) execute(std::move(request));
  trace_operations();
  if (can_send() && !syncing_ && !awaiting_hellos_ && state_.nodes[identity_.id].membership != Membership::absent) {
    for (const OpResult& result : executor_.to_propose()) send(result);
  }
  if (const auto next = executor_.next_wakeup(); next) wake_at(*next);
}

void NodeCore::Impl::trace_operations() {
  for (const ExecutorNote& note : executor_.take_notes()) {
    if (!note.job.op.valid()) continue;
    std::map<std::string, std::string> text{{"resource", note.job.resource},
                                            {"action", std::string{to_string(note.job.action)}},
                                            {"op", op_text(note.job.op)},
                                            {"run", std::to_string(note.job.run)}};
    if (note.begin) {
      const bool alone = !peer() || state_.nodes[*peer()].membership == Membership::absent;
      text["mode"] = solo_stream_ ? "solo" : alone && !state_.solo ? "inplace" : "normal";
      if (note.job.action == Action::start) text["evidence"] = evidence_text();
      trace(TraceKind::op_begin, std::move(text));
    } else {
      text["status"] = to_string(note.outcome->status);
      text["rc"] = std::to_string(note.outcome->exit_code);
      trace(TraceKind::op_end, std::move(text));
    }
  }
}

void NodeCore::Impl::apply(NodeId sender, const OpResult& body, const StreamMessage&) {
  if (sender == identity_.id) executor_.delivered(body);
  apply_outcome(sender, body);
}

void NodeCore::Impl::apply_outcome(NodeId node, const OpResult& result) {
  const auto found = state_.resources.find(result.resource);
  const Primitive* primitive = chain_.committed().config.primitive(result.resource);
  if (found == state_.resources.end() || primitive == nullptr) return;
  ResourceOnNode& on = found->second.on[node];
  const bool order = result.id.valid();
  if (order && (!on.pending || on.pending->id != result.id) && !mutant::active("PM2")) return;
  if (!order && (on.pending || result.highest < on.highest_op)) return;  // an order has overtaken this monitor
  on.highest_op = std::max(on.highest_op, result.highest);
  if (order) on.pending.reset();
  const Node* config_node = chain_.committed().config.node(node);
  const bool maintenance = config_node != nullptr && node_options(*config_node).maintenance;
  OpOutcome outcome = result.outcome;
  if (mutant::active("M03") && result.action == Action::stop) outcome = OpOutcome{};
  const FailureEffect effect =
      classify(chain_.committed().config, *primitive, result.action, result.interval, outcome, maintenance);
  if (outcome.status == OpStatus::voided && on.may_run && on.may_run->since == result.id) {
    // Never begun: it may run only what it may have run before this order; a new probe tells.
    on.may_run.reset();
    on.probed = false;
  }
  if (outcome.status == OpStatus::cancelled && result.action == Action::start) on.probed = false;
  if (!effect.applies) return;
  apply_effect(found->second, node, result.action, result.interval, outcome, effect);
  if (outcome.other_parameters && effect.activity == Activity::running) on.needs_stop = true;
  const bool current = !on.may_run || result.highest >= on.may_run->since || mutant::active("PM2");
  const bool proves_stopped = effect.activity == Activity::stopped && order && !effect.stop_failed &&
                              (result.action == Action::stop || result.action == Action::probe);
  if (proves_stopped && current) {
    on.may_run.reset();
    on.stop_failed = false;
    if (node == identity_.id) note_stop_failed(result.resource, false);
  }
  if (effect.activity == Activity::running || effect.activity == Activity::failed) {
    if (!on.may_run) on.may_run = MayRun{state_.nodes[node].incarnation.boot, on.highest_op};
  }
  // Cleaned up, looked at again, and it runs: it may be stopped once more. It stays in the may-run set (S2).
  const bool looked_again = order && result.action == Action::probe && on.failures.empty();
  if (looked_again && on.stop_failed && effect.activity == Activity::running) {
    on.stop_failed = false;
    if (node == identity_.id) note_stop_failed(result.resource, false);
  }
  if (effect.stop_failed && node == identity_.id) note_stop_failed(result.resource, true);
  if (effect.activity == Activity::running && found->second.preferred == node) found->second.preferred.reset();
  if (effect.failure) {
    log(Level::warning, fmt::format("{} {} on {}: {} ({}) {}", result.resource, to_string(result.action), name_of(node),
                                    to_string(outcome.status), outcome.exit_code, outcome.reason));
  }
}

/// The mark of a failed stop survives everything but evidence (S2), so it goes to the disk of its node.
void NodeCore::Impl::note_stop_failed(const ObjectId& resource, bool failed) {
  if (stop_failed_.contains(resource) == failed) return;
  if (failed) {
    stop_failed_.insert_or_assign(resource, me_.boot);
  } else {
    stop_failed_.erase(resource);
  }
  owe({StoreStopFailed{resource, me_.boot, failed}});
}

void NodeCore::Impl::maintain_monitors() {
  if (!plan_is_new_) return;
  std::vector<RunAgent> jobs;
  const bool member = state_.nodes[identity_.id].membership != Membership::absent && !syncing_;
  if (!member) return;  // what is watched goes on as it is; results wait for the stream
  for (const MonitorDue& monitor : wanted_monitors(effective_, state_, identity_.id)) {
    auto job = make_job(monitor.resource, Action::monitor, monitor.interval, monitor.timeout);
    if (!job) continue;
    job->check_level = monitor.check_level;
    jobs.push_back(std::move(*job));
  }
  executor_.want_monitors(std::move(jobs), now_);
}

void NodeCore::Impl::maintain_watches() {
  if (!plan_is_new_ || !executor_.is_connected()) return;
  std::set<ObjectId> wanted;
  for (const auto& [id, resource] : state_.resources) {
    const ResourceOnNode* on = state_.find(id, identity_.id);
    const Primitive* primitive = effective_.primitive(id);
    if (on == nullptr || primitive == nullptr || on->activity != Activity::running) continue;
    wanted.insert(id);
    const WatchResource watch{id, primitive->agent, primitive->parameters};
    const auto known = watched_.find(id);
    const bool same =
        known != watched_.end() && known->second.agent == watch.agent && known->second.parameters == watch.parameters;
    if (same) continue;
    execute(watch);
    watched_.insert_or_assign(id, watch);
  }
  for (auto item = watched_.begin(); item != watched_.end();) {
    if (wanted.contains(item->first)) {
      ++item;
      continue;
    }
    execute(UnwatchResource{item->first});
    item = watched_.erase(item);
  }
}

/// failure-timeout: the coordinator's clock decides, the stream tells both (protocol.md 2).
void NodeCore::Impl::maintain_expiry() {
  std::set<std::pair<ObjectId, NodeId>> failing;
  for (const auto& [id, resource] : state_.resources) {
    const bool fine = std::all_of(resource.on.begin(), resource.on.end(),
                                  [](const auto& item) { return item.second.failures.empty(); });
    const Primitive* primitive = fine ? nullptr : effective_.primitive(id);
    if (primitive == nullptr) continue;
    for (const auto& [node, on] : resource.on) {
      const auto expiry = failure_expiry(effective_, *primitive, on);
      if (!expiry) continue;
      std::int64_t last = 0;
      std::int64_t sum = 0;
      for (const FailureRecord& failure : on.failures) {
        last = std::max(last, failure.last.unix_ms);
        sum += failure.count;
      }
      const auto key = std::pair{id, node};
      failing.insert(key);
      auto& [seen, due] = expiry_[key];
      if (seen != last + sum) {  // a new failure prolongs all
        seen = last + sum;
        due = now_ + *expiry;
      }
      if (now_ >= due && acting_coordinator(state_) == identity_.id && send(FailureExpired{id, node})) due = now_ + 5s;
      wake_at(due);
    }
  }
  std::erase_if(expiry_, [&](const auto& item) { return !failing.contains(item.first); });
}

void NodeCore::Impl::apply(NodeId, const FailureExpired& body, const StreamMessage&) {
  const auto found = state_.resources.find(body.resource);
  if (found == state_.resources.end()) return;
  ResourceOnNode& on = found->second.on[body.node];
  if (on.stop_failed) return;  // S2
  on.failures.clear();
  on.hard_ban = false;
}

}  // namespace duet
