// SPDX-License-Identifier: Apache-2.0
// UnitOperation: one order for a systemd unit, from the run-time drop-in to the end of the job (cluster-semantics 2).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/message/exec.hpp"
#include "daemon/execd/settings.hpp"
#include "platform/loop/loop.hpp"
#include "platform/units/unit_manager.hpp"

namespace duet::execd {

/// Removes the drop-in of a unit and the directory if it is empty. True if there was one: systemd must reload then.
bool remove_drop_in(const Settings& settings, const std::string& unit);

/// Ends by itself at the order's time-out; a passing trouble (systemd executes itself anew, the bus is restarted) is
/// tried again until then.
class UnitOperation {
 public:
  using Done = std::function<void(OpOutcome)>;
  /// `done` is called once, from the loop.
  static std::unique_ptr<UnitOperation> begin(Loop& loop, units::UnitManager& units, const Settings& settings,
                                              const RunAgent& order, Done done);
  UnitOperation(const UnitOperation&) = delete;
  UnitOperation& operator=(const UnitOperation&) = delete;
  /// The wait ends, the job is cancelled.
  void cancel();

 private:
  UnitOperation(Loop& loop, units::UnitManager& units, const Settings& settings, const RunAgent& order, Done done);
  void step();
  void take_state(const Result<units::UnitState>& state);
  void take_state_for_monitor(const units::UnitState& state);
  void take_state_for_start(const units::UnitState& state);
  void take_state_after_start(const units::UnitState& state);
  void look_again_later(const units::UnitState& state);
  void begin_stop();
  void begin_job(units::JobKind kind);
  void take_job(const Result<std::string>& job);
  void take_end_of_job(const std::string& result);
  void take_error(const Error& error);
  void time_out();
  void finish(OpStatus status, int code, const std::string& reason);
  /// Wraps a callback so that it does nothing once this operation has ended.
  template <class Function>
  auto guarded(Function function) {
    return [function, life = std::weak_ptr{life_}](const auto& value) {
      if (!life.expired()) function(value);
    };
  }

  units::UnitManager& units_;
  const Settings& settings_;
  RunAgent order_;
  Done done_;
  std::string unit_;
  std::string job_;           ///< path of the job that is waited for
  std::string pending_path_;  ///< path of the unit whose next change is waited for
  bool ended_ = false;
  bool reloaded_ = false;
  bool started_ = false;  ///< the start's job is done; what is left is to see whether it runs
  Instant began_;
  Timer again_;
  Timer deadline_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
  std::shared_ptr<const units::UnitManager::Observers> observer_;
};

}  // namespace duet::execd
