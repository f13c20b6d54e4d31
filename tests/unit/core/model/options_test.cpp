// SPDX-License-Identifier: Apache-2.0
// Options: defaults, fall-backs, and what an unreadable value means.
#include "core/model/options.hpp"

#include <catch2/catch.hpp>

using namespace duet;

namespace {

Primitive dummy(Attributes meta = {}) {
  return {"R", {"ocf", "duet", "Dummy"}, {}, {}, std::move(meta)};
}

Operation monitor(Duration interval, std::optional<Duration> timeout = {}, std::optional<OnFail> fail = {}) {
  Operation operation;
  operation.action = "monitor";
  operation.interval = interval;
  operation.timeout = timeout;
  operation.on_fail = fail;
  return operation;
}

}  // namespace

TEST_CASE("options: the defaults of an empty configuration are those of the field", "[model]") {
  const ClusterOptions cluster = cluster_options({});
  CHECK(cluster.stonith_enabled);
  CHECK(cluster.stonith_action == FenceAction::reboot);
  CHECK(cluster.stonith_timeout == 60s);
  CHECK_FALSE(cluster.priority_fencing_delay);
  CHECK_FALSE(cluster.maintenance_mode);
  CHECK(cluster.symmetric_cluster);
  CHECK(cluster.start_failure_is_fatal);
  CHECK_FALSE(cluster.stop_all_resources);
  CHECK(cluster.no_quorum_policy == NoQuorumPolicy::freeze);
  CHECK(cluster.startup_fence_wait == 120s);
  const ResourceOptions resource = resource_options({}, dummy());
  CHECK_FALSE(resource.stopped);
  CHECK(resource.managed);
  CHECK_FALSE(resource.maintenance);
  CHECK(resource.stickiness.value() == 0);
  CHECK(resource.migration_threshold == Score::infinite);
  CHECK(resource.failure_timeout == 0s);
  CHECK(resource.multiple_active == MultipleActive::stop_start);
  CHECK(resource.priority == 0);
  CHECK(resource.needs == Requires::fencing);
  CHECK(resource.critical);
}

TEST_CASE("options: cluster properties are read, under both spellings", "[model]") {
  ClusterConfig config;
  config.properties = {{"fencing-enabled", "No"},    {"stonith-action", "OFF"},        {"stonith-timeout", "2min"},
                       {"maintenance-mode", "1"},    {"symmetric-cluster", "false"},   {"priority-fencing-delay", "15"},
                       {"no-quorum-policy", "stop"}, {"start-failure-is-fatal", "no"}, {"stop-all-resources", "yes"}};
  const ClusterOptions cluster = cluster_options(config);
  CHECK_FALSE(cluster.stonith_enabled);
  CHECK(cluster.stonith_action == FenceAction::off);
  CHECK(cluster.stonith_timeout == 120s);
  CHECK(cluster.maintenance_mode);
  CHECK_FALSE(cluster.symmetric_cluster);
  CHECK(cluster.priority_fencing_delay == Duration{15s});
  CHECK(cluster.no_quorum_policy == NoQuorumPolicy::stop);
  CHECK_FALSE(cluster.start_failure_is_fatal);
  CHECK(cluster.stop_all_resources);
}

TEST_CASE("options: an unreadable value counts as the default, never as the weaker choice", "[model]") {
  ClusterConfig config;
  config.properties = {{"stonith-enabled", "flase"}, {"stonith-timeout", "0"}, {"no-quorum-policy", "ignoer"}};
  CHECK(cluster_options(config).stonith_enabled);
  CHECK(cluster_options(config).stonith_timeout == 60s);
  CHECK(cluster_options(config).no_quorum_policy == NoQuorumPolicy::freeze);
  const auto resource = resource_options(
      config, dummy({{"is-managed", "perhaps"}, {"resource-stickiness", "x"}, {"migration-threshold", "-3"}}));
  CHECK(resource.managed);
  CHECK(resource.stickiness.value() == 0);
  CHECK(resource.migration_threshold == Score::infinite);
}

TEST_CASE("options: own value, then the group's, then the resource defaults", "[model]") {
  ClusterConfig config;
  config.primitives = {dummy({{"resource-stickiness", "1"}})};
  config.groups = {{"G", {"R"}, {{"resource-stickiness", "2"}, {"priority", "7"}}}};
  config.resource_defaults = {{"resource-stickiness", "3"}, {"priority", "8"}, {"failure-timeout", "9"}};
  const ResourceOptions options = resource_options(config, config.primitives[0]);
  CHECK(options.stickiness.value() == 1);
  CHECK(options.priority == 7);
  CHECK(options.failure_timeout == 9s);
}

