// SPDX-License-Identifier: Apache-2.0
// Values of properties, meta attributes, parameters, operations, devices.
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/unit/core/model/valid.hpp"

using namespace duet;
using test::finds;

TEST_CASE("validate: an unknown property is refused with the nearest name", "[model][E04]") {
  ClusterConfig config = test::valid_config();
  config.properties["no-quorum-policyy"] = "stop";
  CHECK(finds(config, "no property 'no-quorum-policyy'", true));
  CHECK(validate(config)[0].fix == "did you mean 'no-quorum-policy'?");
}

TEST_CASE("validate: a wrong value of a safety option is an error, of another one a warning", "[model]") {
  struct Row {
    const char* name;
    const char* value;
    bool error;
  };
  const auto row = GENERATE(values<Row>({{"stonith-enabled", "maybe", true},
                                         {"fencing-enabled", "maybe", true},
                                         {"stonith-action", "poweroff", true},
                                         {"no-quorum-policy", "suicide", true},
                                         {"maintenance-mode", "x", true},
                                         {"stonith-timeout", "soon", false},
                                         {"start-failure-is-fatal", "x", false}}));
  CAPTURE(row.name);
  ClusterConfig config = test::valid_config();
  config.properties[row.name] = row.value;
  CHECK(finds(config, "is not a value of", row.error));
  CHECK_FALSE(finds(config, "is not a value of", !row.error));
}

TEST_CASE("validate: meta attributes", "[model]") {
  ClusterConfig config = test::valid_config();
  config.primitives[0].meta = {{"target-role", "Stoped"}};
  CHECK(finds(config, "'Stoped' is not a value of target-role; the default applies", false));
  config.primitives[0].meta = {{"resource-stickines", "1"}};
  CHECK(finds(config, "no meta attribute 'resource-stickines'", false));
  config.primitives[0].meta = {{"owner", "web team"}};
  CHECK(validate(config).empty());
  config.groups[0].meta = {{"multiple-active", "x"}};
  CHECK(finds(config, "multiple-active", false));
  config.groups[0].meta.clear();
  config.resource_defaults = {{"failure-timeout", "1 fortnight"}};
  CHECK(finds(config, "failure-timeout", false));
}

TEST_CASE("validate: op defaults; an unknown on-fail is an error", "[model]") {
  ClusterConfig config = test::valid_config();
  config.operation_defaults = {{"on-fail", "explode"}};
  CHECK(finds(config, "'explode' is not a value of on-fail", true));
  config.operation_defaults = {{"timeout", "x"}};
  CHECK(finds(config, "'x' is not a value of timeout", false));
  config.operation_defaults = {{"timeut", "3"}};
  CHECK(finds(config, "no operation option 'timeut'", false));
}

TEST_CASE("validate: sizes and bytes of parameters", "[model][S15]") {
  ClusterConfig config = test::valid_config();
  Attributes& parameters = config.primitives[0].parameters;
  parameters = {{"ip", std::string(limits::parameter_value_length, 'x')}};
  CHECK(validate(config).empty());
  parameters["ip"] += "x";
  CHECK(finds(config, "has 8193 bytes, the limit is 8192", true));
  parameters = {{"ip", "\xff\xfe"}};
  CHECK(finds(config, "is not UTF-8 text", true));
  parameters = {{"ip", std::string("a\0b", 3)}};
  CHECK(finds(config, "is not UTF-8 text", true));
  for (const auto* name : {"", "a b", "a=b", "a\nb"}) {
    parameters = {{name, "1"}};
    CHECK(finds(config, "is not the name of a parameter", true));
  }
  parameters.clear();
  for (std::size_t i = 0; i <= limits::parameters_per_resource; ++i) parameters["p" + std::to_string(i)] = "1";
  CHECK(finds(config, "more than the limit of 256", true));
}

TEST_CASE("validate: operations", "[model]") {
  ClusterConfig config = test::valid_config();
  Operation monitor;
  monitor.action = "monitor";
  monitor.interval = 10s;
  auto& operations = config.primitives[0].operations;
  operations = {monitor, monitor};
  CHECK(finds(config, "monitor with intervals 10s, 10s", true));
  operations = {monitor};
  operations[0].interval = -1s;
  CHECK(finds(config, "negative time", true));
  operations[0].interval = 10s;
  operations[0].timeout = Duration{0};
  CHECK(finds(config, "time-out 0", false));
  operations = {Operation{}};
  operations[0].action = "moniter";
  CHECK(finds(config, "'moniter' is not an operation", true));
  operations[0].action = "start";
  operations[0].interval = 5s;
  CHECK(finds(config, "only monitor can recur", false));
  operations[0].interval = Duration{0};
  operations[0].action = "stop";
  operations[0].on_fail = OnFail::standby;
  CHECK(finds(config, "on-fail=standby makes no sense for stop", false));
}

TEST_CASE("validate: agents and fence devices", "[model][E15]") {
  ClusterConfig config = test::valid_config();
  config.primitives[0].agent = {"ocf", "heartbeat", "../evil"};
  CHECK(finds(config, "is not the name of an agent", true));
  config.primitives[0].agent = {"stonith", "", "fence_xvm"};
  CHECK(finds(config, "a fence device is not a resource", true));
  config = test::valid_config();
  FenceDevice& device = config.devices[0];
  device.agent = "rm";
  CHECK(finds(config, "'rm' is not a fence agent", true));
  device.agent = "fence_../x";
  CHECK(finds(config, "is not a fence agent", true));
  device.agent = "fence_xvm";
  device.parameters["pcmk_host_map"] = "server1:Node1 server4:Node4";
  CHECK(finds(config, "has no ';'", true));
  device.parameters["pcmk_host_map"] = "server1:Node1;server7:Node7";
  CHECK(finds(config, "names 'server7': no such node", false));
  device.parameters = {{"passwd", "a\naction=off"}};
  CHECK(finds(config, "has a line break", true));
}

TEST_CASE("validate: standby and maintenance of a node must be readable", "[model]") {
  ClusterConfig config = test::valid_config();
  config.nodes[0].attributes = {{"standby", "on"}, {"rack", "7"}};
  CHECK(validate(config).empty());
  config.nodes[0].attributes["standby"] = "sometimes";
  CHECK(finds(config, "'sometimes' is not a value of standby", true));
}
