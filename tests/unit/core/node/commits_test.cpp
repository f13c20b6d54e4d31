// SPDX-License-Identifier: Apache-2.0
// Commits: acknowledged only when both have it on disk; what is possible while the peer is lost (S3).
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

namespace {

std::vector<ConfigEdit> property(const std::string& value) {
  return {SetAttributes{AttributeScope::properties, {{"stonith-timeout", value}}}};
}

AdminRequest request(std::vector<ConfigEdit> edits) {
  AdminRequest result;
  result.body = std::move(edits);
  return result;
}

}  // namespace

TEST_CASE("commits: the answer comes after the other node's disk, not before", "[node][S3][M09]") {
  Pair pair;
  pair.meet();
  pair.node(n4).disk_slow = true;
  const auto client = pair.ask(n1, request(property("30s")));
  CHECK_FALSE(pair.node(n1).answers.contains(client));
  pair.flush_disk(n4);
  pair.run();
  REQUIRE(pair.node(n1).answers.contains(client));
  CHECK_FALSE(pair.node(n1).answers[client].error);
  pair.flush_disk(n4);
  pair.run();
  CHECK(pair.node(n4).core->committed().hash == pair.node(n1).core->committed().hash);
}

TEST_CASE("commits: a disk that is full on either node means that nothing was changed", "[node][S3][F44]") {
  Pair pair;
  pair.meet();
  const auto before = pair.node(n1).core->committed().position;
  pair.node(n4).disk_fails = true;
  const AdminReply reply = pair.edit(n1, property("30s"));
  REQUIRE(reply.error);
  CHECK(reply.error->code == Errc::storage);
  CHECK(pair.node(n1).core->committed().position == before);
  pair.node(n4).disk_fails = false;
  CHECK_FALSE(pair.edit(n1, property("30s")).error);
}

TEST_CASE("commits: changes from both nodes at once both come through, one after the other", "[node][S21]") {
  Pair pair;
  pair.meet();
  pair.node(n1).disk_slow = true;
  const auto first = pair.ask(n1, request(property("30s")));
  const auto second =
      pair.ask(n4, request({SetAttributes{AttributeScope::properties, {{"no-quorum-policy", "stop"}}}}));
  pair.node(n1).disk_slow = false;
  pair.flush_disk(n1);
  pair.run();
  CHECK(pair.node(n1).answers.contains(first));
  CHECK(pair.node(n4).answers.contains(second));
  CHECK(pair.node(n1).core->committed().position.index == 3);
}

TEST_CASE("commits: refused while the peer is lost without evidence; a stop is possible on this node", "[node][S3]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.fence_works = false;
  const NodeId active = *pair.runs_on("VIP");
  const NodeId other = active == n1 ? n4 : n1;
  pair.lose(other);
  pair.advance(10s);
  const AdminReply refused = pair.edit(active, property("30s"));
  REQUIRE(refused.error);
  CHECK(refused.error->code == Errc::no_quorum);
  const AdminReply stopped =
      pair.edit(active, {UpdateResource{"haproxy", {}, {{"target-role", "Stopped"}}, {}}}, "disable");
  CHECK_FALSE(stopped.error);
  pair.advance(1s);
  CHECK_FALSE(pair.node(active).running["haproxy"]);
  CHECK(pair.node(active).running["VIP"]);
  pair.fence_works = true;
  pair.advance(70s);  // fenced: the emergency change becomes a commit
  CHECK(pair.node(active).core->committed().command.find("disable") != std::string::npos);
  CHECK_FALSE(pair.edit(active, property("30s")).error);
}

TEST_CASE("commits: what is running is not deleted", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const AdminReply reply = pair.edit(n1, {DeleteObjects{{"haproxy"}, false}});
  REQUIRE(reply.error);
  CHECK(reply.error->code == Errc::refused);
}

TEST_CASE("commits: what was acknowledged is there after both lost power", "[node][S3][F02]") {
  Pair pair;
  pair.meet();
  REQUIRE_FALSE(pair.edit(n4, property("77s")).error);
  pair.boot(n1, "boot1b");
  pair.boot(n4, "boot4b");
  pair.meet();
  CHECK(pair.node(n1).core->committed().config.properties.at("stonith-timeout") == "77s");
}

