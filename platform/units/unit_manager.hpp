// SPDX-License-Identifier: Apache-2.0
// UnitManager: systemd's units over D-Bus (cluster-semantics 2): state, jobs, and what changes by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "platform/loop/loop.hpp"
#include "platform/units/bus.hpp"

namespace duet::units {

struct UnitState {
  std::string path;          ///< object path
  std::string load_state;    ///< loaded, masked, not-found, ...
  std::string active_state;  ///< active, reloading, activating, deactivating, inactive, failed, ...
  std::string sub_state;
  std::string description;
  std::string invocation;  ///< hexadecimal; empty: never started
  bool needs_reload = false;
  bool has_job = false;  ///< a job for it is waiting or runs
  [[nodiscard]] bool has_file() const { return load_state == "loaded" || load_state == "masked"; }
};

/// What a PropertiesChanged brought; empty fields did not change.
struct UnitChange {
  std::string path;
  std::string active_state;
  std::string sub_state;
  std::string invocation;
};

/// `stop_now`: as stop, but neither waits for what the unit is ordered behind nor stops what needs it.
enum class JobKind : std::uint8_t { start, stop, stop_now };

/// Errors of the callbacks as in `Answer` of bus.hpp. Belongs to the loop's thread.
class UnitManager {
 public:
  struct Observers {
    std::function<void(const std::string& job, const std::string& result)> job_removed;
    std::function<void(const UnitChange&)> unit_changed;
    std::function<void()> connected;
    std::function<void()> lost;  ///< jobs that go on may end unseen
  };
  explicit UnitManager(Loop& loop);
  UnitManager(const UnitManager&) = delete;
  UnitManager& operator=(const UnitManager&) = delete;

  /// Loads the unit if need be and reads its state. Error not_found: there is no such unit, and none of that name runs.
  void query(const std::string& unit, std::function<void(const Result<UnitState>&)> done);
  /// Main process of a service by its object path; 0 if it has none. Units of other types: an error.
  void main_process(const std::string& path, std::function<void(const Result<std::uint32_t>&)> done);
  /// Begins a job, or joins the one that waits; `done` gets the job's path. Its end is told to the observers.
  void begin_job(JobKind kind, const std::string& unit, std::function<void(const Result<std::string>&)> done);
  /// Errors are not told: the job may have ended.
  void cancel_job(const std::string& job);
  /// Has systemd read its files again. Requests that come while one runs are served together by the next.
  void reload(std::function<void(const Result<void>&)> done);
  [[nodiscard]] bool connected() const { return bus_.connected(); }

  /// The observer is called until the returned handle goes.
  [[nodiscard]] std::shared_ptr<const Observers> observe(Observers observers);

 private:
  void take_signal(sd_bus_message* message);
  void take_job_removed(sd_bus_message* message);
  void take_change(sd_bus_message* message);
  void get_state(const std::string& path, std::function<void(const Result<UnitState>&)> done);
  void run_reload();
  void subscribe();
  void each_observer(const std::function<void(const Observers&)>& visit);

  std::vector<std::weak_ptr<const Observers>> observers_;
  std::vector<std::function<void(const Result<void>&)>> reload_waiting_;
  bool reload_runs_ = false;
  bool missed_signals_ = false;  ///< systemd refused to send signals at first
  Timer subscribe_again_;
  Bus bus_;
};

}  // namespace duet::units
