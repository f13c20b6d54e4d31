// SPDX-License-Identifier: Apache-2.0
// The times of repeated announcements.
#include "agents/ipaddr2/announcer.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace duet;
using namespace duet::ipaddr2;

TEST_CASE("announcement times: at least five rounds in the first five seconds, whatever is set", "[ipaddr2][F60]") {
  for (const unsigned count : {1U, 2U, 5U, 1000U}) {
    for (const Duration interval : {Duration{1ms}, Duration{200ms}, Duration{60s}}) {
      const auto times = announcement_times({count, interval, true});
      CAPTURE(count, interval.count());
      // The one at time 0 comes on top.
      CHECK(std::count_if(times.begin(), times.end(), [](Duration time) { return time <= 5s; }) >= 4);
      CHECK(std::is_sorted(times.begin(), times.end()));
      CHECK(times.front() > 0s);
      CHECK(times.back() <= announcer_life);
      CHECK(times.back() >= 30s);
    }
  }
}

TEST_CASE("announcement times: without late ones exactly what was asked for", "[ipaddr2]") {
  CHECK(announcement_times({1, 200ms, false}).empty());
  CHECK(announcement_times({3, 200ms, false}) == std::vector<Duration>{200ms, 400ms});
  CHECK(announcement_times({100, 30s, false}) == std::vector<Duration>{30s, 60s});
}
