// SPDX-License-Identifier: Apache-2.0
// The executor and duet-execd find each other again: after a restart of duetd (adopt) or of duet-execd (compare).
#include <algorithm>
#include <utility>

#include "core/executor/executor.hpp"

namespace duet {

namespace {

OpOutcome voided(const std::string& why) {
  OpOutcome outcome;
  outcome.status = OpStatus::voided;
  outcome.reason = why;
  return outcome;
}

}  // namespace

void Executor::connected(const ExecWelcome& welcome, Instant now) {
  connected_ = true;
  if (adopted_) {
    compare(welcome, now);
    return;
  }
  adopted_ = true;
  // No two lives of duetd in a boot use the same number for a run.
  next_run_ = (std::uint64_t{welcome.duetd_start} << 32) | 1U;
  adopt(welcome);
}

void Executor::lost() {
  connected_ = false;
}

void Executor::adopt(const ExecWelcome& welcome) {
  for (const KeptRun& kept : welcome.runs) {
    if (!kept.op.valid()) {
      outbox_.emplace_back(kept.outcome ? ExecRequest{AckResult{kept.run}} : ExecRequest{CancelRun{kept.run}});
      continue;
    }
    Lane& lane = lanes_[kept.resource];
    lane.highest = std::max(lane.highest, kept.op);
    if (kept.outcome) {
      kept_.push_back(kept);  // acknowledged when the report is in the stream
      continue;
    }
    RunAgent job;
    job.run = kept.run;
    job.op = kept.op;
    job.resource = kept.resource;
    job.action = kept.action;
    lane.running = Running{std::move(job), false};
  }
}

void Executor::report_delivered() {
  for (const KeptRun& kept : std::exchange(kept_, {})) outbox_.emplace_back(AckResult{kept.run});
}

void Executor::compare(const ExecWelcome& welcome, Instant now) {
  std::vector<std::pair<std::uint64_t, OpOutcome>> endings;
  for (auto& [resource, lane] : lanes_) {
    if (!lane.running) continue;
    const auto run = lane.running->job.run;
    const auto kept =
        std::find_if(welcome.runs.begin(), welcome.runs.end(), [&](const KeptRun& item) { return item.run == run; });
    if (kept == welcome.runs.end()) {
      never_begun(lane);
    } else if (kept->outcome) {
      endings.emplace_back(run, *kept->outcome);
    }
  }
  for (const auto& [run, outcome] : endings) ended(run, outcome, now);
}

/// duet-execd writes an order down before it begins it: what it does not know was lost with the connection, and that is
/// nobody's failure. To stop and to look is right at any time; a start may be too old by now.
void Executor::never_begun(Lane& lane) {
  RunAgent job = std::move(lane.running->job);
  lane.running.reset();
  if (!job.op.valid()) return;  // a monitor: it is still due
  notes_.push_back({false, job, voided("the order did not reach duet-execd")});
  if (job.action == Action::start || lane.queued) {
    finish_order(lane, job, voided("the order did not reach duet-execd"));
  } else {
    lane.queued = std::move(job);
  }
}

std::vector<ReportedOp> Executor::report() const {
  std::vector<ReportedOp> report;
  for (const KeptRun& kept : kept_) report.push_back({kept.resource, kept.op, kept.action, true, kept.outcome});
  for (const auto& [resource, lane] : lanes_) {
    if (lane.running && lane.running->job.op.valid()) {
      report.push_back({resource, lane.running->job.op, lane.running->job.action, true, std::nullopt});
    }
  }
  return report;
}

}  // namespace duet
