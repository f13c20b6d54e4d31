// SPDX-License-Identifier: Apache-2.0
// What must reach the disk is written again until it is there, in the order in which it was owed.
#include "pair.hpp"

using namespace duet;
using namespace duet::test;

namespace {

std::vector<ConfigEdit> property(const std::string& value) {
  return {SetAttributes{AttributeScope::properties, {{"stonith-timeout", value}}}};
}

}  // namespace

TEST_CASE("writes: the marker of a commit reaches a disk that refused it at first", "[node][S3]") {
  Pair pair;
  pair.meet();
  pair.node(n4).disk_slow = true;
  AdminRequest request;
  request.body = property("31s");
  const auto client = pair.ask(n1, request);
  pair.flush_disk(n4);  // prepared there; the marker comes next
  pair.run();
  REQUIRE(pair.node(n1).answers.contains(client));
  const ConfigPosition committed = pair.node(n4).core->committed().position;
  REQUIRE(pair.node(n4).disk.committed < committed);
  pair.node(n4).disk_fails = true;
  pair.flush_disk(n4);
  pair.node(n4).disk_slow = false;
  pair.advance(3s);
  CHECK(pair.node(n4).disk.committed < committed);
  pair.node(n4).disk_fails = false;
  pair.advance(2s);
  CHECK(pair.node(n4).disk.committed == committed);
}

TEST_CASE("writes: a disk that refuses is asked once a second, not in a loop", "[node]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(other);
  pair.advance(10s);
  pair.boot(other, "boot-again");
  pair.node(active).disk_fails = true;
  const auto before = pair.node(active).asked_to_write;
  pair.meet();
  pair.advance(10s);
  CHECK(pair.node(active).asked_to_write - before < 40);
}
