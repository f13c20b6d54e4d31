// SPDX-License-Identifier: Apache-2.0
// Which agent call comes next, when, and what people are told about it.
#include <fmt/core.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/fencing/fencer.hpp"

namespace duet {

namespace {
constexpr std::uint32_t switch_on_tries = 3;
}  // namespace

void Fencer::dispatch(const DeviceStep& target_step, const std::string& action, Duration timeout, Instant now,
                      std::uint64_t& next_run, std::vector<ExecRequest>& out) {
  call_ = Call{next_run++, now};
  out.emplace_back(agent_call(target_step, request_->target_name, action, timeout, call_->run));
}

std::vector<ExecRequest> Fencer::advance(Instant now, std::uint64_t& next_run) {
  std::vector<ExecRequest> out;
  for (const auto run : std::exchange(to_cancel_, {})) out.emplace_back(CancelRun{run});
  advance_switch_on(now, next_run, out);
  if (!request_ || call_) return out;
  if (phase_ == Phase::waiting && ask_again_ && now >= *ask_again_) {
    ask_again_.reset();
    if (may_ask(now)) phase_ = Phase::asking_state;
  }
  if (phase_ == Phase::waiting && now >= due_) phase_ = Phase::ready;
  if (phase_ == Phase::backing_off && now >= due_) phase_ = Phase::ready;
  const DeviceStep* next = step();
  if (next == nullptr) {
    if (phase_ == Phase::backing_off || phase_ == Phase::waiting) return out;
    level_failed("no usable fence device covers it", now);
    return out;
  }
  switch (phase_) {
    case Phase::asking_state:
      dispatch(*next, next->status_action, limits::fence_status_timeout, now, next_run, out);
      break;
    case Phase::verify:
      dispatch(*next, next->status_action, next->status_timeout, now, next_run, out);
      break;
    case Phase::ready:
      if (level_ == 0 && step_ == 0) ++attempts_;
      if (step_ == 0) heard_since_dispatch_ = false;
      phase_ = Phase::off;
      note(FencerNote::Kind::dispatch, "off", request_->why, true);
      dispatch(*next, next->off_action, next->off_timeout, now, next_run, out);
      break;
    case Phase::idle:
    case Phase::waiting:
    case Phase::off:
    case Phase::backing_off:
      break;
  }
  return out;
}

void Fencer::advance_switch_on(Instant now, std::uint64_t& next_run, std::vector<ExecRequest>& out) {
  if (!switch_on_ || switch_on_->run != 0 || now < switch_on_->due) return;
  const DeviceStep& on_step = switch_on_->steps.front();
  switch_on_->run = next_run++;
  ++switch_on_->tries;
  out.emplace_back(
      agent_call(on_step, switch_on_->request.target_name, on_step.on_action, on_step.on_timeout, switch_on_->run));
}

void Fencer::switch_on_ended(const OpOutcome& outcome, Instant now) {
  SwitchOn& on = *switch_on_;
  on.run = 0;
  const bool ok = outcome.status == OpStatus::done && outcome.exit_code == 0;
  notes_.push_back({FencerNote::Kind::switched_on, on.request, fmt::format("F{}", serial_), on.steps.front().device,
                    "on", ok ? "switched on" : outcome.reason, ok, on.tries});
  if (!ok && on.tries < switch_on_tries) {
    on.due = now + limits::fence_backoff_first * (1 << on.tries);
    return;
  }
  on.steps.erase(on.steps.begin());
  on.tries = 0;
  if (on.steps.empty()) switch_on_.reset();
}

/// Whether the power state may be asked once more: never so late that the answer could prolong the delay.
bool Fencer::may_ask(Instant now) const {
  const auto questions = static_cast<int>(step() != nullptr ? levels_[level_].steps.size() : 1);
  return now + questions * limits::fence_status_timeout <= due_;
}

std::optional<Instant> Fencer::next_wakeup() const {
  std::optional<Instant> next;
  if (request_ && (phase_ == Phase::waiting || phase_ == Phase::backing_off)) next = due_;
  if (request_ && phase_ == Phase::waiting && ask_again_) next = std::min(due_, *ask_again_);
  if (switch_on_ && switch_on_->run == 0 && (!next || switch_on_->due < *next)) next = switch_on_->due;
  return next;
}

std::optional<FencingProgress> Fencer::progress(Instant now) const {
  if (!request_) return std::nullopt;
  FencingProgress progress;
  progress.target = request_->target;
  progress.cause = request_->cause;
  const bool running = phase_ == Phase::off || phase_ == Phase::verify;
  progress.attempts = attempts_ - (running && attempts_ > 0 ? 1U : 0U);  // those that have ended
  progress.last_error = last_error_;
  const std::string device = step() != nullptr ? step()->device : "no device";
  const bool waiting = phase_ == Phase::waiting || (phase_ == Phase::asking_state && state_known_);
  const bool timed = waiting || phase_ == Phase::backing_off;
  if (timed) progress.next_try_ms = std::max<std::int64_t>(1, (due_ - now) / 1ms);
  switch (phase_) {
    case Phase::asking_state:
    case Phase::waiting:
      progress.step = waiting ? "waiting: the other node is favoured" : "asking power state through " + device;
      break;
    case Phase::backing_off:
      progress.step = "retry";
      break;
    case Phase::verify:
      progress.step = "verifying off through " + device;
      break;
    case Phase::idle:
    case Phase::ready:
    case Phase::off:
      progress.step = "off by " + device;
      break;
  }
  return progress;
}

}  // namespace duet
