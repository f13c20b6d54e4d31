// SPDX-License-Identifier: Apache-2.0
// Host maps, host lists, and which node a device covers.
#include "core/model/fence_cover.hpp"

#include <catch2/catch.hpp>

using namespace duet;

namespace {

ClusterConfig two_nodes() {
  ClusterConfig config;
  config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{4}, "server4", {}}};
  return config;
}

FenceDevice device(Attributes parameters, Attributes meta = {}) {
  return {"vmfence", "fence_xvm", std::move(parameters), {}, std::move(meta)};
}

}  // namespace

TEST_CASE("host map: entries, plugs, blanks", "[model]") {
  const auto map = parse_host_map("server1:Node1;server4:Node4");
  REQUIRE(map);
  CHECK(*map == std::vector<HostMapEntry>{{"server1", {"Node1"}}, {"server4", {"Node4"}}});
  const auto two = parse_host_map(" server1 : a , b ;; server4:c; ");
  REQUIRE(two);
  CHECK(*two == std::vector<HostMapEntry>{{"server1", {"a", "b"}}, {"server4", {"c"}}});
  CHECK(parse_host_map("")->empty());
}

TEST_CASE("host map: a missing ';' is told with the right form", "[model]") {
  const auto map = parse_host_map("server1:Node1 server4:Node4");
  REQUIRE_FALSE(map);
  CHECK(map.error().what == "pcmk_host_map \"server1:Node1 server4:Node4\" has no ';'");
  CHECK(map.error().fix == "\"server1:Node1;server4:Node4\"");
  for (const auto* bad : {"server1", ":Node1", "server1:", "a:b:c;d:e", "server1:,"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_host_map(bad));
  }
}

TEST_CASE("host list: blanks, commas and semicolons separate", "[model]") {
  CHECK(parse_host_list("a b,c;d ,; e") == std::vector<std::string>{"a", "b", "c", "d", "e"});
  CHECK(parse_host_list("").empty());
}

TEST_CASE("cover: by map, by list, by asking the agent, and not when disabled", "[model][S18]") {
  const ClusterConfig config = two_nodes();
  const Node& first = config.nodes[0];
  const Node& second = config.nodes[1];
  CHECK(device_covers(device({}), first));
  CHECK(device_covers(device({{"pcmk_host_map", "server1:Node1"}}), first));
  CHECK_FALSE(device_covers(device({{"pcmk_host_map", "server1:Node1"}}), second));
  CHECK(device_covers(device({{"pcmk_host_list", "server4"}}), second));
  CHECK_FALSE(device_covers(device({{"pcmk_host_list", "server4"}}), first));
  CHECK(device_covers(device({{"pcmk_host_list", "server4"}, {"pcmk_host_check", "dynamic-list"}}), first));
  CHECK_FALSE(device_covers(device({{"pcmk_host_map", "broken"}}), first));
  CHECK_FALSE(device_covers(device({}, {{"target-role", "Stopped"}}), first));
}

TEST_CASE("fencing: without a device the three lines that administrators know", "[model][S18]") {
  const ClusterConfig config = two_nodes();
  CHECK(fencing_missing(config, {}));
  const auto findings = fencing_findings(config, {});
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].text == "Resource start-up disabled since no STONITH resources have been defined");
  CHECK(findings[1].text == "Either configure some or disable STONITH with the stonith-enabled option");
  CHECK(findings[2].text == "NOTE: Clusters with shared data need STONITH to ensure data integrity");
  for (const Finding& finding : findings) CHECK(finding.error);
}

TEST_CASE("fencing: a node that no device covers is named; switched off is a warning", "[model][S18]") {
  ClusterConfig config = two_nodes();
  config.devices = {device({{"pcmk_host_map", "server1:Node1"}})};
  ClusterState state;
  state.devices[config.devices[0].id].verified = true;
  CHECK(uncovered_nodes(config) == std::vector<NodeId>{NodeId{4}});
  CHECK(fencing_missing(config, state));
  REQUIRE(fencing_findings(config, state).size() == 1);
  CHECK(fencing_findings(config, state)[0].text.find("server4") != std::string::npos);
  config.devices[0].parameters["pcmk_host_map"] += ";server4:Node4";
  CHECK_FALSE(fencing_missing(config, state));
  CHECK(fencing_findings(config, state).empty());
  config.devices.clear();
  config.properties["stonith-enabled"] = "false";
  CHECK_FALSE(fencing_missing(config, state));
  REQUIRE(fencing_findings(config, state).size() == 1);
  CHECK_FALSE(fencing_findings(config, state)[0].error);
}

TEST_CASE("fencing: a device that has never answered is as good as none, once is enough", "[model][S18]") {
  ClusterConfig config = two_nodes();
  config.devices = {device({{"pcmk_host_map", "server1:Node1;server4:Node4"}})};
  ClusterState state;
  CHECK(unverified_nodes(config, state) == std::vector<NodeId>{NodeId{1}, NodeId{4}});
  CHECK(fencing_missing(config, state));
  REQUIRE(fencing_findings(config, state).size() == 2);
  CHECK(fencing_findings(config, state)[1].text ==
        "Resource start-up disabled since no fence device of server4 has ever answered");
  DeviceState& known = state.devices[config.devices[0].id];
  known.seen[NodeId{1}].healthy = true;  // what a node saw is not what both recorded
  CHECK(fencing_missing(config, state));
  known.verified = true;
  known.seen[NodeId{1}].healthy = false;
  CHECK_FALSE(fencing_missing(config, state));
  CHECK(fencing_findings(config, state).empty());
  config.devices[0].parameters["pcmk_host_map"] = "server1:Node1";
  FenceDevice second = config.devices[0];
  second.id = "second";
  second.parameters["pcmk_host_map"] = "server4:Node4";
  config.devices.push_back(second);
  CHECK(unverified_nodes(config, state) == std::vector<NodeId>{NodeId{4}});
  config.properties["stonith-enabled"] = "false";
  CHECK_FALSE(fencing_missing(config, state));
}
