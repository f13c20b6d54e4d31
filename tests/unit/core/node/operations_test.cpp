// SPDX-License-Identifier: Apache-2.0
// Orders and results: failures, expiry, failed stops, independence of resources.
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("operations: a start that hangs holds up no other resource", "[node][L9]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  for (const NodeId id : {n1, n4}) pair.node(id).hanging.insert("slow start");
  REQUIRE_FALSE(pair.edit(n1, {CreateResource{primitive("slow"), std::nullopt}}).error);
  const NodeId where = *pair.runs_on("VIP");
  pair.node(where).running["haproxy"] = false;
  pair.step(where, ExecReplied{ResourceHint{"haproxy", "unit inactive"}});
  pair.run();
  CHECK(pair.runs_on("haproxy") == where);
}

TEST_CASE("operations: a stop that fails has the node fenced, and the group runs elsewhere at once", "[node][S2][L4]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.node(active).next_exit["haproxy stop"] = 1;
  static_cast<void>(pair.edit(other, {SetNodeAttributes{{active}, {{"standby", "on"}}}}));
  pair.advance(3s);
  CHECK(std::count(pair.node(other).fence_calls.begin(), pair.node(other).fence_calls.end(),
                   active == n1 ? "off vm1" : "off vm4") >= 1);
  CHECK(pair.runs_on("VIP") == other);
  CHECK(pair.runs_on("haproxy") == other);
}

TEST_CASE("operations: a failed stop without fencing blocks, and cleanup alone does not unblock it", "[node][S2]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  static_cast<void>(pair.edit(n1, {SetAttributes{AttributeScope::properties, {{"stonith-enabled", "false"}}}}));
  const NodeId active = *pair.runs_on("VIP");
  pair.node(active).next_exit["haproxy stop"] = 1;
  static_cast<void>(pair.edit(n1, {SetNodeAttributes{{active}, {{"standby", "on"}}}}));
  pair.advance(60s);
  CHECK(pair.runs_on("haproxy") == active);
  CHECK(pair.runs_on("VIP") == active);
  CHECK(pair.state(n1).resources.at("haproxy").on.at(active).stop_failed);
  pair.node(active).next_exit["haproxy stop"] = 1;
  static_cast<void>(pair.act(n1, CleanupResource{ObjectId{"haproxy"}, std::nullopt, false, false}));
  pair.advance(5s);
  CHECK(pair.runs_on("haproxy") == active);
  // With the cause mended, cleanup leads to another stop, and everything moves.
  static_cast<void>(pair.act(n1, CleanupResource{ObjectId{"haproxy"}, std::nullopt, false, false}));
  pair.advance(5s);
  CHECK(pair.runs_on("haproxy") == (active == n1 ? n4 : n1));
}

TEST_CASE("operations: failures are forgotten together when failure-timeout has passed", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  REQUIRE_FALSE(pair.edit(n1, {UpdateResource{"VIP", {}, {{"failure-timeout", "30s"}}, {}}}).error);
  const NodeId where = *pair.runs_on("VIP");
  pair.node(where).running["VIP"] = false;
  pair.step(where, ExecReplied{ResourceHint{"VIP", "address removed"}});
  pair.advance(1s);
  CHECK(pair.state(n1).resources.at("VIP").on.at(where).fail_count() == 1);
  pair.advance(31s);
  CHECK(pair.state(n1).resources.at("VIP").on.at(where).fail_count() == 0);
  CHECK(pair.node(n1).core->state_digest() == pair.node(n4).core->state_digest());
}

TEST_CASE("operations: at migration-threshold the whole group moves", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  REQUIRE_FALSE(pair.edit(n1, {UpdateResource{"haproxy", {}, {{"migration-threshold", "2"}}, {}}}).error);
  const NodeId where = *pair.runs_on("VIP");
  for (int failure = 0; failure < 2; ++failure) {
    REQUIRE(pair.runs_on("haproxy") == where);
    pair.node(where).running["haproxy"] = false;
    pair.step(where, ExecReplied{ResourceHint{"haproxy", "unit failed"}});
    pair.advance(1s);
  }
  CHECK(pair.runs_on("VIP") == (where == n1 ? n4 : n1));
  CHECK(pair.runs_on("haproxy") == pair.runs_on("VIP"));
}

