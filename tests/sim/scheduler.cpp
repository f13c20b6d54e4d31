// SPDX-License-Identifier: Apache-2.0
// The event queue of the simulator, a binary heap.
#include "tests/sim/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace duet::sim {

void Scheduler::at(Duration when, Task task) {
  heap_.push_back(Entry{std::max(when, now_), ++sequence_, std::move(task)});
  std::push_heap(heap_.begin(), heap_.end(), Later{});
}

void Scheduler::run_until(Duration end) {
  while (!stopped_ && !heap_.empty() && heap_.front().when <= end) {
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    now_ = entry.when;
    ++executed_;
    entry.task();
  }
  if (!stopped_) now_ = std::max(now_, end);
}

}  // namespace duet::sim
