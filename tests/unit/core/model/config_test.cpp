// SPDX-License-Identifier: Apache-2.0
// Look-ups and agent names.
#include "core/model/config.hpp"

#include <catch2/catch.hpp>

using namespace duet;

TEST_CASE("agent name: parsed and printed, the old double colon too", "[model]") {
  struct Row {
    const char* text;
    AgentRef agent;
    const char* printed;
  };
  const auto row = GENERATE(values<Row>({
      {"ocf:heartbeat:IPaddr2", {"ocf", "heartbeat", "IPaddr2"}, "ocf:heartbeat:IPaddr2"},
      {"ocf::heartbeat:IPaddr2", {"ocf", "heartbeat", "IPaddr2"}, "ocf:heartbeat:IPaddr2"},
      {"systemd:haproxy", {"systemd", "", "haproxy"}, "systemd:haproxy"},
      {"systemd:openvpn@site1", {"systemd", "", "openvpn@site1"}, "systemd:openvpn@site1"},
      {"lsb:foo", {"lsb", "", "foo"}, "lsb:foo"},
      {"service:foo", {"service", "", "foo"}, "service:foo"},
      {"stonith:fence_xvm", {"stonith", "", "fence_xvm"}, "stonith:fence_xvm"},
  }));
  CAPTURE(row.text);
  const auto parsed = AgentRef::parse(row.text);
  REQUIRE(parsed);
  CHECK(*parsed == row.agent);
  CHECK(parsed->text() == row.printed);
}

TEST_CASE("agent name: what could leave the agent directories is refused", "[model][security]") {
  const auto text = GENERATE("", "IPaddr2", "ocf:IPaddr2", "ocf:heartbeat:", "ocf::IPaddr2", "ocf:../x:y",
                             "ocf:heartbeat:../../bin/sh", "ocf:heartbeat:.hidden", "systemd:", "systemd:a/b",
                             "systemd:-x", "upstart:x", "ocf:a:b:c", "systemd:a b", "systemd:a\nb");
  CAPTURE(text);
  const auto parsed = AgentRef::parse(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == Errc::invalid_argument);
  CHECK_FALSE(parsed.error().fix.empty());
}

TEST_CASE("configuration: objects are found by id, nodes by id and name", "[model]") {
  ClusterConfig config;
  config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{4}, "server4", {}}};
  config.primitives.push_back({"VIP", {"ocf", "duet", "IPaddr2"}, {}, {}, {}});
  config.groups.push_back({"web", {"VIP"}, {}});
  config.devices.push_back({"vmfence", "fence_xvm", {}, {}, {}});
  CHECK(config.node(NodeId{4})->name == "server4");
  CHECK(config.node("server1")->id == NodeId{1});
  CHECK(config.node("server2") == nullptr);
  CHECK(config.node(NodeId{2}) == nullptr);
  CHECK(config.primitive("VIP")->id == "VIP");
  CHECK(config.primitive("web") == nullptr);
  CHECK(config.group("web")->members.size() == 1);
  CHECK(config.group_of("VIP")->id == "web");
  CHECK(config.group_of("other") == nullptr);
  CHECK(config.device("vmfence")->agent == "fence_xvm");
  CHECK(config.device("VIP") == nullptr);
  CHECK(config.node_name(NodeId{1}) == "server1");
  CHECK(config.node_name(NodeId{9}) == "node 9");
}
