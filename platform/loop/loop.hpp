// SPDX-License-Identifier: Apache-2.0
// Loop: libqb's main loop with handles that unregister themselves, timers on the boot-time clock, and work that other
// threads hand in.
//
// Timers are ours, on one timerfd: libqb's own count on CLOCK_MONOTONIC and in milliseconds, so a suspended machine
// would not see its time-outs pass (S12). Everything is registered with libqb's high priority: its lower ones are
// served in two of three turns only, and its jobs may sleep 50 ms.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "platform/loop/unique_fd.hpp"

struct qb_loop;

namespace duet {

class Loop;

/// Watches a descriptor as long as it lives; owns neither the descriptor nor the loop. Destroy it before the descriptor
/// is closed. It may be destroyed from its own callback.
class FdWatch {
 public:
  FdWatch() = default;
  FdWatch(FdWatch&& other) noexcept = default;
  FdWatch& operator=(FdWatch&& other) noexcept;
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;
  ~FdWatch() { reset(); }
  /// Ends the watching.
  void reset();
  /// POLLIN, POLLOUT, ...; 0 = only errors and hang-up.
  void set_events(short events);
  [[nodiscard]] explicit operator bool() const { return entry_ != nullptr; }

 private:
  friend class Loop;
  struct Entry;
  explicit FdWatch(std::shared_ptr<Entry> entry) : entry_{std::move(entry)} {}
  std::shared_ptr<Entry> entry_;
};

/// One alarm. Destroying it cancels it. It may be armed again or destroyed from its own callback.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> expired);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }
  /// Calls back once, at `at` or up to a few hundred microseconds after it, never before; at once if `at` has passed.
  /// Replaces an earlier time.
  void arm(Instant at);
  void arm_in(Duration from_now);
  void cancel();
  [[nodiscard]] bool armed() const { return key_.second != 0; }

 private:
  friend class Loop;
  Loop& loop_;
  std::shared_ptr<std::function<void()>> expired_;
  std::pair<Instant, std::uint64_t> key_{};  ///< second 0 = not armed
};

/// Calls back for a signal, from the loop, not from the handler. One for each signal number at a time.
class SignalWatch {
 public:
  SignalWatch() = default;
  SignalWatch(SignalWatch&& other) noexcept = default;
  SignalWatch& operator=(SignalWatch&& other) noexcept;
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch() { reset(); }
  void reset();

 private:
  friend class Loop;
  struct Entry;
  explicit SignalWatch(std::shared_ptr<Entry> entry) : entry_{std::move(entry)} {}
  std::shared_ptr<Entry> entry_;
};

/// All members belong to the thread that calls run(), except post(). Handles must not outlive their loop.
class Loop {
 public:
  /// Error: Errc::backend (no descriptors, no memory).
  static Result<std::unique_ptr<Loop>> create();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// Runs until stop(). May be called again afterwards.
  void run();
  /// Ends run() after the callbacks of this turn.
  void stop();
  /// Runs for at most `limit`, or until stop(). For tests and start-up.
  void run_for(Duration limit);

  /// `ready` gets the poll(2) events that are pending. Level-triggered. `fd` may be watched once at a time.
  /// Error: Errc::backend.
  Result<FdWatch> watch(int fd, short events, std::function<void(short revents)> ready);
  /// Error: Errc::backend.
  Result<SignalWatch> watch_signal(int signal, std::function<void()> received);
  /// Runs `work` in the loop, soon and in order. From any thread, also before run().
  void post(std::function<void()> work);

 private:
  friend class Timer;
  Loop() = default;
  Result<void> open();
  void set_alarm();
  void run_timers();
  void run_posted();

  qb_loop* loop_ = nullptr;
  UniqueFd timer_fd_;
  UniqueFd post_fd_;
  FdWatch timer_watch_;
  FdWatch post_watch_;
  std::map<std::pair<Instant, std::uint64_t>, Timer*> timers_;
  std::uint64_t next_timer_ = 1;
  Instant alarm_at_{};  ///< what the timerfd is set to; zero = not set
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace duet
