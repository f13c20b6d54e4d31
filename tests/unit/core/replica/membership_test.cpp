// SPDX-License-Identifier: Apache-2.0
// May-run sets: what adds to them, which evidence removes what (S1, E1 - E7).
#include "core/replica/membership.hpp"

#include <catch2/catch.hpp>

using namespace duet;

namespace {

constexpr NodeId n1{1};
constexpr NodeId n4{4};

struct Bench {
  ClusterConfig config;
  ClusterState state;

  Bench() {
    config.nodes = {{n1, "server1", {}}, {n4, "server4", {}}};
    Primitive vip;
    vip.id = "VIP";
    config.primitives = {vip};
    sync_with_config(state, config);
    for (const NodeId node : {n1, n4}) join(node, "boot" + std::to_string(node.get()));
  }
  void join(NodeId node, const std::string& boot) {
    static_cast<void>(begin_incarnation(state, node, Incarnation{BootId{boot}, 1}));
    apply_join_report(state, node, {});
    state.resources["VIP"].on[node].probed = true;
    REQUIRE(ready_to_join(state, node));
    state.nodes[node].in_ledger = true;
    complete_join(state, node);
  }
  [[nodiscard]] bool only_n1_may_run() { return !vip(n4).may_run.has_value(); }
  ResourceOnNode& vip(NodeId node) { return state.resources["VIP"].on[node]; }
};

}  // namespace

TEST_CASE("membership: a lost node may run everything, whatever was known", "[replica][S1]") {
  Bench bench;
  bench.vip(n4).activity = Activity::stopped;
  mark_lost(bench.state, n4, true, "gone");
  CHECK(bench.state.nodes[n4].unclean);
  REQUIRE(bench.vip(n4).may_run);
  CHECK(bench.vip(n4).may_run->boot == BootId{"boot4"});
  CHECK_FALSE(bench.only_n1_may_run());
  // No result of the epoch in which it was lost can clear it.
  CHECK(bench.vip(n4).may_run->since > OpId{bench.state.stream_epoch, 1000000, NodeId{9}});
}

TEST_CASE("membership: what runs on the survivor, with no order open, the lost node cannot have", "[replica][S1]") {
  Bench bench;
  bench.vip(n1).activity = Activity::running;
  bench.vip(n1).may_run = MayRun{BootId{"boot1"}, {}};
  SECTION("running here: restarted here") {
    mark_lost(bench.state, n4, true, "gone");
    CHECK(bench.only_n1_may_run());
    CHECK(bench.vip(n4).activity == Activity::unknown);
    CHECK_FALSE(bench.vip(n4).probed);
  }
  SECTION("an order is open here: its result may have reached the lost node only") {
    bench.vip(n1).pending = PendingOp{{1, 1, n1}, Action::stop, ""};
    mark_lost(bench.state, n4, true, "gone");
    CHECK_FALSE(bench.only_n1_may_run());
  }
  SECTION("the lost node may have run it already") {
    bench.vip(n4).may_run = MayRun{BootId{"boot4"}, {}};
    mark_lost(bench.state, n4, true, "gone");
    CHECK_FALSE(bench.only_n1_may_run());
  }
  SECTION("this node has not joined: it does not know what was decided") {
    bench.state.nodes[n1].membership = Membership::present;
    mark_lost(bench.state, n4, true, "gone");
    CHECK_FALSE(bench.only_n1_may_run());
  }
  SECTION("both lost: nobody's word counts") {
    mark_lost(bench.state, n1, true, "gone");
    mark_lost(bench.state, n4, true, "gone");
    CHECK(bench.vip(n1).may_run);
    CHECK(bench.vip(n4).may_run);
  }
}

TEST_CASE("membership: a lost daemon is no lost machine: not unclean, still in every may-run set",
          "[replica][S1][M05]") {
  Bench bench;
  mark_lost(bench.state, n4, false, "process down");
  CHECK_FALSE(bench.state.nodes[n4].unclean);
  CHECK(bench.vip(n4).may_run);
  mark_node_down(bench.state, n4);
  CHECK(bench.state.nodes[n4].unclean);
}

