// SPDX-License-Identifier: Apache-2.0
// One at a time in each lane, in order; a holder that is overdue closes it.
#include "core/fencehost/lanes.hpp"

#include <catch2/catch.hpp>

namespace duet::fencehost {

namespace {
const Instant start{100s};
}

TEST_CASE("lanes: one holder for each lane, the others in order", "[fencehost][S5]") {
  Lanes lanes;
  CHECK(lanes.enter(0, 1, start) == Lanes::Entry::granted);
  CHECK(lanes.enter(0, 2, start) == Lanes::Entry::waiting);
  CHECK(lanes.enter(0, 3, start) == Lanes::Entry::waiting);
  CHECK(lanes.enter(7, 4, start) == Lanes::Entry::granted);
  CHECK(lanes.holds(1));
  CHECK_FALSE(lanes.holds(2));
  CHECK(lanes.leave(1, start + 1s) == 2U);
  CHECK(lanes.holds(2));
  CHECK(lanes.leave(2, start + 2s) == 3U);
  CHECK_FALSE(lanes.leave(3, start + 3s));
  CHECK(lanes.held() == 1);
  CHECK(lanes.enter(0, 5, start) == Lanes::Entry::granted);
  CHECK_FALSE(lanes.leave(99, start));
}

TEST_CASE("lanes: who waits can leave the queue", "[fencehost]") {
  Lanes lanes;
  REQUIRE(lanes.enter(0, 1, start) == Lanes::Entry::granted);
  REQUIRE(lanes.enter(0, 2, start) == Lanes::Entry::waiting);
  REQUIRE(lanes.enter(0, 3, start) == Lanes::Entry::waiting);
  CHECK_FALSE(lanes.leave(2, start));
  CHECK(lanes.leave(1, start) == 3U);
}

TEST_CASE("lanes: after 20 s a lane is closed until its holder gives it back", "[fencehost][S5]") {
  Lanes lanes;
  CHECK_FALSE(lanes.next_expiry());
  REQUIRE(lanes.enter(0, 1, start) == Lanes::Entry::granted);
  REQUIRE(lanes.enter(0, 2, start) == Lanes::Entry::waiting);
  CHECK(lanes.next_expiry() == start + 20s);
  CHECK(lanes.expire(start + 19s).empty());
  const auto expired = lanes.expire(start + 20s);
  REQUIRE(expired.size() == 1);
  CHECK(expired[0].holder == 1);
  CHECK(expired[0].waited == std::vector<HolderId>{2});
  CHECK(lanes.expire(start + 30s).empty());  // told once
  CHECK_FALSE(lanes.next_expiry());
  CHECK(lanes.holds(1));
  CHECK(lanes.holder_of(0) == 1U);
  CHECK_FALSE(lanes.holds(2));
  CHECK(lanes.enter(0, 3, start + 30s) == Lanes::Entry::closed);
  CHECK_FALSE(lanes.leave(1, start + 40s));
  CHECK(lanes.held() == 0);
  CHECK(lanes.enter(0, 3, start + 40s) == Lanes::Entry::granted);
  CHECK(lanes.next_expiry() == start + 60s);
}

TEST_CASE("lanes: the queue is bounded", "[fencehost][S22]") {
  Lanes lanes;
  REQUIRE(lanes.enter(0, 1, start) == Lanes::Entry::granted);
  for (HolderId i = 0; i < lane_queue_max; ++i) REQUIRE(lanes.enter(0, 100 + i, start) == Lanes::Entry::waiting);
  CHECK(lanes.enter(0, 2, start) == Lanes::Entry::refused);
  CHECK(lanes.enter(1, 2, start) == Lanes::Entry::granted);
}

}  // namespace duet::fencehost
