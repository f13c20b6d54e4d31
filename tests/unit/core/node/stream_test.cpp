// SPDX-License-Identifier: Apache-2.0
// The stream: what is refused on delivery, freshness after a pause (S12).
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("stream: a message of a boot that is down by evidence has no effect", "[node][PM1]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  const NodeId other = active == n1 ? n4 : n1;
  const std::uint32_t old_epoch = pair.state(other).stream_epoch;
  pair.lose(active);
  pair.advance(10s);
  REQUIRE(pair.runs_on("VIP") == other);
  StreamMessage old{active, Incarnation{BootId{pair.node(active).boot}, 1},   999, old_epoch,
                    1,      OpResult{{}, "VIP", Action::monitor, 10s, {}, {}}};
  const auto digest = pair.node(other).core->state_digest();
  pair.step(other, Delivered{old});
  CHECK(pair.node(other).core->state_digest() == digest);
}

TEST_CASE("stream: after a pause no start is begun before an own message has come back", "[node][S12]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  pair.wire_cut = true;  // it does not know yet, but it is alone
  pair.node(active).running["VIP"] = false;
  const auto before = pair.node(active).operations.size();
  pair.now = pair.now + 20s;
  pair.step(active, ExecReplied{ResourceHint{"VIP", "address removed"}});
  pair.run();
  CHECK(pair.node(active).operations.size() == before);
}
