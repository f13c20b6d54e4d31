// SPDX-License-Identifier: Apache-2.0
// Corosync without encryption or without wait_for_all, and a peer whose messages cannot be understood.
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

namespace {

void open_with(Pair& pair, const Transport& transport) {
  for (const NodeId id : {n1, n4}) {
    pair.node(id).core = nullptr;
  }
  pair.transport = transport;
  for (const NodeId id : {n1, n4}) pair.restart(id);
}

}  // namespace

TEST_CASE("trust: without encryption nothing starts until it is allowed, and status says so", "[node][A9][V22]") {
  Pair pair;
  open_with(pair, {.encrypted = false});
  pair.meet();
  pair.tutorial();
  pair.advance(2s);
  CHECK_FALSE(pair.runs_on("VIP"));
  ClusterView view = pair.node(n4).core->view(pair.now, {});
  REQUIRE(view.unsafe.size() == 1);
  CHECK(view.unsafe[0].error);
  CHECK(view.unsafe[0].text.find("neither encrypted nor authenticated") != std::string::npos);
  CHECK(view.unsafe[0].fix.find("require-encryption=false") != std::string::npos);
  REQUIRE_FALSE(pair.edit(n1, {SetAttributes{AttributeScope::properties, {{"require-encryption", "false"}}}}).error);
  pair.advance(2s);
  CHECK(pair.runs_on("VIP"));
  view = pair.node(n4).core->view(pair.now, {});
  CHECK(view.unsafe.empty());
  REQUIRE(view.warnings.size() == 1);
  CHECK(view.warnings[0].find("require-encryption=false") != std::string::npos);
}

TEST_CASE("trust: without encryption a lost peer is not fenced, its services would be gone for nothing", "[node][A9]") {
  Pair pair;
  open_with(pair, {.encrypted = false});
  pair.meet();
  pair.tutorial();
  pair.lose(n4);
  pair.advance(30s);
  CHECK_FALSE(pair.powered_off.contains(n4));
}

TEST_CASE("trust: a node that boots alone with wait_for_all off neither starts nor fences", "[node][R5][R3]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(active);
  pair.node(other).up = false;
  pair.transport = {.waits_for_all = false};
  pair.boot(other, "alone");
  pair.step(other, ViewChanged{50, {other}, {}, {other}});
  pair.step(other, QuorumChanged{true, false, {other}});
  pair.advance(300s, 500ms);
  CHECK_FALSE(pair.node(other).running["VIP"]);
  CHECK_FALSE(pair.powered_off.contains(active));
  const ClusterView view = pair.node(other).core->view(pair.now, {});
  REQUIRE(view.unsafe.size() == 1);
  CHECK(view.unsafe[0].text.find("wait_for_all: 0") != std::string::npos);
}

TEST_CASE("trust: with wait_for_all off both nodes together serve as usual", "[node][R5]") {
  Pair pair;
  open_with(pair, {.waits_for_all = false});
  pair.meet();
  pair.tutorial();
  CHECK(pair.runs_on("VIP"));
  CHECK(pair.node(n1).core->view(pair.now, {}).unsafe.empty());
}

TEST_CASE("trust: three messages in 10 s that cannot be understood block the peer, and fence nobody", "[node][S17]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  const auto bad = [&](NodeId receiver, NodeId sender) {
    pair.step(receiver, MessageRefused{sender, "major version: 2 is not known here"});
    pair.run();
  };
  bad(n1, n4);
  bad(n1, n4);
  pair.advance(11s);
  bad(n1, n4);
  bad(n1, n4);
  CHECK(pair.state(n1).nodes.at(n4).membership == Membership::joined);
  bad(n1, n4);
  CHECK(pair.state(n1).nodes.at(n4).membership == Membership::absent);
  const ClusterView view = pair.node(n1).core->view(pair.now, {});
  REQUIRE_FALSE(view.warnings.empty());
  CHECK(view.warnings.back().find("server4 is blocked") != std::string::npos);
  CHECK(view.warnings.back().find("systemctl restart duetd") != std::string::npos);
  CHECK(pair.edit(n1, {CreateResource{primitive("more"), std::nullopt}}).error);
  pair.advance(120s, 500ms);
  CHECK(pair.powered_off.empty());
  CHECK(pair.runs_on("VIP") == active);

  // The way out: a duetd that speaks our language.
  pair.step(n1, ViewChanged{70, {n1}, {{n4, LeaveReason::process_down}}, {}});
  pair.node(n4).core = nullptr;
  pair.restart(n4);
  pair.meet();
  CHECK(pair.state(n1).nodes.at(n4).membership == Membership::joined);
  CHECK(pair.node(n1).core->view(pair.now, {}).warnings.empty());
  CHECK(pair.runs_on("VIP") == active);
}

TEST_CASE("trust: a blocked peer whose machine is lost is fenced like any other", "[node][S17][S4]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  for (int i = 0; i < 3; ++i) pair.step(n1, MessageRefused{n4, "checksum: damaged message"});
  pair.run();
  pair.lose(n4);
  pair.advance(10s);
  CHECK(pair.powered_off.contains(n4));
}
