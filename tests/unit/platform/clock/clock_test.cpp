// SPDX-License-Identifier: Apache-2.0
// The two clocks.
#include "platform/clock/clock.hpp"

#include <catch2/catch.hpp>
#include <ctime>

using namespace duet;

TEST_CASE("clock: boot time never goes back and is the kernel's boot-time clock", "[clock][S13]") {
  timespec kernel{};
  REQUIRE(clock_gettime(CLOCK_BOOTTIME, &kernel) == 0);
  const Instant before{std::chrono::seconds{kernel.tv_sec} + std::chrono::nanoseconds{kernel.tv_nsec}};
  Instant last = before;
  for (int i = 0; i < 1000; ++i) {
    const Instant now = boot_now();
    REQUIRE(now >= last);
    last = now;
  }
  CHECK(last - before < 10s);
}

TEST_CASE("clock: wall time is civil time in milliseconds", "[clock]") {
  const std::int64_t seconds = std::time(nullptr);
  const std::int64_t ms = wall_now().unix_ms;
  CHECK(ms >= seconds * 1000);
  CHECK(ms < (seconds + 60) * 1000);
}
