// SPDX-License-Identifier: Apache-2.0
// What a fence agent is given, for every way to configure the target.
#include "core/fencing/device.hpp"

#include <catch2/catch.hpp>

using namespace duet;

namespace {

ClusterConfig cluster(Attributes parameters) {
  ClusterConfig config;
  config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{4}, "server4", {}}};
  config.devices = {{"vmfence", "fence_xvm", std::move(parameters), {}, {}}};
  return config;
}

const Node& server4(const ClusterConfig& config) {
  return *config.node("server4");
}

}  // namespace

TEST_CASE("device: exactly one of plug and port is sent, with the value of map, else plug or port, else name",
          "[fencing]") {
  struct Row {
    const char* name;
    Attributes parameters;
    Attributes sent;
  };
  const auto row = GENERATE(values<Row>({
      {"map", {{"pcmk_host_map", "server1:Node1;server4:Node4"}}, {{"plug", "Node4"}}},
      {"plug", {{"plug", "vm4"}}, {{"plug", "vm4"}}},
      {"port", {{"port", "vm4"}}, {{"port", "vm4"}}},
      {"map wins over port", {{"pcmk_host_map", "server4:Node4"}, {"port", "x"}}, {{"port", "Node4"}}},
      {"nothing", {}, {{"plug", "server4"}}},
      {"other argument", {{"pcmk_host_argument", "domain"}}, {{"domain", "server4"}}},
      {"no argument", {{"pcmk_host_argument", "none"}}, {}},
  }));
  CAPTURE(row.name);
  const ClusterConfig config = cluster(row.parameters);
  const auto levels = device_levels(config, server4(config), "salt");
  REQUIRE(levels.size() == 1);
  Attributes sent = levels[0].steps.at(0).parameters;
  CHECK(sent == row.sent);
  const RunFenceAgent call = agent_call(levels[0].steps[0], "server4", "off", 60s, 7);
  CHECK(call.parameters.at("nodename") == "server4");
  CHECK(call.run == 7);
}

TEST_CASE("device: pcmk_ options and the manager's own are never sent to the agent", "[fencing]") {
  const ClusterConfig config = cluster({{"pcmk_host_map", "server4:Node4"},
                                        {"pcmk_off_timeout", "7s"},
                                        {"action", "reboot"},
                                        {"stonith-timeout", "9"},
                                        {"key_file", "/etc/cluster/fence_xvm.key"}});
  const DeviceStep step = device_levels(config, server4(config), "")[0].steps[0];
  CHECK(step.parameters == Attributes{{"key_file", "/etc/cluster/fence_xvm.key"}, {"plug", "Node4"}});
  CHECK(step.off_timeout == 7s);
  CHECK(step.on_timeout == 60s);
}

TEST_CASE("device: levels are tried in ascending order and hold every device and plug", "[fencing][S7]") {
  ClusterConfig config = cluster({{"pcmk_host_map", "server4:psu1,psu2"}});
  config.devices.push_back({"other", "fence_ipmilan", {}, {}, {}});
  config.levels = {{NodeId{4}, 2, {"other"}}, {NodeId{4}, 1, {"vmfence"}}, {NodeId{1}, 1, {"other"}}};
  const auto levels = device_levels(config, server4(config), "");
  REQUIRE(levels.size() == 2);
  CHECK(levels[0].level == 1);
  REQUIRE(levels[0].steps.size() == 2);
  CHECK(levels[0].steps[1].parameters.at("plug") == "psu2");
  CHECK(levels[1].steps.at(0).device == "other");
}

TEST_CASE("device: a level without one of its devices proves nothing, and nothing stands in for it", "[fencing][S7]") {
  ClusterConfig config = cluster({{"pcmk_host_map", "server4:psu1"}});
  config.devices.push_back({"other", "fence_ipmilan", {{"pcmk_host_map", "server4:psu2"}}, {}, {}});
  config.levels = {{NodeId{4}, 1, {"vmfence", "other"}}};
  REQUIRE(device_levels(config, server4(config), "").at(0).steps.size() == 2);
  config.devices[1].meta["target-role"] = "Stopped";
  CHECK(device_levels(config, server4(config), "").empty());
  config.devices.pop_back();
  CHECK(device_levels(config, server4(config), "").empty());
}

TEST_CASE("device: pcmk_delay_base per target, and a share of pcmk_delay_max that depends on the salt alone",
          "[fencing][S5]") {
  ClusterConfig config = cluster({{"pcmk_delay_base", "server1:5s;server4:2s"}});
  CHECK(device_levels(config, server4(config), "")[0].steps[0].delay_base == 2s);
  config = cluster({{"pcmk_delay_base", "1s"}, {"pcmk_delay_max", "10s"}});
  const auto once = device_levels(config, server4(config), "a")[0].steps[0].delay_base;
  CHECK(once >= 1s);
  CHECK(once <= 10s);
  CHECK(device_levels(config, server4(config), "a")[0].steps[0].delay_base == once);
}

TEST_CASE("device: one that is disabled, or whose map leaves the target out, is not used", "[fencing]") {
  ClusterConfig config = cluster({{"pcmk_host_map", "server1:Node1"}});
  CHECK(device_levels(config, server4(config), "").empty());
  config = cluster({});
  config.devices[0].meta["target-role"] = "Stopped";
  CHECK(device_levels(config, server4(config), "").empty());
}

TEST_CASE("device: its own time-outs are used; that of a reboot is meant for off, too", "[fencing]") {
  const auto step = [](const Attributes& parameters) {
    const ClusterConfig config = cluster(parameters);
    return device_levels(config, server4(config), "")[0].steps[0];
  };
  CHECK(step({}).off_timeout == 60s);
  CHECK(step({}).status_timeout == 10s);
  CHECK(step({{"pcmk_reboot_timeout", "120s"}}).off_timeout == 120s);
  CHECK(step({{"pcmk_reboot_timeout", "120s"}, {"pcmk_off_timeout", "90s"}}).off_timeout == 90s);
  CHECK(step({{"pcmk_status_timeout", "25s"}}).status_timeout == 25s);
  const ClusterConfig config = cluster({{"pcmk_monitor_timeout", "33s"}});
  CHECK(monitor_call(config, config.devices[0], 1).timeout == 33s);
}

TEST_CASE("device: without levels the one with the highest priority comes first", "[fencing]") {
  ClusterConfig config = cluster({});
  config.devices.push_back({"other", "fence_ipmilan", {}, {}, {}});
  config.devices.push_back({"last", "fence_apc", {}, {}, {}});
  config.devices[2].meta["priority"] = "-5";
  const auto order = [&] {
    std::vector<ObjectId> names;
    for (const DeviceLevel& level : device_levels(config, server4(config), "")) {
      names.push_back(level.steps.at(0).device);
    }
    return names;
  };
  CHECK(order() == std::vector<ObjectId>{"vmfence", "other", "last"});
  config.devices[1].meta["priority"] = "10";
  CHECK(order() == std::vector<ObjectId>{"other", "vmfence", "last"});
}