TEST_CASE("options: a member of a stopped group is stopped, whatever it says itself", "[model]") {
  ClusterConfig config;
  config.primitives = {dummy({{"target-role", "Started"}})};
  config.groups = {{"G", {"R"}, {{"target-role", "Stopped"}}}};
  CHECK(resource_options(config, config.primitives[0]).stopped);
  config.groups[0].meta.clear();
  CHECK_FALSE(resource_options(config, config.primitives[0]).stopped);
}

TEST_CASE("options: what a start requires follows from fencing and quorum policy", "[model]") {
  ClusterConfig config;
  config.properties["stonith-enabled"] = "false";
  CHECK(resource_options(config, dummy()).needs == Requires::quorum);
  config.properties["no-quorum-policy"] = "ignore";
  CHECK(resource_options(config, dummy()).needs == Requires::nothing);
  CHECK(resource_options(config, dummy({{"requires", "fencing"}})).needs == Requires::fencing);
}

TEST_CASE("options: booleans in every spelling", "[model]") {
  for (const auto* yes : {"true", "on", "yes", "y", "1", "TRUE", "Yes"}) CHECK(parse_bool(yes) == true);
  for (const auto* no : {"false", "off", "no", "n", "0", "False", "OFF"}) CHECK(parse_bool(no) == false);
  for (const auto* bad : {"", "2", "tru", "yes ", "enabled"}) CHECK_FALSE(parse_bool(bad));
}

TEST_CASE("options: node attributes", "[model]") {
  CHECK(node_options({NodeId{1}, "a", {{"standby", "on"}}}).standby);
  CHECK_FALSE(node_options({NodeId{1}, "a", {{"standby", "off"}}}).standby);
  CHECK(node_options({NodeId{1}, "a", {{"maintenance", "true"}}}).maintenance);
  CHECK_FALSE(node_options({NodeId{1}, "a", {}}).standby);
}

TEST_CASE("time-out: own, then op defaults, then 20 s; a probe takes the shortest monitor's", "[model]") {
  ClusterConfig config;
  const std::vector<Operation> two{monitor(60s, 50s), monitor(10s, 5s)};
  CHECK(operation_timeout(config, two, "monitor", 60s) == 50s);
  CHECK(operation_timeout(config, two, "monitor", 10s) == 5s);
  CHECK(operation_timeout(config, two, "probe", 0s) == 5s);
  CHECK(operation_timeout(config, two, "monitor", 0s) == 5s);
  CHECK(operation_timeout(config, {monitor(0s, 3s), monitor(10s, 5s)}, "probe", 0s) == 3s);
  CHECK(operation_timeout(config, two, "start", 0s) == 20s);
  config.operation_defaults["timeout"] = "90";
  CHECK(operation_timeout(config, two, "start", 0s) == 90s);
  CHECK(operation_timeout(config, {monitor(10s)}, "probe", 0s) == 90s);
  config.operation_defaults["timeout"] = "0";
  CHECK(operation_timeout(config, two, "start", 0s) == 20s);
}

TEST_CASE("on-fail: defaults and what makes no sense", "[model]") {
  ClusterConfig config;
  Primitive primitive = dummy();
  Operation stop;
  stop.action = "stop";
  CHECK(on_fail(config, primitive, "stop", 0s) == OnFail::fence);
  CHECK(on_fail(config, primitive, "start", 0s) == OnFail::restart);
  CHECK(on_fail(config, primitive, "monitor", 10s) == OnFail::restart);
  for (const OnFail senseless : {OnFail::stop, OnFail::standby, OnFail::restart, OnFail::ban}) {
    stop.on_fail = senseless;
    primitive.operations = {stop};
    CHECK(on_fail(config, primitive, "stop", 0s) == OnFail::fence);
  }
  stop.on_fail = OnFail::block;
  primitive.operations = {stop, monitor(10s, {}, OnFail::fence)};
  CHECK(on_fail(config, primitive, "stop", 0s) == OnFail::block);
  CHECK(on_fail(config, primitive, "monitor", 10s) == OnFail::fence);
  CHECK(on_fail(config, primitive, "monitor", 20s) == OnFail::restart);
  config.properties["stonith-enabled"] = "false";
  CHECK(on_fail(config, primitive, "monitor", 10s) == OnFail::stop);
  primitive.operations.clear();
  CHECK(on_fail(config, primitive, "stop", 0s) == OnFail::block);
  config.operation_defaults["on-fail"] = "standby";
  CHECK(on_fail(config, primitive, "monitor", 10s) == OnFail::standby);
  CHECK(on_fail(config, primitive, "stop", 0s) == OnFail::block);
}
