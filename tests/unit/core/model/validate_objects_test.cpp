// SPDX-License-Identifier: Apache-2.0
// Nodes, ids, references, groups, levels.
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/unit/core/model/valid.hpp"

using namespace duet;
using test::finds;

TEST_CASE("validate: a third node is refused in the known words", "[model][E26]") {
  ClusterConfig config = test::valid_config();
  config.nodes.push_back({NodeId{5}, "server5", {}});
  CHECK(finds(config, "a cluster has exactly two nodes; 3 given", true));
}

TEST_CASE("validate: names and ids of nodes", "[model]") {
  ClusterConfig config = test::valid_config();
  config.nodes[1].name = "server1";
  CHECK(finds(config, "two nodes have the name", true));
  config.nodes[1].name = "bad\nname";
  CHECK(finds(config, "'bad\\nname' is not a node name", true));
  config.nodes[1].name = "server4";
  config.nodes[1].id = NodeId{1};
  CHECK(finds(config, "must ascend", true));
  config.nodes[0].id = NodeId{0};
  CHECK(finds(config, "id 0", true));
}

TEST_CASE("validate: ids have a syntax and are used once over all kinds", "[model]") {
  const auto id = GENERATE("", "1x", "a b", "a\nb", "-a", "a/b", "caf\xc3\xa9");
  CAPTURE(id);
  ClusterConfig config = test::valid_config();
  config.primitives[0].id = id;
  CHECK(finds(config, "is not an id of a resource", true));
}

TEST_CASE("validate: an id of 64 characters is the longest", "[model]") {
  ClusterConfig config = test::valid_config();
  config.primitives[0].id = std::string(limits::id_length, 'a');
  CHECK(validate(config).empty());
  config.primitives[0].id += "a";
  CHECK(finds(config, "is not an id", true));
}

TEST_CASE("validate: the same id twice, whatever the kinds", "[model]") {
  for (int kind = 0; kind < 4; ++kind) {
    CAPTURE(kind);
    ClusterConfig config = test::valid_config();
    if (kind == 0) config.primitives[1].id = "A";
    if (kind == 1) config.groups[0].id = "A";
    if (kind == 2) config.devices[0].id = "A";
    if (kind == 3) config.locations.push_back({"A", "A", NodeId{1}, Score{1}});
    CHECK(finds(config, "is used twice", true));
  }
}

TEST_CASE("validate: references must lead somewhere, with the nearest name", "[model]") {
  ClusterConfig config = test::valid_config();
  config.primitives[0].id = "haproxy";
  config.locations = {{"l", "haprxy", NodeId{7}, Score{1}}};
  config.colocations = {{"c", "haproxy", "nothing", Score{1}}};
  CHECK(finds(config, "constraint l names 'haprxy': no such resource", true));
  CHECK(finds(config, "constraint l names node 7: no such node", true));
  CHECK(finds(config, "constraint c names 'nothing'", true));
  const auto findings = validate(config);
  CHECK(std::any_of(findings.begin(), findings.end(),
                    [](const Finding& f) { return f.fix == "did you mean 'haproxy'?"; }));
}

TEST_CASE("validate: groups", "[model]") {
  ClusterConfig config = test::valid_config();
  config.groups.push_back({"H", {"C"}, {}});
  CHECK(finds(config, "C is in group G and in group H", true));
  config.groups[1].members = {"A", "A"};
  CHECK(finds(config, "has A twice", true));
  config.groups[1].members = {"G"};
  CHECK(finds(config, "member 'G' is no resource", true));
  config.groups[1].members = {};
  CHECK(finds(config, "has no member", true));
}

TEST_CASE("validate: fence levels", "[model]") {
  ClusterConfig config = test::valid_config();
  config.levels = {{NodeId{1}, 1, {"vmfence"}}};
  CHECK(validate(config).empty());
  config.levels = {{NodeId{1}, 10, {"vmfence"}}};
  CHECK(finds(config, "levels are 1 to 9", true));
  config.levels = {{NodeId{1}, 1, {"vmfenc"}}};
  CHECK(finds(config, "no such fence device", true));
  config.levels = {{NodeId{1}, 1, {}}};
  CHECK(finds(config, "has no device", true));
  config.levels = {{NodeId{1}, 1, {"vmfence"}}, {NodeId{1}, 1, {"vmfence"}}};
  CHECK(finds(config, "is there twice", true));
  config.levels = {{NodeId{3}, 1, {"vmfence"}}};
  CHECK(finds(config, "no such node", true));
}

TEST_CASE("validate: more than 1,000 resources are refused", "[model][S22]") {
  ClusterConfig config = test::valid_config();
  for (std::size_t i = 0; i <= limits::resources; ++i) {
    config.primitives.push_back({"R" + std::to_string(i), {"ocf", "duet", "Dummy"}, {}, {}, {}});
  }
  CHECK(finds(config, "more than the limit of 1000", true));
}
