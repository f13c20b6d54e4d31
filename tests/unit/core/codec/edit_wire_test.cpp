// SPDX-License-Identifier: Apache-2.0
// Edits of the configuration: every alternative in both directions, and what is refused.
#include <catch2/catch.hpp>

#include "core/codec/admin_wire.hpp"
#include "tests/unit/core/codec/fields.hpp"
#include "tests/unit/core/codec/refusals.hpp"

using namespace duet;
using test::why_refused;

TEST_CASE("edit wire: a fixed edit of each kind comes back as it was", "[codec]") {
  const std::vector<ConfigEdit> edits = {
      RemoveOperation{"VIP", "monitor", 30s},
      RemoveOperation{"VIP", "monitor", std::nullopt},
      DeleteObjects{{"a", "b"}, true},
      GroupAdd{{"web", "x", std::nullopt}, {"y"}},
      GroupRemove{"web", {}},
      AddLocation{{"l", "web", NodeId{1}, Score::minus_infinity()}},
      AddColocation{{"c", "a", "b", Score{-7}}},
      AddOrder{{"o", "a", "b", OrderAction::start, OrderAction::stop, OrderKind::optional, true}},
      DeleteConstraints{{"l", "c"}},
      ClearResource{"web", NodeId{4}},
      ClearResource{"web", std::nullopt},
      SetAttributes{AttributeScope::properties, {{"a", "1"}}},
      SetNodeAttributes{{NodeId{1}, NodeId{4}}, {{"standby", "on"}}},
      AddLevel{{NodeId{4}, 9, {"d"}}},
      DeleteLevels{std::nullopt, std::nullopt, {}},
      InitCluster{"pair", {{NodeId{1}, "server1", {}}, {NodeId{4}, "server4", {}}}},
  };
  for (const ConfigEdit& edit : edits) {
    CAPTURE(edit.index());
    v1::ConfigEdit wire;
    put(wire, edit);
    v1::Check check;
    ConfigEdit copy;
    take(check, wire, copy);
    CHECK(check.ok());
    CHECK(test::same(copy, edit));
  }
}

TEST_CASE("edit wire: an edit that is not known here is refused, and refused values are named", "[codec]") {
  v1::ConfigEdit wire;
  CHECK(why_refused<ConfigEdit>(wire) == ": '' is not an edit that is known here");
  wire.mutable_set_attributes();
  CHECK(why_refused<ConfigEdit>(wire) == "set_attributes.scope: '0' is not a known value of this enumeration");
  wire.mutable_group_add()->mutable_place()->set_group("web");
  wire.mutable_group_add()->mutable_place()->set_before("");
  CHECK(why_refused<ConfigEdit>(wire).starts_with("group_add.place.before: '' is not an id"));
  wire.mutable_delete_levels()->set_level(0);
  CHECK(why_refused<ConfigEdit>(wire) == "delete_levels.level: 0 is not within 1 .. 9");
  wire.mutable_set_node_attributes()->add_nodes(0);
  CHECK(why_refused<ConfigEdit>(wire).starts_with("set_node_attributes.nodes[0]: '0' is not a node id"));
  wire.mutable_init_cluster();
  CHECK(why_refused<ConfigEdit>(wire).starts_with("init_cluster.name: "));
}
