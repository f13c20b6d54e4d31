// SPDX-License-Identifier: Apache-2.0
// The machine that powers a target off. See the picture in the header.
#include "core/fencing/fencer.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/base/duration_text.hpp"
#include "core/base/limits.hpp"
#include "core/base/mutant.hpp"

namespace duet {

namespace {

constexpr std::int32_t status_on = 0;
constexpr std::int32_t status_off = 2;

bool exited_with(const OpOutcome& outcome, std::int32_t code) {
  return outcome.status == OpStatus::done && outcome.exit_code == code;
}

std::string describe(const OpOutcome& outcome) {
  if (outcome.status == OpStatus::timed_out) return "the agent did not end within its time-out";
  if (outcome.status == OpStatus::not_installed) return "the agent is not installed here";
  if (outcome.status != OpStatus::done) return fmt::format("the agent was {}", to_string(outcome.status));
  if (!outcome.reason.empty()) return outcome.reason;
  return fmt::format("the agent ended with code {}", outcome.exit_code);
}

}  // namespace

void Fencer::know_agent(const std::string& agent, std::set<std::string> actions) {
  agents_[agent] = std::move(actions);
}

bool Fencer::offers(const std::string& agent, const std::string& action) const {
  const auto known = agents_.find(agent);
  return known == agents_.end() || known->second.contains(action);
}

const DeviceStep* Fencer::step() const {
  if (level_ >= levels_.size() || step_ >= levels_[level_].steps.size()) return nullptr;
  return &levels_[level_].steps[step_];
}

void Fencer::note(FencerNote::Kind kind, const std::string& step_name, const std::string& text, bool ok) {
  const DeviceStep* now = step();
  notes_.push_back({kind, *request_, fmt::format("F{}", serial_), now != nullptr ? now->device : "", step_name, text,
                    ok, attempts_});
}

void Fencer::want(const std::optional<FenceRequest>& request, const std::vector<DeviceLevel>& levels, Instant now) {
  const bool same = request && request_ && request->target == request_->target && request->boot == request_->boot;
  if (request_ && !same && !(mutant::active("M06") && phase_ == Phase::waiting)) {
    cancel(request ? "another boot is to be fenced" : "the cause is gone");
  }
  if (!request) return;
  const bool idle_between_calls = phase_ == Phase::backing_off || phase_ == Phase::waiting || phase_ == Phase::idle;
  if (idle_between_calls) levels_ = levels;  // a repaired device is used at the next try
  if (!same) {
    start(*request, now);
  } else if (request_->delayed && !request->delayed) {
    request_ = *request;  // e.g. the administrator asks for what was waiting
    if (phase_ == Phase::waiting) phase_ = Phase::ready;
  }
}

void Fencer::start(const FenceRequest& request, Instant now) {
  request_ = request;
  ++serial_;
  attempts_ = 0;
  level_ = step_ = 0;
  backoff_ = limits::fence_backoff_first;
  raised_ = now;
  ask_again_.reset();
  state_known_ = false;
  last_error_.clear();
  note(FencerNote::Kind::cause, "", request.why, true);
  phase_ = request.delayed && !mutant::active("PM4") ? Phase::asking_state : Phase::ready;
  if (const DeviceStep* first = step(); !request.delayed && first != nullptr && first->delay_base > Duration{0} &&
                                        request.cause != CauseKind::administrator) {
    phase_ = Phase::waiting;
    due_ = now + first->delay_base;
    note(FencerNote::Kind::delay, "", fmt::format("pcmk_delay_base {}", format_duration(first->delay_base)), true);
  }
}

void Fencer::cancel(const std::string& why) {
  if (call_) to_cancel_.push_back(call_->run);
  call_.reset();
  note(FencerNote::Kind::cancelled, "", why, true);
  request_.reset();
  phase_ = Phase::idle;
}

void Fencer::heard_from_target() {
  heard_since_dispatch_ = true;
}

void Fencer::newer_boot_appeared() {
  if (switch_on_ && switch_on_->run != 0) to_cancel_.push_back(switch_on_->run);
  switch_on_.reset();
  success_.reset();
  if (request_) cancel("the target has booted again");
}

void Fencer::executor_lost(Instant now) {
  if (switch_on_) switch_on_->run = 0;
  if (!call_) return;
  OpOutcome lost;
  lost.status = OpStatus::error;
  lost.reason = "duet-execd was lost while the agent ran";
  const auto run = call_->run;
  static_cast<void>(ended(run, lost, now));
}

bool Fencer::ended(std::uint64_t run, const OpOutcome& outcome, Instant now) {
  if (switch_on_ && switch_on_->run == run) {
    switch_on_ended(outcome, now);
    return true;
  }
  if (!call_ || call_->run != run) return false;
  call_.reset();
  switch (phase_) {
    case Phase::asking_state:
      state_ended(outcome, now);
      break;
    case Phase::off:
      off_ended(outcome, now);
      break;
    case Phase::verify:
      verify_ended(outcome, now);
      break;
    case Phase::idle:
    case Phase::waiting:
    case Phase::ready:
    case Phase::backing_off:
      break;
  }
  return true;
}

/// Off or crashed: nothing to lose by going at once. Running or unknown: the favoured node shall win. A machine that
/// died a moment ago may still be "running" for its host, which tidies up: it is asked again for as long as the delay
/// lasts.
void Fencer::state_ended(const OpOutcome& outcome, Instant now) {
  const bool off = exited_with(outcome, status_off);
  const bool first_answer = !std::exchange(state_known_, true);
  if (first_answer || off) note(FencerNote::Kind::device_result, "status", describe(outcome), off);
  if (off) {
    // A node with two supplies is off when both are: every device of the level is asked.
    const bool asked_all = step_ + 1 >= levels_[level_].steps.size();
    step_ = asked_all ? 0 : step_ + 1;
    if (asked_all) phase_ = Phase::ready;
    return;
  }
  step_ = 0;
  if (!request_->delayed) {  // the administrator asked for it meanwhile
    phase_ = Phase::ready;
    return;
  }
  const DeviceStep* first = step();
  const Duration wait = request_->wait + (first != nullptr ? first->delay_base : Duration{0});
  phase_ = Phase::waiting;
  due_ = raised_ + wait;
  ask_again_.reset();
  if (may_ask(now + limits::fence_status_again)) ask_again_ = now + limits::fence_status_again;
  if (first_answer) {
    note(FencerNote::Kind::delay, "", fmt::format("the other node is favoured: waiting {}", format_duration(wait)),
         true);
  }
}

void Fencer::off_ended(const OpOutcome& outcome, Instant now) {
  const bool ok = exited_with(outcome, 0) || (mutant::active("M02") && outcome.status == OpStatus::timed_out);
  note(FencerNote::Kind::device_result, "off", ok ? "done" : describe(outcome), ok);
  if (!ok) {
    level_failed(describe(outcome), now);
    return;
  }
  if (offers(step()->agent, "status") && !mutant::active("M02")) {
    phase_ = Phase::verify;
  } else {
    step_is_off(now);
  }
}

void Fencer::verify_ended(const OpOutcome& outcome, Instant now) {
  const bool off = exited_with(outcome, status_off);
  note(FencerNote::Kind::device_result, "status", off ? "off" : describe(outcome), off);
  if (off) {
    step_is_off(now);
  } else {
    level_failed(exited_with(outcome, status_on)
                     ? "the device still says 'on' after off succeeded"
                     : "off succeeded, but the state could not be verified: " + describe(outcome),
                 now);
  }
}

void Fencer::step_is_off(Instant now) {
  if (step_ + 1 < levels_[level_].steps.size()) {
    ++step_;
    phase_ = Phase::ready;
    return;
  }
  // E3 (1): a boot that spoke after the dispatch may have been another one than the one switched off. Off is repeated;
  // for a node that is off already this takes milliseconds.
  if (heard_since_dispatch_) {
    step_ = 0;
    phase_ = Phase::ready;
    note(FencerNote::Kind::device_result, "off", "a message of the target came after the dispatch: off is repeated",
         false);
    return;
  }
  succeed(now);
}

void Fencer::level_failed(const std::string& why, Instant now) {
  last_error_ = why;
  step_ = 0;
  if (level_ + 1 < levels_.size()) {
    ++level_;
    phase_ = Phase::ready;
    return;
  }
  note(FencerNote::Kind::failed, "", why, false);
  level_ = 0;
  phase_ = Phase::backing_off;
  due_ = now + backoff_;
  backoff_ = std::min(backoff_ * 2, limits::fence_backoff_max);
}

void Fencer::succeed(Instant now) {
  note(FencerNote::Kind::done, "", "verified off", true);
  success_ = request_;
  const bool reboot = request_->action == FenceAction::reboot;
  std::vector<DeviceStep> on_steps;
  for (const DeviceStep& done : levels_[level_].steps) {
    if (reboot && done.on_wanted && offers(done.agent, "on")) on_steps.push_back(done);
  }
  if (!on_steps.empty()) switch_on_ = SwitchOn{*request_, std::move(on_steps), 0, 0, now};
  request_.reset();
  phase_ = Phase::idle;
}

void Fencer::retry_now(Instant now) {
  if (phase_ == Phase::backing_off) due_ = now;
}

std::vector<FencerNote> Fencer::take_notes() {
  return std::exchange(notes_, {});
}

std::optional<FenceRequest> Fencer::take_success() {
  return std::exchange(success_, std::nullopt);
}

}  // namespace duet
