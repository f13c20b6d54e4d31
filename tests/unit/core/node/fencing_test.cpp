// SPDX-License-Identifier: Apache-2.0
// Causes: the closed list of S4, who is favoured, what ends a cause.
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("fencing: a lost node is powered off, verified, then its group taken over, then it is switched on",
          "[node][S1][L1]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(active);
  pair.advance(10s);
  const std::string vm = active == n1 ? "vm1" : "vm4";
  const auto& calls = pair.node(other).fence_calls;
  const auto off = std::find(calls.begin(), calls.end(), "off " + vm);
  REQUIRE(off != calls.end());
  CHECK(std::find(off, calls.end(), "status " + vm) != calls.end());
  CHECK(std::find(off, calls.end(), "on " + vm) != calls.end());
  CHECK(pair.runs_on("haproxy") == other);
}

TEST_CASE("fencing: the node that serves goes at once, the other one waits", "[node][S5]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  SECTION("the serving node lost the idle one") {
    pair.lose(other);
    CHECK(pair.powered_off.contains(other));
  }
  SECTION("the idle node lost the serving one, which still has power") {
    pair.lose(active);
    pair.advance(4s);
    CHECK_FALSE(pair.powered_off.contains(active));
    pair.advance(2s);
    CHECK(pair.powered_off.contains(active));
  }
  SECTION("the idle node lost the serving one, which is off") {
    pair.powered_off.insert(active);
    pair.lose(active);
    CHECK(std::count(pair.node(other).fence_calls.begin(), pair.node(other).fence_calls.end(),
                     active == n1 ? "off vm1" : "off vm4") == 1);
  }
}

TEST_CASE("fencing: timers that are late do not prolong the delay", "[node][S12][L9]") {
  Serving pair;
  const NodeId other = pair.other;
  pair.lose(pair.active);
  const Instant lost = pair.now;
  while (!pair.powered_off.contains(pair.active) && pair.now < lost + 10s) {
    const auto due = pair.node(other).core->next_wakeup();
    REQUIRE(due);
    CHECK(*due - pair.now <= 500ms);  // what lies between two turns is far from the pause that makes orders void
    pair.now = *due + 20ms;
    pair.step(other, TimePassed{});
    pair.now = pair.now + 1ms;  // the stream brings its own tick back
    pair.run();
  }
  CHECK(pair.now - lost < 5100ms);
}

TEST_CASE("fencing: impossible fencing takes nothing over, is retried for ever and shown", "[node][S1][L5]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.fence_works = false;
  pair.lose(active);
  pair.advance(300s, 500ms);
  CHECK(pair.runs_on("VIP") != other);
  const ClusterView view = pair.node(other).core->view(pair.now, {});
  REQUIRE(view.fencing.size() == 1);
  CHECK(view.fencing[0].attempts > 5);
  pair.fence_works = true;
  pair.advance(61s);
  CHECK(pair.runs_on("VIP") == other);
}

TEST_CASE("fencing: a peer that is back before the delay ends is not fenced", "[node][S4][F41]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(active);
  pair.node(active).up = true;
  pair.advance(3s);
  pair.step(active, ViewChanged{99, {active}, {{other, LeaveReason::node_down}}, {}});
  pair.node(active).core = nullptr;
  pair.restart(active);
  pair.meet();
  pair.advance(10s);
  CHECK_FALSE(pair.powered_off.contains(active));
  CHECK(pair.runs_on("VIP") == active);
}

TEST_CASE("fencing: while the stream stands still, silence says nothing about the peer's duetd", "[node][S4]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(active, LeaveReason::process_down);
  pair.advance(28s);
  pair.wire_cut = true;
  pair.advance(5s);
  CHECK(pair.node(other).fence_calls.empty());
  pair.wire_cut = false;
  pair.advance(28s);
  CHECK(pair.node(other).fence_calls.empty());
  pair.advance(15s);
  CHECK_FALSE(pair.node(other).fence_calls.empty());
}

TEST_CASE("fencing: the victim's orderly leave while it is switched off takes no cause away", "[node][S4][L4]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.fence_is_slow = true;
  pair.node(active).next_exit["haproxy stop"] = 1;
  static_cast<void>(pair.edit(other, {SetNodeAttributes{{active}, {{"standby", "on"}}}}));
  pair.advance(1s);
  REQUIRE(pair.node(other).fence_calls.back() == (active == n1 ? "off vm1" : "off vm4"));
  const auto calls = pair.node(other).fence_calls.size();
  pair.lose(active, LeaveReason::leave);
  pair.advance(1s);
  CHECK(pair.node(other).fence_calls.size() == calls);  // the same request goes on
  pair.fence_is_slow = false;
  pair.answer_fencing();
  pair.advance(1s);
  CHECK(pair.runs_on("haproxy") == other);
}

TEST_CASE("fencing: with stonith-enabled=false a lost peer counts as down, but no solo epoch is opened",
          "[node][S18]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  static_cast<void>(pair.edit(n1, {SetAttributes{AttributeScope::properties, {{"stonith-enabled", "false"}}}}));
  const NodeId active = *pair.runs_on("VIP");
  const NodeId other = active == n1 ? n4 : n1;
  pair.lose(active);
  pair.node(active).running.clear();
  pair.advance(2s);
  CHECK(pair.runs_on("VIP") == other);
  CHECK(pair.node(other).fence_calls.empty());
  CHECK_FALSE(pair.state(other).solo);
}