TEST_CASE("commits: an acknowledged change outlives a power cut of both before the marker is on any disk",
          "[node][S3]") {
  Pair pair;
  pair.meet();
  pair.node(n1).disk_slow = pair.node(n4).disk_slow = true;
  const auto client = pair.ask(n1, request(property("30s")));
  pair.flush_disk(n1);
  pair.flush_disk(n4);
  pair.run();
  REQUIRE(pair.node(n1).answers.contains(client));  // acknowledged
  for (const NodeId id : {n1, n4}) {
    pair.node(id).unanswered.clear();  // the markers never reach a disk
    pair.node(id).disk_slow = false;
  }
  pair.separate();
  pair.boot(n1, "boot1-again");
  pair.boot(n4, "boot4-again");
  pair.meet();
  CHECK(pair.node(n1).core->committed().position.index == 2);
  CHECK(pair.node(n1).core->committed().hash == pair.node(n4).core->committed().hash);
}

TEST_CASE("commits: what only one node had prepared is given up when the other went on alone", "[node][S3][PM3]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.node(n4).disk_slow = true;
  pair.ask(n1, request(property("30s")));
  const StoreImage only_here = pair.node(n1).disk;
  REQUIRE(only_here.entries.back().position > only_here.committed);
  pair.node(n4).disk_slow = false;
  pair.node(n4).disk_fails = true;
  pair.flush_disk(n4);
  pair.run();
  pair.node(n4).disk_fails = false;
  pair.lose(n1);
  pair.advance(10s);
  REQUIRE(pair.state(n4).solo);
  REQUIRE_FALSE(pair.edit(n4, property("40s")).error);
  const auto alone = pair.node(n4).core->committed().hash;
  pair.node(n1).disk = only_here;  // its power was cut before it gave the entry up
  pair.boot(n1, "boot1-again");
  REQUIRE(pair.state(n1).prepared);
  pair.meet();
  CHECK(pair.node(n1).core->committed().hash == alone);
  CHECK_FALSE(pair.state(n1).prepared);
}

TEST_CASE("commits: a joining node that is asked acknowledges only what is on its own disk too", "[node][S3]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.lose(n4);
  pair.advance(10s);
  REQUIRE(pair.state(n1).solo);
  pair.boot(n4, "boot4b");
  pair.node(n4).disk_slow = true;
  pair.meet();
  REQUIRE(pair.state(n4).nodes.at(n4).membership == Membership::present);
  const auto client = pair.ask(n4, request(property("77s")));
  pair.run();
  CHECK_FALSE(pair.node(n4).answers.contains(client));
  pair.node(n4).disk_slow = false;
  pair.flush_disk(n4);
  pair.run();
  REQUIRE(pair.node(n4).answers.contains(client));
  CHECK_FALSE(pair.node(n4).answers[client].error);
}

TEST_CASE("commits: nothing is acknowledged without a node whose join is being written down", "[node][S3]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(other);
  REQUIRE(pair.powered_off.contains(other));
  pair.boot(other, "again");
  pair.spy = [&, joiner = other](const StreamMessage& message) {  // its disk is slow from the last step of its join on
    if (message.sender == joiner && std::holds_alternative<JoinReport>(message.body))
      pair.node(joiner).disk_slow = true;
  };
  pair.meet();
  const NodeState& joining = pair.state(active).nodes.at(other);
  REQUIRE(joining.membership == Membership::present);
  REQUIRE(joining.in_ledger);
  const auto client = pair.ask(active, request(property("30s")));
  pair.run();
  CHECK_FALSE(pair.node(active).answers.contains(client));
  pair.node(other).disk_slow = false;
  pair.flush_disk(other);
  pair.advance(1s);
  REQUIRE(pair.node(active).answers.contains(client));
  CHECK_FALSE(pair.node(active).answers[client].error);
  CHECK(pair.node(other).core->committed().hash == pair.node(active).core->committed().hash);
}
