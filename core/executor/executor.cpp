// SPDX-License-Identifier: Apache-2.0
// Orders come before monitors: a running monitor is cancelled when an order for its resource arrives.
#include "core/executor/executor.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/mutant.hpp"

namespace duet {

namespace {

bool same_result(const OpOutcome& a, const OpOutcome& b) {
  return a.status == b.status && a.exit_code == b.exit_code && a.other_parameters == b.other_parameters;
}

OpOutcome voided(const std::string& why) {
  OpOutcome outcome;
  outcome.status = OpStatus::voided;
  outcome.reason = why;
  return outcome;
}

bool is_order(const RunAgent& job) {
  return job.op.valid();
}

}  // namespace

void Executor::want_monitors(std::vector<RunAgent> wanted, Instant now) {
  std::map<ObjectId, std::map<Duration, RunAgent>> by_resource;
  for (RunAgent& job : wanted) by_resource[job.resource].insert_or_assign(job.interval, job);
  for (auto& [resource, lane] : lanes_) {
    const auto& jobs = by_resource[resource];
    std::erase_if(lane.monitors, [&](const auto& slot) { return !jobs.contains(slot.first); });
    const bool unwanted = lane.running && !is_order(lane.running->job) && !jobs.contains(lane.running->job.interval);
    if (unwanted && !lane.running->cancelled) {
      lane.running->cancelled = true;
      outbox_.emplace_back(CancelRun{lane.running->job.run});
    }
  }
  for (auto& [resource, jobs] : by_resource) {
    if (jobs.empty()) continue;
    Lane& lane = lanes_[resource];
    for (auto& [interval, job] : jobs) {
      const auto [slot, added] = lane.monitors.try_emplace(interval);
      if (added) slot->second.due = now;
      slot->second.job = std::move(job);
    }
  }
}

void Executor::accept(const Order& order, RunAgent job, Instant) {
  Lane& lane = lanes_[order.resource];
  if (order.id <= lane.highest && !mutant::active("M17")) return;  // seen before: executed at most once (S9)
  lane.highest = std::max(lane.highest, order.id);
  if (lane.queued) void_order(lane, "superseded by a later order");
  job.op = order.id;
  lane.queued = std::move(job);
  lane.hinted = false;
  const bool monitor_runs = lane.running && !is_order(lane.running->job);
  if (monitor_runs && !lane.running->cancelled) {
    lane.running->cancelled = true;
    outbox_.emplace_back(CancelRun{lane.running->job.run});
  }
}

void Executor::void_unbegun(bool only_starts, const std::string& why) {
  for (auto& [resource, lane] : lanes_) {
    if (lane.queued && (!only_starts || lane.queued->action == Action::start)) void_order(lane, why);
  }
}

void Executor::void_order(Lane& lane, const std::string& why) {
  const RunAgent job = *lane.queued;
  lane.queued.reset();
  finish_order(lane, job, voided(why));
}

std::vector<ExecRequest> Executor::advance(Instant now) {
  std::vector<ExecRequest> out = std::exchange(outbox_, {});
  if (!connected_) {
    outbox_ = std::move(out);
    return {};
  }
  for (auto& [resource, lane] : lanes_) {
    if (lane.running) continue;
    if (lane.queued) {
      const bool stale = lane.queued->not_after && now > *lane.queued->not_after && !mutant::active("M12");
      if (stale) {
        void_order(lane, "the order was older than 1s when it could begin");
        continue;
      }
      RunAgent job = std::move(*lane.queued);
      lane.queued.reset();
      begin(lane, std::move(job), out);
      continue;
    }
    begin_due_monitor(lane, now, out);
  }
  return out;
}

void Executor::begin(Lane& lane, RunAgent job, std::vector<ExecRequest>& out) {
  job.run = next_run_++;
  lane.running = Running{job, false};
  notes_.push_back({true, job, std::nullopt});
  out.emplace_back(std::move(job));
}

void Executor::begin_due_monitor(Lane& lane, Instant now, std::vector<ExecRequest>& out) {
  MonitorSlot* next = nullptr;
  for (auto& [interval, slot] : lane.monitors) {
    const bool due = slot.due <= now || lane.hinted;
    if (due && (next == nullptr || slot.due < next->due)) next = &slot;
  }
  lane.hinted = false;
  if (next == nullptr) return;
  RunAgent job = next->job;
  job.op = OpId{};
  begin(lane, std::move(job), out);
}

void Executor::ended(std::uint64_t run, const OpOutcome& outcome, Instant now) {
  for (auto& [resource, lane] : lanes_) {
    if (!lane.running || lane.running->job.run != run) continue;
    const Running running = *lane.running;
    lane.running.reset();
    notes_.push_back({false, running.job, outcome});
    if (is_order(running.job)) {
      finish_order(lane, running.job, outcome);
      results_.back().run = run;
      return;
    }
    outbox_.emplace_back(AckResult{run});
    if (!running.cancelled) finish_monitor(lane, running.job, outcome, now);
    return;
  }
  outbox_.emplace_back(AckResult{run});  // of a monitor that nobody waits for any more
}

void Executor::finish_order(Lane& lane, const RunAgent& job, const OpOutcome& outcome) {
  for (auto& [interval, slot] : lane.monitors) slot.reported = false;
  results_.push_back({OpResult{job.op, job.resource, job.action, Duration{0}, lane.highest, outcome}, 0, false});
}

void Executor::finish_monitor(Lane& lane, const RunAgent& job, const OpOutcome& outcome, Instant now) {
  const auto found = lane.monitors.find(job.interval);
  if (found == lane.monitors.end()) return;
  MonitorSlot& slot = found->second;
  slot.due = now + std::max(job.interval, Duration{1s});
  if (outcome.status == OpStatus::cancelled || lane.queued) return;
  std::erase_if(results_, [&](const Result& result) {
    return !result.message.id.valid() && result.message.resource == job.resource &&
           result.message.interval == job.interval;
  });
  if (slot.reported && same_result(slot.last, outcome)) return;
  results_.push_back({OpResult{{}, job.resource, Action::monitor, job.interval, lane.highest, outcome}, 0, false});
}

void Executor::hint(const ObjectId& resource, Instant) {
  const auto lane = lanes_.find(resource);
  if (lane == lanes_.end() || lane->second.monitors.empty()) return;
  lane->second.hinted = true;
}

std::vector<OpResult> Executor::to_propose() {
  std::vector<OpResult> out;
  for (Result& result : results_) {
    if (result.in_flight) continue;
    result.in_flight = true;
    out.push_back(result.message);
  }
  return out;
}

void Executor::delivered(const OpResult& message) {
  const auto same = [&](const Result& result) {
    const OpResult& own = result.message;
    return own.id == message.id && own.resource == message.resource && own.interval == message.interval &&
           same_result(own.outcome, message.outcome);
  };
  for (const Result& result : results_) {
    if (same(result) && result.run != 0) outbox_.emplace_back(AckResult{result.run});
  }
  std::erase_if(results_, same);
  if (message.id.valid()) return;
  const auto lane = lanes_.find(message.resource);
  if (lane == lanes_.end()) return;
  if (const auto slot = lane->second.monitors.find(message.interval); slot != lane->second.monitors.end()) {
    slot->second.reported = true;
    slot->second.last = message.outcome;
  }
}

void Executor::forget_in_flight() {
  for (Result& result : results_) result.in_flight = false;
}

std::vector<ExecutorNote> Executor::take_notes() {
  return std::exchange(notes_, {});
}

std::optional<Instant> Executor::next_wakeup() const {
  std::optional<Instant> next;
  for (const auto& [resource, lane] : lanes_) {
    if (lane.running || lane.queued) continue;
    for (const auto& [interval, slot] : lane.monitors) {
      if (!next || slot.due < *next) next = slot.due;
    }
  }
  return connected_ ? next : std::nullopt;
}

bool Executor::has_order(const ObjectId& resource) const {
  const auto lane = lanes_.find(resource);
  if (lane == lanes_.end()) return false;
  return lane->second.queued || (lane->second.running && is_order(lane->second.running->job));
}

}  // namespace duet