TEST_CASE("membership: evidence counts for its boot only", "[replica][S8]") {
  Bench bench;
  mark_lost(bench.state, n4, true, "gone");
  apply_evidence(bench.state, {EvidenceKind::fenced, n4, BootId{"another"}, "E3-1", "", {}});
  CHECK(bench.vip(n4).may_run);
  apply_evidence(bench.state, {EvidenceKind::fenced, n4, BootId{"boot4"}, "E3-2", "", {}});
  CHECK_FALSE(bench.vip(n4).may_run);
  CHECK_FALSE(bench.state.nodes[n4].unclean);
  CHECK(bench.only_n1_may_run());
}

TEST_CASE("membership: a hello with a new boot is evidence against the old one, with the same boot it is none",
          "[replica][S1]") {
  Bench bench;
  mark_lost(bench.state, n4, true, "gone");
  SECTION("same boot, later daemon") {
    CHECK_FALSE(begin_incarnation(bench.state, n4, Incarnation{BootId{"boot4"}, 2}));
    CHECK(bench.vip(n4).may_run);
    CHECK_FALSE(bench.vip(n4).probed);
  }
  SECTION("new boot") {
    const auto ended = begin_incarnation(bench.state, n4, Incarnation{BootId{"next"}, 1});
    REQUIRE(ended);
    CHECK(*ended == BootId{"boot4"});
    CHECK_FALSE(bench.vip(n4).may_run);
    CHECK_FALSE(bench.vip(n4).probed);
  }
}

TEST_CASE("membership: a boot that never joined never ran anything", "[replica][S1]") {
  Bench bench;
  static_cast<void>(begin_incarnation(bench.state, n4, Incarnation{BootId{"next"}, 1}));
  mark_lost(bench.state, n4, true, "gone before it joined");
  CHECK_FALSE(bench.vip(n4).may_run);
  // Nothing waits for it, but it left without a word (S4a): it is fenced before it fences the node that serves.
  CHECK(bench.state.nodes[n4].unclean);
}

TEST_CASE("membership: after a clean leave nothing runs, after a mistaken confirmation everything may",
          "[replica][S1]") {
  Bench bench;
  const auto kind = GENERATE(EvidenceKind::clean_leave, EvidenceKind::administrator, EvidenceKind::fencing_disabled);
  CAPTURE(to_string(kind));
  mark_lost(bench.state, n4, true, "gone");
  apply_evidence(bench.state, {kind, n4, BootId{"boot4"}, "E", "", {}});
  CHECK_FALSE(bench.vip(n4).may_run);
  static_cast<void>(begin_incarnation(bench.state, n4, Incarnation{BootId{"boot4"}, 2}));
  CHECK(bench.vip(n4).may_run.has_value() == (kind != EvidenceKind::clean_leave));
  CHECK_FALSE(bench.state.nodes[n4].evidence);
}

TEST_CASE("membership: what a boot left running when it left stays in its may-run set, through its return",
          "[replica][S1][S11]") {
  Bench bench;
  mark_lost(bench.state, n4, true, "gone");
  apply_evidence(bench.state, {EvidenceKind::clean_leave, n4, BootId{"boot4"}, "E5-1", "", {"VIP"}});
  CHECK(bench.vip(n4).may_run);
  CHECK_FALSE(bench.state.nodes[n4].unclean);
  CHECK_FALSE(may_run_anything(bench.state, n4, {"VIP"}));
  CHECK(may_run_anything(bench.state, n4));
  SECTION("the same boot is back") {
    CHECK_FALSE(begin_incarnation(bench.state, n4, Incarnation{BootId{"boot4"}, 2}));
    CHECK(bench.vip(n4).may_run);
  }
  SECTION("another boot ends it") {
    CHECK(begin_incarnation(bench.state, n4, Incarnation{BootId{"next"}, 1}) == BootId{"boot4"});
    CHECK_FALSE(bench.vip(n4).may_run);
  }
  SECTION("further evidence is about everything") {
    apply_evidence(bench.state, {EvidenceKind::fenced, n4, BootId{"boot4"}, "E3-1", "", {}});
    CHECK_FALSE(bench.vip(n4).may_run);
  }
}

