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
