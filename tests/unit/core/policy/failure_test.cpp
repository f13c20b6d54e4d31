// SPDX-License-Identifier: Apache-2.0
// The table of cluster-semantics 5.1, row by row, and what is made of it.
#include "core/policy/failure.hpp"

#include <catch2/catch.hpp>

using namespace duet;

namespace {

constexpr std::int32_t inf = Score::infinite;
const NodeId one{1};

ClusterConfig config_with(Attributes properties = {}) {
  ClusterConfig config;
  config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{4}, "server4", {}}};
  config.properties = std::move(properties);
  config.primitives = {{"R", {"ocf", "duet", "Dummy"}, {}, {}, {}}};
  return config;
}

FailureEffect effect_of(const ClusterConfig& config, Action action, std::int32_t code, OpStatus status = OpStatus::done,
                        bool unmanaged = false) {
  OpOutcome outcome;
  outcome.exit_code = code;
  outcome.status = status;
  const Duration interval = action == Action::monitor ? Duration{10s} : Duration{0};
  return classify(config, config.primitives[0], action, interval, outcome, unmanaged);
}

struct Row {
  Action action;
  std::int32_t code;
  OpStatus status;
  Activity activity;
  bool failure;
  std::int32_t counts;
  bool hard;
  bool fatal;
  bool stop_failed;
  bool needs_stop;
};

constexpr auto done = OpStatus::done;
constexpr auto run = Activity::running;
constexpr auto off = Activity::stopped;
constexpr auto bad = Activity::failed;

}  // namespace

TEST_CASE("results: every row of the table", "[policy][S2]") {
  const auto row = GENERATE(values<Row>({
      // probes: 0, 8, 190, 191 found; 7, 2, 5 and not installed: not here; everything else: active and broken
      {Action::probe, 0, done, run, false, 0, false, false, false, false},
      {Action::probe, 8, done, run, false, 0, false, false, false, false},
      {Action::probe, 190, done, run, false, 0, false, false, false, false},
      {Action::probe, 191, done, run, false, 0, false, false, false, false},
      {Action::probe, 7, done, off, false, 0, false, false, false, false},
      {Action::probe, 2, done, off, false, 0, false, false, false, false},
      {Action::probe, 5, done, off, false, 0, false, false, false, false},
      {Action::probe, 0, OpStatus::not_installed, off, false, 0, false, false, false, false},
      {Action::probe, 1, done, bad, true, 0, false, false, false, true},
      {Action::probe, 3, done, bad, true, 0, true, false, false, true},
      {Action::probe, 4, done, bad, true, 0, true, false, false, true},
      {Action::probe, 6, done, bad, true, 0, false, true, false, true},
      {Action::probe, 9, done, bad, true, 0, false, false, false, true},
      {Action::probe, 100, done, bad, true, 0, false, false, false, true},
      {Action::probe, 0, OpStatus::timed_out, bad, true, 0, false, false, false, true},
      {Action::probe, 0, OpStatus::error, bad, true, 0, false, false, false, true},
      // starts: failed means possibly active
      {Action::start, 0, done, run, false, 0, false, false, false, false},
      {Action::start, 190, done, run, false, 0, false, false, false, false},
      {Action::start, 1, done, bad, true, inf, false, false, false, true},
      {Action::start, 2, done, bad, true, inf, true, false, false, true},
      {Action::start, 3, done, bad, true, inf, true, false, false, true},
      {Action::start, 4, done, bad, true, inf, true, false, false, true},
      {Action::start, 5, done, bad, true, inf, true, false, false, true},
      {Action::start, 6, done, bad, true, inf, false, true, false, true},
      {Action::start, 7, done, bad, true, inf, false, false, false, true},
      {Action::start, 200, done, bad, true, inf, false, false, false, true},
      {Action::start, 0, OpStatus::timed_out, bad, true, inf, false, false, false, true},
      {Action::start, 0, OpStatus::error, bad, true, inf, false, false, false, true},
      {Action::start, 0, OpStatus::not_installed, off, true, inf, true, false, false, false},
      // stops: only 0 is a success
      {Action::stop, 0, done, off, false, 0, false, false, false, false},
      {Action::stop, 1, done, bad, true, inf, false, false, true, true},
      {Action::stop, 7, done, bad, true, inf, false, false, true, true},
      {Action::stop, 190, done, bad, true, inf, false, false, true, true},
      {Action::stop, 2, done, bad, true, inf, true, false, true, true},
      {Action::stop, 3, done, bad, true, inf, true, false, true, true},
      {Action::stop, 4, done, bad, true, inf, true, false, true, true},
      {Action::stop, 5, done, bad, true, inf, true, false, true, true},
      {Action::stop, 0, OpStatus::timed_out, bad, true, inf, false, false, true, true},
      {Action::stop, 0, OpStatus::error, bad, true, inf, false, false, true, true},
      {Action::stop, 0, OpStatus::cancelled, bad, true, inf, false, false, true, true},
      {Action::stop, 0, OpStatus::not_installed, bad, true, inf, true, false, true, true},
      // recurring monitors
      {Action::monitor, 0, done, run, false, 0, false, false, false, false},
      {Action::monitor, 191, done, run, false, 0, false, false, false, false},
      {Action::monitor, 1, done, bad, true, 1, false, false, false, true},
      {Action::monitor, 42, done, bad, true, 1, false, false, false, true},
      {Action::monitor, 2, done, bad, true, 1, true, false, false, true},
      {Action::monitor, 4, done, bad, true, 1, true, false, false, true},
      {Action::monitor, 5, done, bad, true, 1, true, false, false, true},
      {Action::monitor, 6, done, bad, true, 1, false, true, false, true},
      {Action::monitor, 7, done, off, true, 1, false, false, false, true},
      {Action::monitor, 9, done, bad, true, 1, false, false, false, true},
      {Action::monitor, 0, OpStatus::timed_out, bad, true, 1, false, false, false, true},
      {Action::monitor, 0, OpStatus::error, bad, true, 1, false, false, false, true},
  }));
  CAPTURE(static_cast<int>(row.action), row.code, static_cast<int>(row.status));
  const FailureEffect effect = effect_of(config_with(), row.action, row.code, row.status);
  CHECK(effect.applies);
  CHECK(effect.activity == row.activity);
  CHECK(effect.failure == row.failure);
  CHECK(effect.counts == row.counts);
  CHECK(effect.hard_ban == row.hard);
  CHECK(effect.fatal == row.fatal);
  CHECK(effect.stop_failed == row.stop_failed);
  CHECK(effect.needs_stop == row.needs_stop);
}

