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
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  const NodeId other = active == n1 ? n4 : n1;
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
