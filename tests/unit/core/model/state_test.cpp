// SPDX-License-Identifier: Apache-2.0
// Shared state: look-ups and digest.
#include "core/model/state.hpp"

#include <catch2/catch.hpp>
#include <functional>

using namespace duet;

namespace {

ClusterState sample() {
  ClusterState state;
  state.stream_epoch = 3;
  for (const std::uint32_t id : {1U, 4U}) {
    NodeState& node = state.nodes[NodeId{id}];
    node.membership = Membership::joined;
    node.incarnation = {BootId{"b" + std::to_string(id)}, 1};
    node.joined_at = 10 - id;
    ResourceOnNode& place = state.resources["R"].on[NodeId{id}];
    place.activity = Activity::stopped;
    place.probed = true;
    place.failures.push_back({Action::monitor, 10s, 1, {OpStatus::done, 7, "gone", 1, 2}});
  }
  state.fencing.push_back({"f1", NodeId{4}, NodeId{1}, BootId{"b4"}, CauseKind::lost, FenceAction::reboot,
                           FenceOutcome::pending, "vmfence", "", 1, 5});
  return state;
}

const NodeId one{1};

struct Change {
  const char* name;
  std::function<void(ClusterState&)> apply;
};

}  // namespace

TEST_CASE("state: fail counts of operations add up, INFINITY is the limit", "[model]") {
  ResourceOnNode place;
  CHECK(place.fail_count() == 0);
  place.failures = {{Action::monitor, 10s, 2, {}}, {Action::monitor, 20s, 3, {}}};
  CHECK(place.fail_count() == 5);
  place.failures.push_back({Action::start, 0s, Score::infinite, {}});
  CHECK(place.fail_count() == Score::infinite);
}

TEST_CASE("state: the oldest joined member is the coordinator", "[model]") {
  ClusterState state = sample();
  CHECK(state.coordinator() == NodeId{4});
  CHECK(state.joined().size() == 2);
  state.nodes[NodeId{4}].membership = Membership::present;
  CHECK(state.coordinator() == NodeId{1});
  state.nodes[NodeId{1}].membership = Membership::absent;
  CHECK_FALSE(state.coordinator());
  CHECK(state.joined().empty());
}

TEST_CASE("state: what is not there is not found", "[model]") {
  const ClusterState state = sample();
  CHECK(state.find("R", NodeId{1}) != nullptr);
  CHECK(state.find("R", NodeId{2}) == nullptr);
  CHECK(state.find("X", NodeId{1}) == nullptr);
}

TEST_CASE("digest: equal states agree, display fields do not count", "[model][S16]") {
  ClusterState other = sample();
  CHECK(other.digest() == sample().digest());
  other.nodes[NodeId{1}].why = "for people";
  other.nodes[NodeId{1}].in_corosync = true;
  other.resources["R"].on[NodeId{1}].failures[0].last.unix_ms = 99;
  other.resources["R"].on[NodeId{1}].failures[0].last.reason = "other words";
  other.fencing[0].detail = "x";
  CHECK(other.digest() == sample().digest());
}

TEST_CASE("digest: every field that decides changes it", "[model][S16]") {
  const auto change = GENERATE_COPY(values<Change>({
      {"epoch", [](ClusterState& s) { ++s.stream_epoch; }},
      {"join counter", [](ClusterState& s) { ++s.join_counter; }},
      {"solo", [](ClusterState& s) { s.solo = true; }},
      {"fork", [](ClusterState& s) { s.fork = "x"; }},
      {"membership", [](ClusterState& s) { s.nodes[one].membership = Membership::present; }},
      {"boot", [](ClusterState& s) { s.nodes[one].incarnation.boot = BootId{"x"}; }},
      {"start", [](ClusterState& s) { ++s.nodes[one].incarnation.start; }},
      {"unclean", [](ClusterState& s) { s.nodes[one].unclean = true; }},
      {"leaving", [](ClusterState& s) { s.nodes[one].leaving = true; }},
      {"reported", [](ClusterState& s) { s.nodes[one].reported = true; }},
      {"joined at", [](ClusterState& s) { ++s.nodes[one].joined_at; }},
      {"in ledger", [](ClusterState& s) { s.nodes[one].in_ledger = true; }},
      {"acks", [](ClusterState& s) { s.nodes[one].join_acks.push_back(one); }},
      {"evidence",
       [](ClusterState& s) { s.nodes[one].evidence = Evidence{EvidenceKind::fenced, one, BootId{"b"}, "E", "", {}}; }},
      {"activity", [](ClusterState& s) { s.resources["R"].on[one].activity = Activity::running; }},
      {"probed", [](ClusterState& s) { s.resources["R"].on[one].probed = false; }},
      {"pending",
       [](ClusterState& s) {
         s.resources["R"].on[one].pending = PendingOp{{1, 1, one}, Action::start, ""};
       }},
      {"highest",
       [](ClusterState& s) {
         s.resources["R"].on[one].highest_op = {1, 2, one};
       }},
      {"may run",
       [](ClusterState& s) {
         s.resources["R"].on[one].may_run = MayRun{BootId{"b"}, {}};
       }},
      {"stop failed", [](ClusterState& s) { s.resources["R"].on[one].stop_failed = true; }},
      {"hard ban", [](ClusterState& s) { s.resources["R"].on[one].hard_ban = true; }},
      {"needs stop", [](ClusterState& s) { s.resources["R"].on[one].needs_stop = true; }},
      {"count", [](ClusterState& s) { ++s.resources["R"].on[one].failures[0].count; }},
      {"code", [](ClusterState& s) { s.resources["R"].on[one].failures[0].last.exit_code = 1; }},
      {"fatal", [](ClusterState& s) { s.resources["R"].fatal = true; }},
      {"preferred", [](ClusterState& s) { s.resources["R"].preferred = one; }},
      {"last node", [](ClusterState& s) { s.resources["R"].last_node = one; }},
      {"fence outcome", [](ClusterState& s) { s.fencing[0].outcome = FenceOutcome::succeeded; }},
      {"fence attempts", [](ClusterState& s) { ++s.fencing[0].attempts; }},
      {"prepared", [](ClusterState& s) { s.prepared = PreparedEntry{{}, one, 1, {}}; }},
      {"new resource", [](ClusterState& s) { s.resources["S"]; }},
  }));
  CAPTURE(change.name);
  ClusterState changed = sample();
  change.apply(changed);
  CHECK(changed.digest() != sample().digest());
}
