// SPDX-License-Identifier: Apache-2.0
// Joins: who is donor, what is adopted, what is refused.
#include <catch2/catch.hpp>

#include "core/replica/chain.hpp"
#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("join: a restarted duetd adopts what runs: no operation but probes, no fencing", "[node][S10][L6]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  const NodeId other = active == n1 ? n4 : n1;
  pair.lose(active, LeaveReason::process_down);
  pair.node(active).operations.clear();
  pair.restart(active);
  pair.meet();
  pair.advance(10s);
  for (const std::string& operation : pair.node(active).operations) CHECK(operation.starts_with("probe"));
  CHECK(pair.runs_on("VIP") == active);
  CHECK(pair.node(other).fence_calls.empty());
  CHECK(pair.state(other).nodes.at(active).membership == Membership::joined);
  CHECK(pair.node(n1).core->state_digest() == pair.node(n4).core->state_digest());
}

TEST_CASE("join: a node that was away takes over the commits it missed", "[node][S3]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  const NodeId other = active == n1 ? n4 : n1;
  pair.lose(other);
  pair.advance(10s);
  REQUIRE_FALSE(pair.edit(active, {SetAttributes{AttributeScope::properties, {{"stonith-timeout", "30s"}}}}).error);
  pair.boot(other, "boot-next");
  pair.meet();
  CHECK(pair.node(other).core->committed().hash == pair.node(active).core->committed().hash);
  CHECK(pair.runs_on("VIP") == active);
}

TEST_CASE("join: a node that learns that its living boot was fenced reboots at once", "[node][S6]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  pair.lose(active);
  pair.advance(10s);  // fenced, as the device says
  pair.node(active).up = true;
  pair.node(active).core = nullptr;
  pair.restart(active);
  pair.meet();
  CHECK(pair.node(active).rebooted);
  // duet-execd may have been restarting just then: it is told again.
  pair.node(active).rebooted = false;
  pair.advance(2s);
  CHECK(pair.node(active).rebooted);
}

TEST_CASE("join: two chains that forked are shown and nothing is started", "[node][S3]") {
  Pair pair;
  pair.meet();
  REQUIRE_FALSE(pair.edit(n1, {SetAttributes{AttributeScope::properties, {{"stonith-timeout", "30s"}}}}).error);
  ConfigEntry& entry = pair.node(n4).disk.entries.back();
  ConfigChain other{StoreImage{}, pair.node(n4).core->committed().config};
  entry = other.next(pair.node(n4).core->committed().config, "root@server4", "another change", 0);
  pair.lose(n4, LeaveReason::process_down);
  pair.restart(n4);
  pair.meet();
  CHECK(pair.state(n1).fork);
  CHECK(pair.state(n4).fork);
}
