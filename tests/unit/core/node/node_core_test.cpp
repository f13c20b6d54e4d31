// SPDX-License-Identifier: Apache-2.0
// The whole way once: two nodes meet, a group starts in order on one of them, equal events give equal commands.
#include "core/node/node_core.hpp"

#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("node: two new nodes join, and the tutorial's group starts once, in order", "[node][S1][S14]") {
  Pair pair;
  pair.meet();
  CHECK(pair.state(n1).nodes.at(n1).membership == Membership::joined);
  CHECK(pair.state(n1).nodes.at(n4).membership == Membership::joined);
  pair.tutorial();
  REQUIRE(pair.runs_on("VIP"));
  CHECK(pair.runs_on("VIP") == pair.runs_on("haproxy"));
  const auto& done = pair.node(*pair.runs_on("VIP")).operations;
  const auto vip = std::find(done.begin(), done.end(), "start VIP");
  const auto haproxy = std::find(done.begin(), done.end(), "start haproxy");
  CHECK(vip < haproxy);
  CHECK(haproxy != done.end());
  CHECK(pair.node(n1).core->state_digest() == pair.node(n4).core->state_digest());
}

TEST_CASE("node: a failed monitor is recovered in place and counted", "[node][L12]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId where = *pair.runs_on("VIP");
  pair.node(where).running["VIP"] = false;
  pair.step(where, ExecReplied{ResourceHint{"VIP", "address removed"}});
  pair.run();
  CHECK(pair.runs_on("VIP") == where);
  CHECK(pair.runs_on("haproxy") == where);
  CHECK(pair.state(n1).resources.at("VIP").on.at(where).fail_count() == 1);
}

TEST_CASE("node: nothing is decided before duet-execd has told the boot", "[node]") {
  NodeCore core{NodeIdentity{n1, "server1", "test", {{n1, "server1", {}}}, "1"}, StoreImage{}};
  CHECK(core.step(Instant{1s}, {}, StreamOpened{}).empty());
  for (const Command& command : core.step(Instant{1s}, {}, ViewChanged{1, {n1}, {}, {n1}})) {
    CHECK_FALSE(std::holds_alternative<Multicast>(command));
  }
}
