// SPDX-License-Identifier: Apache-2.0
// The orders of callbacks are those that corosync 3.1 makes: departures, arrivals, then the number of the ring.
#include "platform/corosync/view_tracker.hpp"

#include <catch2/catch.hpp>

namespace duet::corosync {
namespace {

const Member n1{NodeId{1}, 100};
const Member n2{NodeId{2}, 200};

/// In the ring 8 with the other node.
ViewTracker both_in() {
  ViewTracker tracker{n1};
  CHECK_FALSE(tracker.change({.members = {n1, n2}, .left = {}, .joined = {n1}, .of_ring = false}));
  const auto view = tracker.ring(8);
  REQUIRE(view);
  CHECK(view->ring == 8);
  CHECK(view->members == std::vector{NodeId{1}, NodeId{2}});
  CHECK(view->joined == std::vector{NodeId{1}, NodeId{2}});
  return tracker;
}

TEST_CASE("view: the first one comes with the number of the ring and names who was there before", "[corosync]") {
  const ViewTracker tracker = both_in();
  CHECK(tracker.counts(n1));
  CHECK(tracker.counts(n2));
  CHECK_FALSE(tracker.counts({NodeId{2}, 201}));
}

TEST_CASE("view: a lost node is reported with the new ring, not before", "[corosync]") {
  ViewTracker tracker = both_in();
  CHECK_FALSE(tracker.change({{n1}, {{n2, Departure::node_down}}, {}, true}));
  CHECK_FALSE(tracker.counts(n2));
  const auto view = tracker.ring(12);
  REQUIRE(view);
  CHECK(view->ring == 12);
  CHECK(view->members == std::vector{NodeId{1}});
  REQUIRE(view->left.size() == 1);
  CHECK(view->left[0].node == NodeId{2});
  CHECK(view->left[0].reason == Departure::node_down);
  CHECK(view->joined.empty());
}

TEST_CASE("view: a node that left and came back in one ring change is in both lists", "[corosync]") {
  ViewTracker tracker = both_in();
  const Member reborn{NodeId{2}, 300};
  CHECK_FALSE(tracker.change({{n1}, {{n2, Departure::node_down}}, {}, true}));
  CHECK_FALSE(tracker.change({{n1, reborn}, {}, {reborn}, true}));
  const auto view = tracker.ring(16);
  REQUIRE(view);
  CHECK(view->members == std::vector{NodeId{1}, NodeId{2}});
  CHECK(view->left.size() == 1);
  CHECK(view->joined == std::vector{NodeId{2}});
}

TEST_CASE("view: a process that goes and comes inside a ring is reported at once", "[corosync]") {
  ViewTracker tracker = both_in();
  const auto gone = tracker.change({{n1}, {{n2, Departure::process_down}}, {}, false});
  REQUIRE(gone);
  CHECK(gone->ring == 8);
  CHECK(gone->left[0].reason == Departure::process_down);
  const Member restarted{NodeId{2}, 201};
  const auto back = tracker.change({{n1, restarted}, {}, {restarted}, false});
  REQUIRE(back);
  CHECK(back->ring == 8);
  CHECK(back->joined == std::vector{NodeId{2}});
  CHECK(tracker.counts(restarted));
}

TEST_CASE("view: a new ring with the same members is a view of its own", "[corosync]") {
  ViewTracker tracker = both_in();
  const auto view = tracker.ring(20);
  REQUIRE(view);
  CHECK(view->ring == 20);
  CHECK(view->left.empty());
  CHECK(view->joined.empty());
  CHECK_FALSE(tracker.ring(20));
}

TEST_CASE("view: a second process of a node does not count", "[corosync][A11]") {
  ViewTracker tracker = both_in();
  const Member second{NodeId{2}, 999};
  CHECK_FALSE(tracker.change({{n1, n2, second}, {}, {second}, false}));
  CHECK_FALSE(tracker.counts(second));
  CHECK(tracker.doubled() == std::vector{NodeId{2}});
  SECTION("its departure is none of the node") {
    CHECK_FALSE(tracker.change({{n1, n2}, {{second, Departure::leave}}, {}, false}));
    CHECK(tracker.doubled().empty());
  }
  SECTION("it counts when the first has gone") {
    const auto view = tracker.change({{n1, second}, {{n2, Departure::process_down}}, {}, false});
    REQUIRE(view);
    CHECK(view->left.size() == 1);
    CHECK(view->joined == std::vector{NodeId{2}});
    CHECK(tracker.counts(second));
  }
}

TEST_CASE("view: nothing is reported once this process is out of the group", "[corosync]") {
  ViewTracker tracker = both_in();
  CHECK_FALSE(tracker.change({{n2}, {{n1, Departure::leave}}, {}, false}));
  CHECK(tracker.expelled());
}

}  // namespace
}  // namespace duet::corosync
