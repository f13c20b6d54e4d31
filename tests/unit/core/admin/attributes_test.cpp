// SPDX-License-Identifier: Apache-2.0
// Properties, defaults, node attributes, first configuration.
#include "tests/unit/core/admin/sample.hpp"

using namespace duet;
using namespace duet::test;

namespace {

SetAttributes set(AttributeScope scope, Attributes values) {
  return {scope, std::move(values)};
}

}  // namespace

TEST_CASE("properties: set, same again, unset, both spellings are one", "[admin]") {
  const auto off = set(AttributeScope::properties, {{"stonith-enabled", "false"}});
  const ClusterConfig config = good(sample(), off);
  CHECK(config.properties == Attributes{{"stonith-enabled", "false"}});
  CHECK(is_unchanged(config, off));
  CHECK(is_unchanged(config, set(AttributeScope::properties, {{"fencing-enabled", "false"}})));
  CHECK(good(config, set(AttributeScope::properties, {{"fencing-enabled", "true"}})).properties ==
        Attributes{{"stonith-enabled", "true"}});
  CHECK(good(config, set(AttributeScope::properties, {{"stonith-enabled", ""}})).properties.empty());
  CHECK(is_unchanged(sample(), set(AttributeScope::properties, {{"stonith-enabled", ""}})));
}

TEST_CASE("properties: a slip is refused with the nearest name", "[admin][E04]") {
  const Error error = bad(sample(), set(AttributeScope::properties, {{"no-quorum-policyy", "stop"}}));
  CHECK(error.what == "no property 'no-quorum-policyy'");
  CHECK(error.fix == "did you mean 'no-quorum-policy'?");
  CHECK(bad(sample(), set(AttributeScope::properties, {{"stonith-enabled", "maybe"}})).fix == "true or false");
}

TEST_CASE("properties: an error that was there before does not forbid other changes", "[admin]") {
  ClusterConfig config = sample();
  config.properties["from-a-later-version"] = "1";
  CHECK(good(config, set(AttributeScope::properties, {{"stonith-enabled", "false"}})).properties.size() == 2);
  CHECK(good(config, set(AttributeScope::properties, {{"from-a-later-version", ""}})).properties.empty());
}

TEST_CASE("defaults: of resources and operations", "[admin]") {
  CHECK(good(sample(), set(AttributeScope::resource_defaults, {{"resource-stickiness", "100"}}))
            .resource_defaults.size() == 1);
  CHECK(good(sample(), set(AttributeScope::operation_defaults, {{"timeout", "60"}})).operation_defaults.size() == 1);
  CHECK(bad(sample(), set(AttributeScope::operation_defaults, {{"on-fail", "explode"}})).code ==
        Errc::invalid_argument);
}

TEST_CASE("node attributes: on one or both nodes", "[admin]") {
  const ClusterConfig config = good(sample(), SetNodeAttributes{{NodeId{1}, NodeId{4}}, {{"standby", "on"}}});
  CHECK(node_options(config.nodes[0]).standby);
  CHECK(node_options(config.nodes[1]).standby);
  CHECK(is_unchanged(config, SetNodeAttributes{{NodeId{1}}, {{"standby", "on"}}}));
  CHECK(good(config, SetNodeAttributes{{NodeId{1}, NodeId{4}}, {{"standby", ""}}}) == sample());
  CHECK(bad(sample(), SetNodeAttributes{{NodeId{9}}, {{"standby", "on"}}}).code == Errc::not_found);
  CHECK(bad(sample(), SetNodeAttributes{{NodeId{1}}, {{"standby", "often"}}}).code == Errc::invalid_argument);
}

TEST_CASE("init: exactly two nodes, once", "[admin][E26]") {
  const std::vector<Node> two{{NodeId{4}, "server4", {}}, {NodeId{1}, "server1", {}}};
  const ClusterConfig config = good({}, InitCluster{"TestCluster", two});
  CHECK(config.nodes[0].id == NodeId{1});
  CHECK(is_unchanged(config, InitCluster{"TestCluster", config.nodes}));
  CHECK(bad(config, InitCluster{"Other", config.nodes}).code == Errc::exists);
  std::vector<Node> three = two;
  three.push_back({NodeId{5}, "server5", {}});
  CHECK(bad({}, InitCluster{"X", three}).what == "a cluster has exactly two nodes; 3 given");
  CHECK(bad({}, InitCluster{"X", {two[0]}}).what == "a cluster has exactly two nodes; 1 given");
}