TEST_CASE("operations: changed parameters restart what runs, and what depends on it, in place", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId where = *pair.runs_on("VIP");
  pair.node(where).operations.clear();
  REQUIRE_FALSE(pair.edit(n4, {UpdateResource{"VIP", {{"ip", "10.0.0.9"}}, {}, {}}}).error);
  pair.advance(1s);
  CHECK(pair.runs_on("VIP") == where);
  CHECK(pair.node(where).started_with["VIP"] == Attributes{{"ip", "10.0.0.9"}});
  CHECK(pair.node(where).operations ==
        std::vector<std::string>{"stop haproxy", "stop VIP", "start VIP", "start haproxy"});
  // Options of the cluster for it are none of the agent's business.
  pair.node(where).operations.clear();
  REQUIRE_FALSE(pair.edit(n4, {UpdateResource{"VIP", {}, {{"migration-threshold", "3"}}, {}}}).error);
  pair.advance(30s);
  CHECK(pair.node(where).operations.empty());
}

TEST_CASE("operations: a change while the start runs restarts it afterwards", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  Primitive slow = primitive("slow");
  slow.operations.clear();
  for (const NodeId id : {n1, n4}) pair.node(id).hanging.insert("slow start");
  REQUIRE_FALSE(pair.edit(n1, {CreateResource{slow, std::nullopt}}).error);
  const NodeId where = pair.node(n1).last_hanging ? n1 : n4;
  REQUIRE_FALSE(pair.edit(n1, {UpdateResource{"slow", {{"ip", "10.0.0.9"}}, {}, {}}}).error);
  for (const NodeId id : {n1, n4}) pair.node(id).hanging.clear();
  pair.let_go(where);
  pair.advance(1s);
  CHECK(pair.runs_on("slow") == where);
  CHECK(pair.node(where).started_with["slow"] == Attributes{{"ip", "10.0.0.9"}});
}

TEST_CASE("operations: what is found running with other parameters is restarted", "[node][S10]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId where = *pair.runs_on("VIP");
  pair.node(where).started_with["VIP"] = {{"ip", "10.0.0.1"}};
  pair.lose(where, LeaveReason::process_down);
  pair.restart(where);
  pair.meet();
  pair.advance(5s);
  CHECK(pair.runs_on("VIP") == where);
  CHECK(pair.node(where).started_with["VIP"].empty());
}

TEST_CASE("operations: changed parameters lift the ban that the old ones led to", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  for (const NodeId id : {n1, n4}) pair.node(id).next_exit["wrong start"] = 2;
  REQUIRE_FALSE(pair.edit(n1, {CreateResource{primitive("wrong"), std::nullopt}}).error);
  pair.advance(5s);
  CHECK_FALSE(pair.runs_on("wrong"));
  REQUIRE_FALSE(pair.edit(n1, {UpdateResource{"wrong", {{"ip", "10.0.0.9"}}, {}, {}}}).error);
  pair.advance(5s);
  CHECK(pair.runs_on("wrong"));
}

TEST_CASE("operations: a start whose result was lost is no failure: a probe tells", "[node][S1]") {
  const bool came_up = GENERATE(true, false);
  CAPTURE(came_up);
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.node(n1).hanging.insert("late start");
  pair.node(n4).hanging.insert("late start");
  REQUIRE_FALSE(pair.edit(n1, {CreateResource{primitive("late"), std::nullopt}}).error);
  const NodeId where = pair.node(n1).last_hanging ? n1 : n4;
  pair.node(n1).hanging.clear();
  pair.node(n4).hanging.clear();
  pair.node(where).running["late"] = came_up;
  pair.node(where).operations.clear();
  OpOutcome lost;
  lost.status = OpStatus::cancelled;
  pair.step(where, ExecReplied{RunEnded{pair.node(where).last_hanging->run, lost, ""}});
  pair.advance(1s);
  CHECK(pair.runs_on("late") == where);
  const auto& done = pair.node(where).operations;
  REQUIRE_FALSE(done.empty());
  CHECK(done.front() == "probe late");
  CHECK(std::count(done.begin(), done.end(), "start late") == (came_up ? 0 : 1));
  CHECK(std::count(done.begin(), done.end(), "stop late") == 0);
  CHECK(pair.state(n1).resources.at("late").on.at(where).fail_count() == 0);
}

TEST_CASE("operations: a duet-execd that comes back is told at once what to watch", "[node]") {
  Serving pair;
  PairNode& node = pair.node(pair.active);
  const std::set<ObjectId> before = node.watched;
  REQUIRE(before == std::set<ObjectId>{"VIP", "haproxy"});
  pair.step(pair.active, ExecLost{});
  node.watched.clear();
  pair.step(pair.active, ExecConnected{ExecWelcome{1, BootId{node.boot}, node.starts, {}}});
  CHECK(node.watched == before);
}
