// SPDX-License-Identifier: Apache-2.0
// clock_gettime(2) as our own types.
#include "platform/clock/clock.hpp"

#include <ctime>

#include "core/base/invariant.hpp"

namespace duet {

namespace {

timespec read_clock(clockid_t clock) {
  timespec now{};
  // Fails only for a clock that the kernel does not know; CLOCK_BOOTTIME exists since Linux 2.6.39.
  DUET_INVARIANT(clock_gettime(clock, &now) == 0);
  return now;
}

}  // namespace

Instant boot_now() {
  const timespec now = read_clock(CLOCK_BOOTTIME);
  return Instant{std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec}};
}

WallTime wall_now() {
  const timespec now = read_clock(CLOCK_REALTIME);
  return WallTime{static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000};
}

}  // namespace duet
