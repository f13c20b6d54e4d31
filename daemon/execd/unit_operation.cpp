// SPDX-License-Identifier: Apache-2.0
// See unit_operation.hpp.
//
// The drop-in stays after a stop, until the resource is forgotten: without it a start would have to wait for systemd's
// reload, and while the resource is ours nothing but us may restart the unit. It is written at the first probe, so that
// also the first start of a take-over finds it in place.
#include "daemon/execd/unit_operation.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/agentapi/agent_name.hpp"
#include "core/agentapi/ocf_agent.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "platform/clock/clock.hpp"
#include "platform/process/read_file.hpp"

namespace duet::execd {

namespace {

constexpr const char* drop_in_name = "/50-duet.conf";
constexpr const char* manager_unit = "duetd.service";
constexpr Duration retry_pause{100ms};

int code(OcfExit exit) {
  return static_cast<int>(exit);
}

std::string drop_in_directory(const Settings& settings, const std::string& unit) {
  return settings.drop_in_directory + '/' + unit + ".d";
}

/// `Before=` makes systemd stop us, and with us the resources, before it touches the unit at shutdown. The start limit
/// would refuse our restarts; how often is the business of migration-threshold.
std::string drop_in_text(const std::string& unit) {
  std::string text = "[Unit]\nDescription=Cluster Controlled " + unit.substr(0, unit.rfind('.')) +
                     "\nBefore=" + manager_unit + "\nStartLimitIntervalSec=0\n";
  if (unit.ends_with(".service")) text += "\n[Service]\nRestart=no\n";
  return text;
}

enum class DropIn { present, written };

bool is_up(const units::UnitState& state) {
  return state.active_state == "active" || state.active_state == "reloading" || state.active_state == "refreshing";
}

bool is_on_its_way(const units::UnitState& state) {
  return state.active_state == "activating" || state.active_state == "deactivating";
}

Result<DropIn> write_drop_in(const Settings& settings, const std::string& unit) {
  const std::string directory = drop_in_directory(settings, unit);
  const std::string path = directory + drop_in_name;
  const std::string text = drop_in_text(unit);
  const auto present = read_file(path, 64 * 1024);
  if (present && *present == text) return DropIn::present;
  for (const std::string& part : {settings.drop_in_directory, directory}) {
    if (mkdir(part.c_str(), 0755) != 0 && errno != EEXIST) return fail(Errc::storage, "cannot make " + part);
    if (chmod(part.c_str(), 0755) != 0) return fail(Errc::storage, "cannot open " + part);
  }
  if (auto written = replace_file(AT_FDCWD, path, text); !written) return tl::unexpected{written.error()};
  if (chmod(path.c_str(), 0644) != 0) return fail(Errc::storage, "cannot open " + path);
  return DropIn::written;
}

}  // namespace

bool remove_drop_in(const Settings& settings, const std::string& unit) {
  const std::string directory = drop_in_directory(settings, unit);
  const bool removed = unlink((directory + drop_in_name).c_str()) == 0;
  rmdir(directory.c_str());
  return removed;
}

std::unique_ptr<UnitOperation> UnitOperation::begin(Loop& loop, units::UnitManager& units, const Settings& settings,
                                                    const RunAgent& order, Done done) {
  std::unique_ptr<UnitOperation> made{new UnitOperation{loop, units, settings, order, std::move(done)}};
  made->again_.arm(Instant{});
  return made;
}

UnitOperation::UnitOperation(Loop& loop, units::UnitManager& units, const Settings& settings, const RunAgent& order,
                             Done done)
    : units_{units},
      settings_{settings},
      order_{order},
      done_{std::move(done)},
      began_{boot_now()},
      again_{loop, [this] { step(); }},
      deadline_{loop, [this] { time_out(); }} {
  observer_ = units_.observe({.job_removed =
                                  [this](const std::string& job, const std::string& result) {
                                    if (!job_.empty() && job == job_) take_end_of_job(result);
                                  },
                              .unit_changed =
                                  [this](const units::UnitChange& change) {
                                    // A monitor that waits for the end of activating or deactivating.
                                    if (pending_path_.empty() || change.path != pending_path_) return;
                                    pending_path_.clear();
                                    again_.arm(Instant{});
                                  },
                              .connected = [] {},
                              .lost =
                                  [this] {
                                    if (job_.empty()) return;
                                    // Its end may go unseen: ask for the same again, that is merged or a success.
                                    job_.clear();
                                    again_.arm_in(retry_pause);
                                  }});
  deadline_.arm(began_ + std::max<Duration>(order_.timeout, 1ms));
}

void UnitOperation::step() {
  if (unit_.empty()) {
    auto name = unit_name(order_.agent.type);
    if (!name) return finish(OpStatus::error, code(OcfExit::configured), name.error().what);
    unit_ = std::move(*name);
  }
  units_.query(unit_, guarded([this](const Result<units::UnitState>& state) { take_state(state); }));
}

void UnitOperation::take_error(const Error& error) {
  // A stop that fails has the node fenced: whatever systemd says, it is asked for again until the time-out.
  const bool stop = order_.action == Action::stop;
  if (error.code == Errc::try_again || (stop && error.code != Errc::not_found)) return again_.arm_in(retry_pause);
  if (error.code == Errc::not_found) {
    // What is unknown does not run.
    if (stop) return finish(OpStatus::done, code(OcfExit::success), "");
    return finish(OpStatus::not_installed, code(OcfExit::installed), unit_ + " does not exist: " + error.what);
  }
  finish(OpStatus::done, code(OcfExit::generic), unit_ + ": " + error.what);
}

void UnitOperation::take_state(const Result<units::UnitState>& state) {
  if (!state) return take_error(state.error());
  switch (order_.action) {
    case Action::probe:
    case Action::monitor:
      return take_state_for_monitor(*state);
    case Action::start:
      return take_state_for_start(*state);
    case Action::stop:
      return begin_stop();
  }
}

void UnitOperation::take_state_for_monitor(const units::UnitState& state) {
  if (order_.action == Action::probe && !reloaded_) {
    reloaded_ = true;
    const auto drop_in = write_drop_in(settings_, unit_);
    // The probe needs not wait for the reload: only a later start does, and it looks whether one is due.
    if (drop_in && *drop_in == DropIn::written) units_.reload([](const Result<void>&) {});
  }
  if (is_up(state)) return finish(OpStatus::done, code(OcfExit::success), "");
  // To a probe what has a job is not down: the start of an executor that was killed may be waiting for its turn.
  if (is_on_its_way(state) || (order_.action == Action::probe && state.has_job)) return look_again_later(state);
  finish(OpStatus::done, code(OcfExit::not_running), state.active_state);
}

void UnitOperation::look_again_later(const units::UnitState& state) {
  pending_path_ = state.path;
  again_.arm_in(std::min<Duration>(2s, order_.timeout / 10));
}

void UnitOperation::take_state_for_start(const units::UnitState& state) {
  if (started_) return take_state_after_start(state);
  // It runs, and without its file systemd would not start it.
  if (!state.has_file()) return finish(OpStatus::done, code(OcfExit::success), "");
  const auto drop_in = write_drop_in(settings_, unit_);
  if (!drop_in) return finish(OpStatus::error, code(OcfExit::generic), drop_in.error().what);
  const bool due = *drop_in == DropIn::written || state.needs_reload;
  if (!due || reloaded_) return begin_job(units::JobKind::start);
  reloaded_ = true;  // once: a unit whose file somebody else has changed again must not keep us here
  units_.reload(guarded([this](const Result<void>& done) {
    if (!done) return take_error(done.error());
    begin_job(units::JobKind::start);
  }));
}

/// A job that is done does not mean that the service runs: a condition of the unit may have failed, or the process has
/// ended at once.
void UnitOperation::take_state_after_start(const units::UnitState& state) {
  if (is_up(state)) return finish(OpStatus::done, code(OcfExit::success), "");
  if (is_on_its_way(state)) return look_again_later(state);
  finish(OpStatus::done, code(OcfExit::generic),
         fmt::format("systemd: the start is done, but {} is {}", unit_, state.active_state));
}

/// While duetd itself is being stopped, as at shutdown, the drop-in's Before= has systemd hold back the unit's stop
/// until duetd has ended, and duetd waits for this very stop. Only then the order is set aside.
void UnitOperation::begin_stop() {
  units_.query(manager_unit, guarded([this](const Result<units::UnitState>& manager) {
                 begin_job(manager && manager->has_job ? units::JobKind::stop_now : units::JobKind::stop);
               }));
}

void UnitOperation::begin_job(units::JobKind kind) {
  units_.begin_job(kind, unit_, guarded([this](const Result<std::string>& job) { take_job(job); }));
}

void UnitOperation::take_job(const Result<std::string>& job) {
  // That a unit which was there a moment ago is not found proves nothing yet: its state does.
  if (!job && order_.action == Action::stop) return again_.arm_in(retry_pause);
  if (!job) return take_error(job.error());
  job_ = *job;
}

void UnitOperation::take_end_of_job(const std::string& result) {
  job_.clear();
  if (result == "done" && order_.action == Action::start) {
    started_ = true;
    return step();
  }
  if (result == "done") return finish(OpStatus::done, code(OcfExit::success), "");
  // Somebody else's job took its place: the stop is asked for again until the time-out.
  if (order_.action == Action::stop && result != "timeout") return again_.arm_in(retry_pause);
  if (result == "timeout") return finish(OpStatus::timed_out, code(OcfExit::generic), "systemd: job timed out");
  finish(OpStatus::done, code(OcfExit::generic), "systemd: " + result);
}

void UnitOperation::time_out() {
  if (!job_.empty()) units_.cancel_job(job_);
  finish(OpStatus::timed_out, code(OcfExit::generic),
         fmt::format("systemd unit {} did not complete within {}", unit_, format_duration(order_.timeout)));
}

void UnitOperation::cancel() {
  if (!job_.empty()) units_.cancel_job(job_);
  finish(OpStatus::cancelled, code(OcfExit::generic), "");
}

void UnitOperation::finish(OpStatus status, int exit_code, const std::string& reason) {
  if (ended_) return;
  ended_ = true;
  again_.cancel();
  deadline_.cancel();
  observer_.reset();
  life_.reset();
  OpOutcome outcome;
  outcome.status = status;
  outcome.exit_code = exit_code;
  outcome.reason = escape_line(reason, 500);
  outcome.unix_ms = wall_now().unix_ms;
  outcome.took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(boot_now() - began_).count();
  const Done done = std::move(done_);
  done(std::move(outcome));
}

}  // namespace duet::execd
