// SPDX-License-Identifier: Apache-2.0
// Clean shutdown: resources move first, the peer knows, nobody is fenced (L11, F59).
#include <catch2/catch.hpp>

#include "core/replica/membership.hpp"
#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("leave: resources move, the leave is recorded, and the lost node is not fenced", "[node][S4][F59]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
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

TEST_CASE("leave: what nobody manages is left running, named by the record, and started nowhere else",
          "[node][S1][S11]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  // haproxy comes after VIP and cannot stay without it; what is unmanaged behind VIP keeps VIP, too.
  const bool group = GENERATE(true, false);
  CAPTURE(group);
  const ObjectId unmanaged = group ? "haproxy" : "VIP";
  const std::vector<ObjectId> left = group ? std::vector<ObjectId>{"VIP", "haproxy"} : std::vector<ObjectId>{"VIP"};
  REQUIRE_FALSE(pair.edit(active, {UpdateResource{unmanaged, {}, {{"is-managed", "false"}}, {}}}).error);
  pair.step(active, StopWanted{});
  pair.advance(3s);
  REQUIRE(pair.node(active).stopped);
  CHECK(pair.node(active).stopped->empty());
  pair.lose(active, LeaveReason::leave);
  pair.advance(200s, 1s);
  CHECK(pair.node(other).fence_calls.empty());
  REQUIRE(pair.state(other).nodes.at(active).evidence);
  CHECK(pair.state(other).nodes.at(active).evidence->left_running == left);
  CHECK(pair.runs_on("VIP") == active);

  SECTION("managed again while it is away: still nothing proves that it does not run there") {
    REQUIRE_FALSE(pair.edit(other, {UpdateResource{unmanaged, {}, {{"is-managed", ""}}, {}}}).error);
    pair.advance(10s);
    CHECK(pair.runs_on("VIP") == active);
    // An administrator's word settles it.
    CHECK_FALSE(pair.act(other, ConfirmFenced{active}).error);
    pair.node(active).running.clear();
    pair.advance(5s);
    CHECK(pair.runs_on("VIP") == other);
    CHECK(pair.runs_on("haproxy") == other);
  }
  SECTION("the record outlives a restart of the one that wrote it") {
    REQUIRE_FALSE(pair.edit(other, {UpdateResource{unmanaged, {}, {{"is-managed", ""}}, {}}}).error);
    pair.restart(other);
    pair.alone(other);
    pair.advance(10s);
    CHECK(pair.state(other).resources.at("VIP").on.at(active).may_run);
    CHECK(pair.runs_on("VIP") == active);
  }
  SECTION("it is back: probed and adopted") {
    pair.node(active).operations.clear();
    pair.restart(active);
    pair.meet();
    pair.advance(5s);
    for (const std::string& operation : pair.node(active).operations) {
      if (operation.ends_with("VIP")) CHECK(operation.starts_with("probe"));
    }
    CHECK(pair.runs_on("VIP") == active);
    CHECK(pair.state(other).resources.at("VIP").on.at(active).activity == Activity::running);
  }
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

TEST_CASE("leave: a start that was ordered before its sender knew of the leave is not begun behind it", "[node][S1]") {
  Serving pair;
  const auto [active, leaving] = std::pair{pair.active, pair.other};
  pair.node(active).disk_slow = true;  // the clean leave is not recorded yet
  pair.step(leaving, StopWanted{});
  pair.run();
  REQUIRE(pair.state(active).nodes.at(leaving).leaving);
  const NodeId sender = *acting_coordinator(pair.state(active));
  const ClusterState& state = pair.state(active);
  const StreamMessage late{sender,
                           state.nodes.at(sender).incarnation,
                           1'000'000,
                           state.stream_epoch,
                           0,
                           Order{{state.stream_epoch, 1'000'000, sender},
                                 "VIP",
                                 leaving,
                                 Action::start,
                                 pair.node(active).core->committed().position,
                                 "given before the leave was known"}};
  for (const NodeId id : {n1, n4}) pair.step(id, Delivered{late});
  pair.run();
  for (const NodeId id : {n1, n4}) {
    CHECK_FALSE(pair.state(id).resources.at("VIP").on.at(leaving).pending);
    CHECK_FALSE(pair.state(id).resources.at("VIP").on.at(leaving).may_run);
  }
  CHECK(pair.runs_on("VIP") == active);
}
