// SPDX-License-Identifier: Apache-2.0
// What a program that runs on a simulated node may use of it.
#pragma once

#include <string>

#include "core/trace/trace.hpp"
#include "tests/sim/scheduler.hpp"

namespace duet::sim {

class Machine {
 public:
  virtual ~Machine() = default;
  /// Runs the task after `delay`, unless this boot has ended; while the node is paused it waits.
  virtual void in_boot(Duration delay, Scheduler::Task task) = 0;
  /// Records an event; node and boot are filled in.
  virtual void emit(TraceEvent event) = 0;
  virtual void reboot(const std::string& why) = 0;
  /// CLOCK_BOOTTIME of this boot.
  [[nodiscard]] virtual Instant clock() const = 0;
  [[nodiscard]] virtual std::string boot_id() const = 0;
};

}  // namespace duet::sim