TEST_CASE("results: what says nothing changes nothing", "[policy]") {
  const ClusterConfig config = config_with();
  for (const Action action : {Action::probe, Action::start, Action::stop, Action::monitor}) {
    CHECK_FALSE(effect_of(config, action, 0, OpStatus::voided).applies);
  }
  CHECK_FALSE(effect_of(config, Action::monitor, 0, OpStatus::cancelled).applies);
  CHECK_FALSE(effect_of(config, Action::probe, 0, OpStatus::cancelled).applies);
  CHECK_FALSE(effect_of(config, Action::start, 0, OpStatus::cancelled).applies);  // a probe tells
  CHECK_FALSE(effect_of(config, Action::monitor, 3).applies);
  CHECK_FALSE(effect_of(config, Action::monitor, 0, OpStatus::not_supported).applies);
  ResourceState state;
  state.on[one].activity = Activity::running;
  const ResourceState before = state;
  apply_effect(state, one, Action::monitor, 10s, {}, effect_of(config, Action::monitor, 3));
  CHECK(state == before);
}

TEST_CASE("results: degraded is a success that is shown", "[policy]") {
  CHECK(effect_of(config_with(), Action::monitor, 190).degraded);
  CHECK(effect_of(config_with(), Action::probe, 191).degraded);
  CHECK_FALSE(effect_of(config_with(), Action::monitor, 0).degraded);
}

TEST_CASE("results: start-failure-is-fatal=false counts a failed start once", "[policy]") {
  CHECK(effect_of(config_with({{"start-failure-is-fatal", "false"}}), Action::start, 1).counts == 1);
}

TEST_CASE("results: 7 from a monitor of what is unmanaged is no failure", "[policy][S11]") {
  CHECK_FALSE(effect_of(config_with(), Action::monitor, 7, done, true).failure);
  CHECK(effect_of(config_with(), Action::monitor, 7, done, true).activity == Activity::stopped);
  CHECK_FALSE(effect_of(config_with({{"maintenance-mode", "true"}}), Action::monitor, 7).failure);
  ClusterConfig config = config_with();
  config.primitives[0].meta["is-managed"] = "false";
  CHECK_FALSE(effect_of(config, Action::monitor, 7).failure);
  CHECK(effect_of(config, Action::monitor, 1).failure);
}

TEST_CASE("results: on-fail=ignore is shown and not counted, but not for everything", "[policy][S2]") {
  ClusterConfig config = config_with();
  Operation operation;
  operation.on_fail = OnFail::ignore;
  operation.interval = 10s;
  operation.action = "monitor";
  config.primitives[0].operations.push_back(operation);
  operation.interval = Duration{0};
  for (const auto* action : {"start", "stop", "monitor"}) {
    operation.action = action;
    config.primitives[0].operations.push_back(operation);
  }
  const FailureEffect ignored = effect_of(config, Action::monitor, 7);
  CHECK(ignored.failure);
  CHECK(ignored.counts == 0);
  CHECK(ignored.activity == Activity::running);
  CHECK_FALSE(ignored.needs_stop);
  CHECK(effect_of(config, Action::start, 1).activity == Activity::running);
  // What is missing cannot be ignored, nor a stop that failed, nor a probe that knows nothing.
  CHECK(effect_of(config, Action::monitor, 5).activity == Activity::failed);
  CHECK(effect_of(config, Action::stop, 1).stop_failed);
  CHECK(effect_of(config, Action::stop, 1).on_fail == OnFail::block);
  CHECK(effect_of(config, Action::probe, 1).activity == Activity::failed);
}

