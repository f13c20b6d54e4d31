// SPDX-License-Identifier: Apache-2.0
// Views and quorum: what a loss means and what it never means.
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("members: a node whose daemon went is neither unclean nor fenced at once", "[node][S4][M05]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(active, LeaveReason::process_down);
  pair.advance(20s);
  CHECK_FALSE(pair.state(other).nodes.at(active).unclean);
  CHECK(pair.node(other).fence_calls.empty());
  CHECK(pair.runs_on("VIP") == active);
  pair.advance(25s);  // its daemon did not come back within 30 s
  CHECK_FALSE(pair.node(other).fence_calls.empty());
}

TEST_CASE("members: without quorum nothing is fenced and nothing started", "[node][S4][S6]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.survivor_is_quorate = false;
  pair.lose(active);
  pair.advance(200s);
  CHECK(pair.node(other).fence_calls.empty());
  CHECK(pair.runs_on("VIP") == active);
}

TEST_CASE("members: a lost connection to corosync keeps what runs and starts nothing", "[node][S6]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  const auto before = pair.node(active).operations.size();
  pair.fence_works = false;  // the other node misses it in the end; that is not what this is about
  pair.step(active, StreamClosed{});
  pair.advance(60s);
  CHECK(pair.node(active).operations.size() == before);
  CHECK(pair.node(active).running["VIP"]);
}

TEST_CASE("members: a new boot that came while the connection to corosync was lost is known by its hello",
          "[node][S4][S12]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.act(other, FenceNode{active, FenceAction::off});
  REQUIRE(pair.runs_on("VIP") == other);  // solo, while its view still holds the dead boot
  pair.step(other, StreamClosed{});
  pair.step(other, StreamOpened{pair.transport});
  pair.boot(active, "the next life");
  pair.meet();  // a first view over the new connection: it tells of nobody but the own daemon that it is new
  pair.advance(40s);
  CHECK(pair.state(other).nodes.at(active).membership == Membership::joined);
  CHECK(pair.state(active).nodes.at(other).membership == Membership::joined);
  CHECK(pair.runs_on("VIP") == other);
  CHECK_FALSE(pair.powered_off.contains(other));
}
