// SPDX-License-Identifier: Apache-2.0
// What a configuration may not contain.
#include "core/codec/config_wire.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/unit/core/codec/refusals.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using test::why_refused;

namespace {

/// A configuration that is accepted, to be spoiled.
v1::ClusterConfig good() {
  v1::ClusterConfig wire;
  put(wire, test::sample_entry().config);
  return wire;
}

template <class Spoil>
std::string spoiled(Spoil spoil) {
  v1::ClusterConfig wire = good();
  spoil(wire);
  return why_refused<ClusterConfig>(wire);
}

std::string agent(const char* standard, const char* provider, const std::string& type) {
  v1::AgentRef wire;
  wire.set_standard(standard);
  wire.set_provider(provider);
  wire.set_type(type);
  return why_refused<AgentRef>(wire);
}

}  // namespace

TEST_CASE("config wire: each refused value is named with its place", "[codec]") {
  CHECK(why_refused<ClusterConfig>(good()).empty());
  CHECK(spoiled([](auto& c) { c.mutable_primitives(1)->set_id("a b"); }).starts_with("primitives[1].id: 'a b' is not"));
  CHECK(spoiled([](auto& c) { c.mutable_groups(0)->clear_members(); }).starts_with("groups[0].members: "));
  CHECK(spoiled([](auto& c) { c.mutable_groups(0)->set_members(1, ""); }).starts_with("groups[0].members[1]: "));
  CHECK(spoiled([](auto& c) { c.mutable_locations(0)->set_score(1'000'001); }) ==
        "locations[0].score: 1000001 is not within -1000000 .. 1000000");
  CHECK(
      spoiled([](auto& c) { c.mutable_colocations(0)->set_score(-1'000'001); }).starts_with("colocations[0].score: "));
  CHECK(spoiled([](auto& c) { c.mutable_locations(0)->set_node(0); }).starts_with("locations[0].node: '0' is not"));
  CHECK(spoiled([](auto& c) { c.mutable_orders(0)->set_kind(v1::ORDER_KIND_UNSPECIFIED); }) ==
        "orders[0].kind: '0' is not a known value of this enumeration");
  CHECK(spoiled([](auto& c) {
          c.mutable_orders(0)->set_then_action(static_cast<v1::OrderAction>(3));
        }).starts_with("orders[0].then_action: '3' is not a known value"));
  CHECK(spoiled([](auto& c) {
          c.mutable_devices(0)->set_agent("../sh");
        }).starts_with("devices[0].agent: '../sh' is not"));
  CHECK(spoiled([](auto& c) {
          c.mutable_levels(0)->set_level(10);
        }).starts_with("levels[0].level: 10 is not within 1 .. 9"));
  CHECK(spoiled([](auto& c) { c.mutable_nodes(0)->set_name("a b"); }).starts_with("nodes[0].name: "));
  CHECK(spoiled([](auto& c) {
          c.mutable_primitives(0)->mutable_operations(0)->set_on_fail(static_cast<v1::OnFail>(99));
        }).starts_with("primitives[0].operations[0].on_fail: '99' is not"));
  CHECK(spoiled([](auto& c) {
          c.mutable_primitives(0)->mutable_operations(0)->set_timeout_ns(-1);
        }).starts_with("primitives[0].operations[0].timeout: -1 is not within"));
}

TEST_CASE("config wire: a list of pairs has one form only", "[codec]") {
  const auto with_pairs = [](std::initializer_list<std::pair<const char*, const char*>> pairs) {
    return spoiled([&](v1::ClusterConfig& c) {
      c.clear_properties();
      for (const auto& [name, value] : pairs) {
        v1::Pair& pair = *c.add_properties();
        pair.set_name(name);
        pair.set_value(value);
      }
    });
  };
  CHECK(with_pairs({{"a", "1"}, {"b", ""}}).empty());
  CHECK(with_pairs({{"b", "1"}, {"a", "2"}}).starts_with("properties[1].name: 'a' is not after the name before it"));
  CHECK(with_pairs({{"a", "1"}, {"a", "2"}}).starts_with("properties[1].name: "));
  CHECK(with_pairs({{"", "1"}}).starts_with("properties[0].name: "));
  CHECK(with_pairs({{"a", "\xFF"}}).starts_with("properties[0].value: "));
}

