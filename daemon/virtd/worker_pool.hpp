// SPDX-License-Identifier: Apache-2.0
// Threads for calls that block: made when they are needed, never more than a bound. Work that finds no thread waits, at
// most as much as the bound; more is refused.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/time.hpp"

namespace duet::virtd {

/// Must outlive its threads: they are detached, since a call into a hypervisor that hangs never ends.
class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t queue) : threads_max_{threads}, queue_max_{queue} {}
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False: everything is taken.
  [[nodiscard]] bool run(std::function<void()> work) {
    const std::lock_guard lock{mutex_};
    if (queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(work));
    if (idle_ < queue_.size() && threads_ < threads_max_) {
      ++threads_;
      std::thread{[this] { serve(); }}.detach();
    }
    wake_.notify_one();
    return true;
  }

  /// Waits until nothing is under way. False if that takes longer than `limit`.
  [[nodiscard]] bool wait_idle(Duration limit) {
    std::unique_lock lock{mutex_};
    return done_.wait_for(lock, limit, [this] { return queue_.empty() && busy_ == 0; });
  }

 private:
  void serve() {
    std::unique_lock lock{mutex_};
    for (;;) {
      ++idle_;
      wake_.wait(lock, [this] { return !queue_.empty(); });
      --idle_;
      const std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      ++busy_;
      lock.unlock();
      work();
      lock.lock();
      --busy_;
      done_.notify_all();
    }
  }

  const std::size_t threads_max_;
  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::deque<std::function<void()>> queue_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  std::size_t busy_ = 0;
};

}  // namespace duet::virtd
