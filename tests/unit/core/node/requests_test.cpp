// SPDX-License-Identifier: Apache-2.0
// Administrators: confirm, fence, move, cleanup, dry run.
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("requests: confirm is the administrator's evidence and is refused while the node speaks", "[node][S1]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  CHECK(pair.act(other, ConfirmFenced{active}).error);
  pair.fence_works = false;
  pair.lose(active);
  pair.node(active).running.clear();
  pair.advance(20s);
  CHECK_FALSE(pair.runs_on("VIP"));
  CHECK_FALSE(pair.act(other, ConfirmFenced{active}).error);
  pair.advance(1s);
  CHECK(pair.runs_on("VIP") == other);
}

TEST_CASE("requests: fencing a healthy node on request answers when it is verified off", "[node][S4]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  AdminRequest request;
  request.body = ClusterAction{FenceNode{active, FenceAction::reboot}};
  const auto client = pair.ask(other, request);
  pair.advance(2s);
  REQUIRE(pair.node(other).answers.contains(client));
  CHECK_FALSE(pair.node(other).answers[client].error);
  CHECK(pair.runs_on("VIP") == other);
}

TEST_CASE("requests: a move happens once and leaves no constraint", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId other = *pair.runs_on("VIP") == n1 ? n4 : n1;
  CHECK_FALSE(pair.act(n1, MoveResource{"hagroup", other}).error);
  pair.advance(2s);
  CHECK(pair.runs_on("VIP") == other);
  CHECK(pair.runs_on("haproxy") == other);
  CHECK(pair.node(n1).core->committed().config.locations.empty());
}

TEST_CASE("requests: a dry run tells what would happen and changes nothing", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const auto before = pair.node(n1).core->committed().position;
  AdminRequest request;
  request.dry_run = true;
  request.body = std::vector<ConfigEdit>{SetNodeAttributes{{*pair.runs_on("VIP")}, {{"standby", "on"}}}};
  const auto client = pair.ask(n1, request);
  REQUIRE(pair.node(n1).answers.contains(client));
  CHECK_FALSE(pair.node(n1).answers[client].preview.empty());
  CHECK(pair.node(n1).core->committed().position == before);
}

TEST_CASE("requests: a mistake is refused with its reason and changes nothing", "[node][S21]") {
  Pair pair;
  pair.meet();
  const AdminReply reply = pair.edit(n1, {DeleteObjects{{"nothing"}, false}});
  REQUIRE(reply.error);
  CHECK(reply.error->code == Errc::not_found);
}

TEST_CASE("requests: an administrator's word counts when it is on disk, and he is told when it could not be stored",
          "[node][S20][S21]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.fence_works = false;
  pair.lose(active);
  pair.node(active).running.clear();
  pair.advance(20s);
  pair.node(other).disk_fails = true;
  const AdminReply refused = pair.act(other, ConfirmFenced{active});
  REQUIRE(refused.error);
  CHECK(refused.error->code == Errc::storage);
  pair.advance(1s);
  CHECK_FALSE(pair.runs_on("VIP"));
  pair.node(other).disk_fails = false;
  CHECK_FALSE(pair.act(other, ConfirmFenced{active}).error);
  pair.advance(1s);
  CHECK(pair.runs_on("VIP") == other);
}

TEST_CASE("requests: a change that was on its way when the other node was lost has an unknown result", "[node][S21]") {
  Pair pair;
  pair.meet();
  AdminRequest request;
  request.body = std::vector<ConfigEdit>{SetAttributes{AttributeScope::properties, {{"stonith-timeout", "31s"}}}};
  pair.wire_cut = true;
  const auto client = pair.ask(n1, request);
  REQUIRE_FALSE(pair.node(n1).answers.contains(client));
  pair.wire_cut = false;
  pair.lose(n4);
  REQUIRE(pair.node(n1).answers.contains(client));
  REQUIRE(pair.node(n1).answers[client].error);
  CHECK(pair.node(n1).answers[client].error->code == Errc::unknown_result);
}

TEST_CASE("requests: a fencing that failed is over for who asked for it: a node that is well is not shot later",
          "[node][S4]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.fence_works = false;
  AdminRequest request;
  request.body = ClusterAction{FenceNode{n4, FenceAction::off}};
  const auto client = pair.ask(n1, request);
  pair.advance(5s);
  REQUIRE(pair.node(n1).answers.contains(client));
  CHECK(pair.node(n1).answers[client].error);
  pair.fence_works = true;
  pair.advance(120s, 1s);
  CHECK(pair.powered_off.empty());
}