TEST_CASE("config wire: lengths and counts have their bounds", "[codec]") {
  CHECK(spoiled([](auto& c) { c.mutable_primitives(0)->mutable_parameters(0)->set_value(std::string(8193, 'x')); }) ==
        "primitives[0].parameters[0].value: 8193 is above the limit of 8192");
  CHECK(spoiled([](auto& c) {
          while (c.primitives_size() <= 1000) *c.add_primitives() = c.primitives(0);
        }) == "primitives: 1001 is above the limit of 1000");
  CHECK(spoiled([](auto& c) {
          while (c.nodes_size() <= 16) *c.add_nodes() = c.nodes(0);
        }) == "nodes: 17 is above the limit of 16");
  CHECK(spoiled([](auto& c) {
          while (c.mutable_primitives(0)->operations_size() <= 64) {
            *c.mutable_primitives(0)->add_operations() = c.primitives(0).operations(0);
          }
        }) == "primitives[0].operations: 65 is above the limit of 64");
}

TEST_CASE("config wire: agents have names that are a file in a fixed directory, or a unit", "[codec]") {
  CHECK(agent("ocf", "heartbeat", "IPaddr2").empty());
  CHECK(agent("systemd", "", "getty@tty1").empty());
  CHECK(agent("systemd", "", "dev-disk-by\\x2duuid.mount").empty());
  CHECK(agent("lsb", "", "haproxy").empty());
  CHECK(agent("stonith", "", "fence_xvm").empty());
  CHECK(agent("upstart", "", "x").starts_with("standard: 'upstart' is not one of"));
  CHECK(agent("", "", "x").starts_with("standard: "));
  CHECK(agent("ocf", "", "IPaddr2").starts_with("provider: "));
  CHECK(agent("systemd", "heartbeat", "x").starts_with("provider: "));
  CHECK(agent("ocf", "heartbeat", "../../bin/sh").starts_with("type: "));
  CHECK(agent("ocf", "heartbeat", ".hidden").starts_with("type: "));
  CHECK(agent("ocf", "heartbeat", "-x").starts_with("type: "));
  CHECK(agent("ocf", "heartbeat", "a@b").starts_with("type: "));
  CHECK(agent("ocf", "..", "x").starts_with("provider: "));
  CHECK(agent("lsb", "", "a/b").starts_with("type: "));
  CHECK(agent("systemd", "", "a/b").starts_with("type: "));
  CHECK(agent("systemd", "", "").starts_with("type: "));
  // What duet-execd would refuse is no configuration: a template without an instance, an instance without a template.
  CHECK(agent("systemd", "", "getty@").starts_with("type: "));
  CHECK(agent("systemd", "", "@tty1").starts_with("type: "));
  CHECK(agent("lsb", "", std::string(65, 'a')) == "type: 65 is above the limit of 64");
}

TEST_CASE("config wire: a commit has hashes that can be hashes, and a typed command of bounded length", "[codec]") {
  v1::ConfigEntry wire;
  put(wire, test::sample_entry());
  CHECK(why_refused<ConfigEntry>(wire).empty());
  v1::ConfigEntry other = wire;
  other.set_hash("abc");
  CHECK(why_refused<ConfigEntry>(other).starts_with("hash: 'abc' is not"));
  other = wire;
  other.set_command(std::string(8193, 'x'));
  CHECK(why_refused<ConfigEntry>(other) == "command: 8193 is above the limit of 8192");
  other = wire;
  other.set_author("a\nb");
  CHECK(why_refused<ConfigEntry>(other).starts_with("author: 'a\\nb' is not"));
}
