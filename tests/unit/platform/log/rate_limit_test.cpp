// SPDX-License-Identifier: Apache-2.0
// The limit of lines: what passes, what is counted.
#include "platform/log/rate_limit.hpp"

#include <catch2/catch.hpp>

namespace duet::log {
namespace {

Instant at(Duration since) {
  return Instant{since};
}

TEST_CASE("rate limit: a burst passes, then lines are counted until the period ends", "[log]") {
  RateLimit limit{2, 10s};
  CHECK(limit.admit("a", at(1s)) == 0);
  CHECK(limit.admit("a", at(2s)) == 0);
  CHECK_FALSE(limit.admit("a", at(3s)));
  CHECK_FALSE(limit.admit("a", at(10s)));
  CHECK(limit.admit("b", at(10s)) == 0);
  CHECK(limit.admit("a", at(11s)) == 2);
  CHECK(limit.admit("a", at(12s)) == 0);
}

TEST_CASE("rate limit: the number of remembered reasons is bounded", "[log][S22]") {
  RateLimit limit{1, 10s, 2};
  CHECK(limit.admit("a", at(1s)) == 0);
  CHECK(limit.admit("b", at(1s)) == 0);
  SECTION("others share one place while all are fresh") {
    CHECK(limit.admit("c", at(2s)) == 0);
    CHECK_FALSE(limit.admit("d", at(2s)));
  }
  SECTION("old ones make room") {
    CHECK(limit.admit("c", at(12s)) == 0);
    CHECK(limit.admit("d", at(12s)) == 0);
  }
}

TEST_CASE("rate limit: lines that differ in numbers have the same reason", "[log]") {
  CHECK(RateLimit::reason_of("client 17 refused") == RateLimit::reason_of("client 4711 refused"));
  CHECK(RateLimit::reason_of("client refused") != RateLimit::reason_of("client accepted"));
  CHECK(RateLimit::reason_of(std::string(1000, 'x')).size() == 64);
}

}  // namespace
}  // namespace duet::log
