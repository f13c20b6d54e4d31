// SPDX-License-Identifier: Apache-2.0
// Clean shutdown: resources move first, the peer knows, nobody is fenced (L11, F59).
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("leave: resources move, the leave is recorded, and the lost node is not fenced", "[node][S4][F59]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  const NodeId other = active == n1 ? n4 : n1;
  pair.step(active, StopWanted{});
  pair.advance(3s);
  REQUIRE(pair.node(active).stopped);
  CHECK(pair.node(active).stopped->empty());
  CHECK(pair.runs_on("VIP") == other);
  pair.lose(active);
  pair.advance(200s, 1s);
  CHECK(pair.node(other).fence_calls.empty());
  CHECK(pair.state(other).solo);
}

TEST_CASE("leave: both stop one after the other, and everything is stopped in the end", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.step(n1, StopWanted{});
  pair.advance(3s);
  pair.lose(n1, LeaveReason::leave);
  pair.step(n4, StopWanted{});
  pair.advance(3s);
  CHECK(pair.node(n4).stopped);
  CHECK_FALSE(pair.runs_on("VIP"));
  CHECK_FALSE(pair.runs_on("haproxy"));
}
