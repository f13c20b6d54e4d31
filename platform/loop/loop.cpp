// SPDX-License-Identifier: Apache-2.0
// Wraps qb_loop_*; one timerfd for all timers, one eventfd for work of other threads.
#include "platform/loop/loop.hpp"

#include <qb/qbloop.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <cerrno>
#include <cstring>

#include "core/base/invariant.hpp"
#include "platform/clock/clock.hpp"

namespace duet {

namespace {

Error system_error(const char* call, int error) {
  return Error{Errc::backend, std::string{call} + ": " + std::strerror(error)};
}

}  // namespace

// ---- descriptors ----------------------------------------------------------------------------------------------------

struct FdWatch::Entry : std::enable_shared_from_this<FdWatch::Entry> {
  qb_loop* loop = nullptr;
  int fd = -1;
  short events = 0;
  std::function<void(short)> ready;

  static std::int32_t dispatch(std::int32_t, std::int32_t revents, void* data) noexcept {
    // The callback may destroy the watch, and with it the last other reference to this entry.
    const auto self = static_cast<Entry*>(data)->shared_from_this();
    if (self->fd >= 0) self->ready(static_cast<short>(revents));
    return 0;
  }
};

FdWatch& FdWatch::operator=(FdWatch&& other) noexcept {
  if (this != &other) {
    reset();
    entry_ = std::move(other.entry_);
  }
  return *this;
}

void FdWatch::reset() {
  if (!entry_) return;
  const auto entry = std::move(entry_);
  entry_.reset();
  qb_loop_poll_del(entry->loop, entry->fd);
  entry->fd = -1;
}

void FdWatch::set_events(short events) {
  DUET_INVARIANT(entry_ != nullptr);
  if (entry_->events == events) return;
  entry_->events = events;
  DUET_INVARIANT(qb_loop_poll_mod(entry_->loop, QB_LOOP_HIGH, entry_->fd, events, entry_.get(), Entry::dispatch) == 0);
}

// ---- timers ---------------------------------------------------------------------------------------------------------

Timer::Timer(Loop& loop, std::function<void()> expired)
    : loop_{loop}, expired_{std::make_shared<std::function<void()>>(std::move(expired))} {}

void Timer::arm(Instant at) {
  cancel();
  key_ = {at, loop_.next_timer_++};
  loop_.timers_.emplace(key_, this);
  loop_.set_alarm();
}

void Timer::arm_in(Duration from_now) {
  arm(boot_now() + from_now);
}

void Timer::cancel() {
  if (!armed()) return;
  loop_.timers_.erase(key_);
  key_.second = 0;
  // The alarm is left as it is: an early wake-up finds nothing to do and sets the next one.
}

// ---- signals --------------------------------------------------------------------------------------------------------

struct SignalWatch::Entry {
  qb_loop* loop = nullptr;
  qb_loop_signal_handle handle = nullptr;
  std::shared_ptr<std::function<void()>> received;

