// SPDX-License-Identifier: Apache-2.0
// The stream: what is refused on delivery, freshness after a pause (S12).
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("stream: a message of a boot that is down by evidence has no effect", "[node][PM1]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
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

TEST_CASE("stream: a sender that is not of this cluster leaves no trace", "[node][SEC-CPG]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const auto digest = pair.node(n1).core->state_digest();
  const StreamMessage strange{NodeId{9}, Incarnation{BootId{"b9"}, 1}, 1, pair.state(n1).stream_epoch, 1, Tick{}};
  pair.step(n1, Delivered{strange});
  CHECK(pair.state(n1).nodes.count(NodeId{9}) == 0);
  CHECK(pair.node(n1).core->state_digest() == digest);
}

TEST_CASE("stream: a message that comes twice counts once", "[node][SEC-CPG]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId where = *pair.runs_on("VIP");
  OpOutcome failed;
  failed.exit_code = 1;
  const OpId highest = pair.state(n1).resources.at("VIP").on.at(where).highest_op;
  const StreamMessage message{where,   pair.state(n1).nodes.at(where).incarnation,
                              100'000, pair.state(n1).stream_epoch,
                              1,       OpResult{{}, "VIP", Action::monitor, 10s, highest, failed}};
  pair.node(where).hanging.insert("haproxy stop");
  pair.step(n1, Delivered{message});
  const auto once = pair.state(n1).resources.at("VIP").on.at(where).fail_count();
  pair.step(n1, Delivered{message});
  CHECK(once == 1);
  CHECK(pair.state(n1).resources.at("VIP").on.at(where).fail_count() == 1);
}