TEST_CASE("apply: counts add up per operation, flags stay, a success does not lower them", "[policy]") {
  const ClusterConfig config = config_with();
  ResourceState state;
  const auto feed = [&](Action action, std::int32_t code, Duration interval) {
    OpOutcome outcome;
    outcome.exit_code = code;
    apply_effect(state, one, action, interval, outcome,
                 classify(config, config.primitives[0], action, interval, outcome));
  };
  feed(Action::probe, 7, 0s);
  CHECK(state.on[one].probed);
  CHECK_FALSE(state.last_node);
  feed(Action::start, 0, 0s);
  CHECK(state.last_node == one);
  feed(Action::monitor, 1, 10s);
  feed(Action::monitor, 7, 10s);
  feed(Action::monitor, 1, 20s);
  CHECK(state.on[one].failures.size() == 2);
  CHECK(state.on[one].fail_count() == 3);
  CHECK(state.on[one].needs_stop);
  feed(Action::stop, 0, 0s);
  CHECK_FALSE(state.on[one].needs_stop);
  CHECK(state.on[one].activity == Activity::stopped);
  CHECK(state.on[one].fail_count() == 3);
  CHECK(state.last_node == one);
  feed(Action::start, 5, 0s);
  CHECK(state.on[one].hard_ban);
  CHECK(state.on[one].fail_count() == inf);
  feed(Action::stop, 1, 0s);
  CHECK(state.on[one].stop_failed);
  feed(Action::stop, 0, 0s);
  CHECK(state.on[one].stop_failed);  // only evidence clears it, and that is not decided here
  CHECK(state.on[one].hard_ban);
}

TEST_CASE("apply: a monitor that succeeds does not call off a stop that was asked for", "[policy]") {
  const ClusterConfig config = config_with();
  ResourceState state;
  state.on[one].activity = Activity::running;
  state.on[one].needs_stop = true;
  apply_effect(state, one, Action::monitor, 10s, {}, effect_of(config, Action::monitor, 0));
  CHECK(state.on[one].needs_stop);
  state.on[one].activity = Activity::failed;
  apply_effect(state, one, Action::monitor, 10s, {}, effect_of(config, Action::monitor, 0));
  CHECK_FALSE(state.on[one].needs_stop);
}

TEST_CASE("apply: a stop that was wanted draws nothing back to its node", "[policy]") {
  ClusterConfig config = config_with();
  config.primitives[0].meta["target-role"] = "Stopped";
  ResourceState state;
  state.last_node = one;
  apply_effect(state, one, Action::stop, 0s, {}, effect_of(config, Action::stop, 0));
  CHECK_FALSE(state.last_node);
}

TEST_CASE("apply: stop_only marks the resource when the second copy is found", "[policy]") {
  ClusterConfig config = config_with();
  config.primitives[0].meta["multiple-active"] = "stop_only";
  ResourceState state;
  apply_effect(state, one, Action::probe, 0s, {}, effect_of(config, Action::probe, 0));
  CHECK_FALSE(state.fatal);
  apply_effect(state, NodeId{4}, Action::probe, 0s, {}, effect_of(config, Action::probe, 0));
  CHECK(state.fatal);
}

TEST_CASE("worst on-fail: the most severe of all failures", "[policy]") {
  ClusterConfig config = config_with();
  for (const auto& [interval, rule] : {std::pair{Duration{10s}, OnFail::standby}, {20s, OnFail::block}}) {
    Operation operation;
    operation.action = "monitor";
    operation.interval = interval;
    operation.on_fail = rule;
    config.primitives[0].operations.push_back(operation);
  }
  OpOutcome broken;
  broken.exit_code = 1;
  ResourceOnNode place;
  CHECK_FALSE(worst_on_fail(config, config.primitives[0], place));
  place.failures = {{Action::monitor, 20s, 1, broken}};
  CHECK(worst_on_fail(config, config.primitives[0], place) == OnFail::block);
  place.failures.push_back({Action::monitor, 10s, 1, broken});
  CHECK(worst_on_fail(config, config.primitives[0], place) == OnFail::standby);
}

TEST_CASE("expiry: after failure-timeout all together, with three exceptions", "[policy]") {
  ClusterConfig config = config_with();
  Primitive& primitive = config.primitives[0];
  OpOutcome broken;
  broken.exit_code = 1;
  ResourceOnNode place;
  place.failures = {{Action::monitor, 10s, 1, broken}};
  CHECK_FALSE(failure_expiry(config, primitive, place));
  primitive.meta["failure-timeout"] = "60";
  CHECK(failure_expiry(config, primitive, place) == Duration{60s});
  CHECK_FALSE(failure_expiry(config, primitive, {}));
  place.stop_failed = true;
  CHECK_FALSE(failure_expiry(config, primitive, place));
  place.stop_failed = false;
  place.failures[0].last.status = OpStatus::not_installed;
  CHECK_FALSE(failure_expiry(config, primitive, place));
  place.failures[0].last.status = OpStatus::done;
  Operation operation;
  operation.action = "monitor";
  operation.interval = 10s;
  operation.on_fail = OnFail::block;
  primitive.operations = {operation};
  CHECK_FALSE(failure_expiry(config, primitive, place));
}
