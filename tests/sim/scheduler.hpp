// SPDX-License-Identifier: Apache-2.0
// Virtual time: one queue of tasks ordered by (time, sequence number). Nothing else in the simulator knows a clock.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/time.hpp"

namespace duet::sim {

class Scheduler {
 public:
  using Task = std::function<void()>;

  /// Virtual time since the world began.
  [[nodiscard]] Duration now() const { return now_; }
  [[nodiscard]] std::uint64_t executed() const { return executed_; }
  /// A time in the past means now.
  void at(Duration when, Task task);
  void after(Duration delay, Task task) { at(now_ + delay, std::move(task)); }
  /// Runs everything that is due up to and including `end`; afterwards now() == end, unless stop() was called.
  void run_until(Duration end);
  /// Ends run_until after the present task; every later call returns at once.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  struct Entry {
    Duration when;
    std::uint64_t sequence;
    Task task;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
    }
  };
  std::vector<Entry> heap_;
  Duration now_{0};
  std::uint64_t sequence_ = 0;
  std::uint64_t executed_ = 0;
  bool stopped_ = false;
};

}  // namespace duet::sim
