// SPDX-License-Identifier: Apache-2.0
// Evidence: durable before it is used, durable over a restart (S20).
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("evidence: nothing is taken over before the record of the fencing is on disk", "[node][S20]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.node(other).disk_slow = true;
  pair.lose(active);
  for (int i = 0; i < 100 && !pair.powered_off.contains(active); ++i) pair.advance(100ms);
  REQUIRE(pair.powered_off.contains(active));
  pair.advance(1s);
  CHECK_FALSE(pair.runs_on("VIP"));
  pair.node(other).disk_slow = false;
  pair.flush_disk(other);
  pair.advance(1s);
  CHECK(pair.runs_on("VIP") == other);
  CHECK(pair.state(other).solo);
}

TEST_CASE("evidence: a disk that fails does not keep the survivor from serving, only from committing", "[node]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.node(other).disk_fails = true;
  pair.lose(active);
  pair.advance(10s);
  CHECK(pair.runs_on("VIP") == other);
  CHECK_FALSE(pair.state(other).solo);
  CHECK(pair.edit(other, {SetAttributes{AttributeScope::properties, {{"stonith-timeout", "9s"}}}}).error);
}

TEST_CASE("evidence: a boot that had joined and is not known to be down may run everything after a restart",
          "[node][S1][M33]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.fence_works = false;
  pair.lose(active);
  pair.boot(other, "boot-again");
  CHECK(pair.state(other).resources.at("VIP").on.at(active).may_run);
  CHECK(pair.state(other).nodes.at(active).unclean);
}

TEST_CASE("evidence: a disk that does not answer holds up the services for 2 s, and changes until it does",
          "[node][L9]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.node(other).disk_slow = true;
  pair.lose(active);
  pair.advance(10s);
  REQUIRE(pair.powered_off.contains(active));
  CHECK(pair.runs_on("VIP") == other);
  CHECK_FALSE(pair.state(other).solo);
  pair.node(other).disk_slow = false;
  pair.flush_disk(other);
  pair.run();
  CHECK(pair.state(other).solo);
  CHECK_FALSE(pair.edit(other, {SetAttributes{AttributeScope::properties, {{"stonith-timeout", "9s"}}}}).error);
}

TEST_CASE("evidence: the survivor goes on alone after a restart of its duetd, not after one of its machine",
          "[node][S3][L14]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  const std::vector<ConfigEdit> change{SetAttributes{AttributeScope::properties, {{"stonith-timeout", "9s"}}}};
  pair.lose(active);
  pair.advance(10s);
  REQUIRE(pair.state(other).solo);
  pair.restart(other);
  pair.alone(other);
  CHECK(pair.state(other).solo);
  CHECK_FALSE(pair.edit(other, change).error);

  pair.boot(other, "boot-again");
  pair.alone(other);
  CHECK_FALSE(pair.state(other).solo);
  CHECK(pair.edit(other, {SetAttributes{AttributeScope::properties, {{"stonith-timeout", "8s"}}}}).error);
  // The way out that the refusal names.
  CHECK_FALSE(pair.act(other, ConfirmFenced{active}).error);
  CHECK_FALSE(pair.edit(other, {SetAttributes{AttributeScope::properties, {{"stonith-timeout", "8s"}}}}).error);
}

TEST_CASE("evidence: with fencing switched off, a peer that is back before the record is durable is not taken for down",
          "[node][S18]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const SetAttributes off{AttributeScope::properties, {{"stonith-enabled", "false"}}};
  REQUIRE_FALSE(pair.edit(n1, {off}).error);
  pair.node(n1).disk_slow = true;
  pair.lose(n4);
  pair.advance(1s);
  REQUIRE_FALSE(pair.node(n1).unanswered.empty());
  pair.node(n4).up = true;
  pair.meet();
  pair.node(n1).disk_slow = false;
  pair.flush_disk(n1);
  pair.run();
  pair.advance(5s);
  CHECK_FALSE(pair.state(n1).nodes.at(n4).evidence);
  CHECK(pair.state(n1).joined().size() == 2);
}