  static std::int32_t dispatch(std::int32_t, void* data) noexcept {
    const auto received = static_cast<Entry*>(data)->received;
    (*received)();
    return 0;
  }
};

SignalWatch& SignalWatch::operator=(SignalWatch&& other) noexcept {
  if (this != &other) {
    reset();
    entry_ = std::move(other.entry_);
  }
  return *this;
}

void SignalWatch::reset() {
  if (!entry_) return;
  qb_loop_signal_del(entry_->loop, entry_->handle);
  entry_.reset();
}

// ---- loop -----------------------------------------------------------------------------------------------------------

Result<std::unique_ptr<Loop>> Loop::create() {
  std::unique_ptr<Loop> loop{new Loop};
  if (auto opened = loop->open(); !opened) return tl::unexpected{opened.error()};
  return loop;
}

Result<void> Loop::open() {
  loop_ = qb_loop_create();
  if (loop_ == nullptr) return tl::unexpected{system_error("qb_loop_create", errno)};
  timer_fd_ = UniqueFd{timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)};
  if (!timer_fd_) return tl::unexpected{system_error("timerfd_create", errno)};
  post_fd_ = UniqueFd{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  if (!post_fd_) return tl::unexpected{system_error("eventfd", errno)};
  auto timer_watch = watch(timer_fd_.get(), POLLIN, [this](short) { run_timers(); });
  if (!timer_watch) return tl::unexpected{timer_watch.error()};
  timer_watch_ = std::move(*timer_watch);
  auto post_watch = watch(post_fd_.get(), POLLIN, [this](short) { run_posted(); });
  if (!post_watch) return tl::unexpected{post_watch.error()};
  post_watch_ = std::move(*post_watch);
  return {};
}

Loop::~Loop() {
  timer_watch_.reset();
  post_watch_.reset();
  if (loop_ != nullptr) qb_loop_destroy(loop_);
}

void Loop::run() {
  qb_loop_run(loop_);
}

void Loop::stop() {
  qb_loop_stop(loop_);
}

void Loop::run_for(Duration limit) {
  Timer end{*this, [this] { stop(); }};
  end.arm_in(limit);
  run();
}

Result<FdWatch> Loop::watch(int fd, short events, std::function<void(short)> ready) {
  auto entry = std::make_shared<FdWatch::Entry>();
  entry->loop = loop_;
  entry->fd = fd;
  entry->events = events;
  entry->ready = std::move(ready);
  const std::int32_t rc = qb_loop_poll_add(loop_, QB_LOOP_HIGH, fd, events, entry.get(), FdWatch::Entry::dispatch);
  if (rc != 0) {
    entry->fd = -1;
    return tl::unexpected{system_error("qb_loop_poll_add", -rc)};
  }
  return FdWatch{std::move(entry)};
}

Result<SignalWatch> Loop::watch_signal(int signal, std::function<void()> received) {
  auto entry = std::make_shared<SignalWatch::Entry>();
  entry->loop = loop_;
  entry->received = std::make_shared<std::function<void()>>(std::move(received));
  const std::int32_t rc =
      qb_loop_signal_add(loop_, QB_LOOP_HIGH, signal, entry.get(), SignalWatch::Entry::dispatch, &entry->handle);
  if (rc != 0) return tl::unexpected{system_error("qb_loop_signal_add", -rc)};
  return SignalWatch{std::move(entry)};
}

void Loop::post(std::function<void()> work) {
  {
    const std::lock_guard lock{posted_mutex_};
    posted_.push_back(std::move(work));
  }
  const std::uint64_t one = 1;
  // Fails only with EAGAIN when the counter is full: then the loop is awake anyhow.
  [[maybe_unused]] const ssize_t written = write(post_fd_.get(), &one, sizeof one);
}

void Loop::run_posted() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(post_fd_.get(), &count, sizeof count);
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock{posted_mutex_};
    work.swap(posted_);
  }
  for (auto& item : work) item();
}

void Loop::set_alarm() {
  if (timers_.empty()) return;
  const Instant first = timers_.begin()->first.first;
  if (alarm_at_ != Instant{} && alarm_at_ <= first) return;
  // Zero would disarm the timerfd; one nanosecond after the origin has passed just as well.
  const Duration at = first.since_origin() > Duration{0} ? first.since_origin() : Duration{1};
  alarm_at_ = Instant{at};
  itimerspec spec{};
  spec.it_value.tv_sec = at / 1s;
  spec.it_value.tv_nsec = (at % 1s).count();
  DUET_INVARIANT(timerfd_settime(timer_fd_.get(), TFD_TIMER_ABSTIME, &spec, nullptr) == 0);
}

void Loop::run_timers() {
  std::uint64_t expirations = 0;
  [[maybe_unused]] const ssize_t got = read(timer_fd_.get(), &expirations, sizeof expirations);
  alarm_at_ = Instant{};
  // Only what was due and armed when this turn began: a timer that arms itself at once must not starve the rest.
  const Instant now = boot_now();
  const std::uint64_t newest = next_timer_;
  for (auto next = timers_.begin(); next != timers_.end() && next->first.first <= now;) {
    if (next->first.second >= newest) {
      ++next;
      continue;
    }
    Timer* const timer = next->second;
    timers_.erase(next);
    timer->key_.second = 0;
    const auto expired = timer->expired_;
    (*expired)();
    next = timers_.begin();  // the callback may have changed anything
  }
  set_alarm();
}

}  // namespace duet