TEST_CASE("membership: what failed on the joiner while it was away counts, beside what was known of it", "[replica]") {
  Bench bench;
  bench.vip(n4).failures = {{Action::monitor, std::chrono::seconds{10}, 1, {}}, {Action::start, Duration{0}, 1, {}}};
  static_cast<void>(begin_incarnation(bench.state, n4, Incarnation{BootId{"boot4"}, 1}));
  JoinReport report;
  report.failures = {{"VIP", {{Action::monitor, std::chrono::seconds{10}, 3, {}}}, true}, {"unknown", {}, true}};
  apply_join_report(bench.state, n4, report);
  CHECK(bench.vip(n4).fail_count() == 4);
  CHECK(bench.vip(n4).hard_ban);
  CHECK(bench.vip(n1).failures.empty());
}

TEST_CASE("membership: withdrawn evidence puts the boot back into every may-run set", "[replica][S6]") {
  Bench bench;
  mark_lost(bench.state, n4, true, "gone");
  apply_evidence(bench.state, {EvidenceKind::fenced, n4, BootId{"boot4"}, "E3-1", "", {}});
  withdraw_evidence(bench.state, n4);
  CHECK(bench.vip(n4).may_run);
}

TEST_CASE("membership: the report of a joiner brings its failed stops and what it had begun", "[replica][S2]") {
  Bench bench;
  static_cast<void>(begin_incarnation(bench.state, n4, Incarnation{BootId{"boot4"}, 2}));
  JoinReport report;
  report.stop_failed = {"VIP"};
  report.operations = {{"VIP", OpId{9, 1, n1}, Action::start, true, std::nullopt},
                       {"unknown", {}, Action::stop, true, {}}};
  apply_join_report(bench.state, n4, report);
  CHECK(bench.vip(n4).stop_failed);
  REQUIRE(bench.vip(n4).pending);
  CHECK(bench.vip(n4).pending->id == OpId{9, 1, n1});
  CHECK(may_run_anything(bench.state, n4));
}

TEST_CASE("membership: the member that joined first gives the orders", "[replica]") {
  Bench bench;
  CHECK(acting_coordinator(bench.state) == n1);
  mark_lost(bench.state, n1, true, "gone");
  CHECK(acting_coordinator(bench.state) == n4);
  mark_lost(bench.state, n4, true, "gone");
  CHECK_FALSE(acting_coordinator(bench.state));
}

TEST_CASE("membership: a deleted resource leaves the state, a new one is unknown everywhere", "[replica][S10]") {
  Bench bench;
  bench.config.primitives[0].id = "haproxy";
  sync_with_config(bench.state, bench.config);
  CHECK_FALSE(bench.state.resources.contains("VIP"));
  CHECK(bench.state.resources.at("haproxy").on.at(n1).activity == Activity::unknown);
  CHECK_FALSE(bench.state.resources.at("haproxy").on.at(n1).probed);
}

TEST_CASE("membership: a slow operation that goes on does not hold up the join, a probe does", "[replica][L6]") {
  Bench bench;
  static_cast<void>(begin_incarnation(bench.state, n4, Incarnation{BootId{"boot4"}, 2}));
  bench.state.nodes[n4].reported = true;
  for (auto& [id, resource] : bench.state.resources) resource.on[n4].probed = id != "VIP";
  CHECK_FALSE(ready_to_join(bench.state, n4));
  bench.vip(n4).pending = PendingOp{{1, 1, n1}, Action::probe, ""};
  CHECK_FALSE(ready_to_join(bench.state, n4));
  bench.vip(n4).pending = PendingOp{{1, 1, n1}, Action::start, ""};
  CHECK(ready_to_join(bench.state, n4));
}
