// SPDX-License-Identifier: Apache-2.0
// Configuration, message by message: put() writes fields in the order of the schema, take() checks each of them.
#include "core/codec/config_wire.hpp"

#include <algorithm>
#include <array>

#include "core/agentapi/agent_name.hpp"
#include "core/base/limits.hpp"
#include "core/codec/enums.hpp"

namespace duet::v1 {

namespace {

void take_unit_name(Check& check, const char* field, const std::string& wire, std::string& out) {
  if (!check.within(field, wire.size(), limits::unit_name_length)) return;
  if (!duet::unit_name(wire)) return check.refuse(field, wire, "the name of a unit");
  out = wire;
}

void take_score(Check& check, std::int32_t wire, duet::Score& out) {
  std::int32_t value = 0;
  check.number("score", wire, -duet::Score::infinite, duet::Score::infinite, value);
  out = duet::Score{value};
}

}  // namespace

void take_agent_name(Check& check, const char* field, const std::string& wire, std::string& out) {
  if (!check.within(field, wire.size(), limits::agent_name_length)) return;
  if (!is_agent_name(wire)) {
    return check.refuse(field, wire, "the name of an agent: letters, digits, '_', '.', '-', no leading '.' or '-'");
  }
  out = wire;
}

void put_attributes(Repeated<Pair>& wire, const duet::Attributes& values) {
  for (const auto& [name, value] : values) {
    Pair& pair = *wire.Add();
    pair.set_name(name);
    pair.set_value(value);
  }
}

void take_attributes(Check& check, const char* field, const Repeated<Pair>& wire, duet::Attributes& out) {
  const auto size = static_cast<std::size_t>(wire.size());
  if (!check.within(field, size, limits::parameters_per_resource)) return;
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, field, i};
    const Pair& pair = wire.Get(static_cast<int>(i));
    if (i > 0 && pair.name() <= wire.Get(static_cast<int>(i) - 1).name()) {
      check.refuse("name", pair.name(), "after the name before it: pairs are strictly ascending");
    }
    std::string name;
    std::string value;
    check.name("name", pair.name(), name);
    check.text("value", pair.value(), limits::parameter_value_length, value);
    out.emplace_hint(out.end(), std::move(name), std::move(value));
  }
}

void put(AgentRef& wire, const duet::AgentRef& value) {
  wire.set_standard(value.standard);
  wire.set_provider(value.provider);
  wire.set_type(value.type);
}

void take(Check& check, const AgentRef& wire, duet::AgentRef& value) {
  constexpr std::array<std::string_view, 5> standards{"ocf", "systemd", "service", "lsb", "stonith"};
  if (std::find(standards.begin(), standards.end(), wire.standard()) == standards.end()) {
    return check.refuse("standard", wire.standard(), "one of ocf, systemd, service, lsb, stonith");
  }
  value.standard = wire.standard();
  if (value.standard == "ocf") {
    take_agent_name(check, "provider", wire.provider(), value.provider);
  } else if (!wire.provider().empty()) {
    check.refuse("provider", wire.provider(), "empty, as it must be for all but ocf");
  }
  const bool unit = value.standard == "systemd" || value.standard == "service";
  if (unit) {
    take_unit_name(check, "type", wire.type(), value.type);
  } else {
    take_agent_name(check, "type", wire.type(), value.type);
  }
}

void put(Operation& wire, const duet::Operation& value) {
  wire.set_action(value.action);
  wire.set_interval_ns(value.interval.count());
  if (value.timeout) wire.set_timeout_ns(value.timeout->count());
  if (value.on_fail) wire.set_on_fail(to_wire(*value.on_fail));
  wire.set_disabled(!value.enabled);
  wire.set_start_delay_ns(value.start_delay.count());
  put_attributes(*wire.mutable_extra(), value.extra);
}

void take(Check& check, const Operation& wire, duet::Operation& value) {
  check.name("action", wire.action(), value.action);
  check.duration("interval", wire.interval_ns(), value.interval);
  if (wire.has_timeout_ns()) check.duration("timeout", wire.timeout_ns(), value.timeout.emplace());
  if (wire.has_on_fail()) take_enum(check, "on_fail", wire.on_fail(), value.on_fail.emplace());
  value.enabled = !wire.disabled();
  check.duration("start_delay", wire.start_delay_ns(), value.start_delay);
  take_attributes(check, "extra", wire.extra(), value.extra);
}

void put(Primitive& wire, const duet::Primitive& value) {
  wire.set_id(value.id);
  put(*wire.mutable_agent(), value.agent);
  put_attributes(*wire.mutable_parameters(), value.parameters);
  put_list(*wire.mutable_operations(), value.operations);
  put_attributes(*wire.mutable_meta(), value.meta);
}

void take(Check& check, const Primitive& wire, duet::Primitive& value) {
  check.id("id", wire.id(), value.id);
  take_part(check, "agent", wire.agent(), value.agent);
  take_attributes(check, "parameters", wire.parameters(), value.parameters);
  take_list(check, "operations", wire.operations(), limits::operations_per_resource, value.operations);
  take_attributes(check, "meta", wire.meta(), value.meta);
}

void put(Group& wire, const duet::Group& value) {
  wire.set_id(value.id);
  put_ids(*wire.mutable_members(), value.members);
  put_attributes(*wire.mutable_meta(), value.meta);
}

void take(Check& check, const Group& wire, duet::Group& value) {
  check.id("id", wire.id(), value.id);
  if (wire.members().empty()) check.refuse("members", {}, "a list of members: it is empty");
  take_ids(check, "members", wire.members(), limits::resources, value.members);
  take_attributes(check, "meta", wire.meta(), value.meta);
}

void put(LocationConstraint& wire, const duet::LocationConstraint& value) {
  wire.set_id(value.id);
  wire.set_resource(value.resource);
  wire.set_node(value.node.get());
  wire.set_score(value.score.value());
}

void take(Check& check, const LocationConstraint& wire, duet::LocationConstraint& value) {
  check.id("id", wire.id(), value.id);
  check.id("resource", wire.resource(), value.resource);
  check.node("node", wire.node(), value.node);
  take_score(check, wire.score(), value.score);
}

void put(ColocationConstraint& wire, const duet::ColocationConstraint& value) {
  wire.set_id(value.id);
  wire.set_resource(value.resource);
  wire.set_with(value.with);
  wire.set_score(value.score.value());
}

void take(Check& check, const ColocationConstraint& wire, duet::ColocationConstraint& value) {
  check.id("id", wire.id(), value.id);
  check.id("resource", wire.resource(), value.resource);
  check.id("with", wire.with(), value.with);
  take_score(check, wire.score(), value.score);
}

void put(OrderConstraint& wire, const duet::OrderConstraint& value) {
  wire.set_id(value.id);
  wire.set_first(value.first);
  wire.set_then(value.then);
  wire.set_first_action(to_wire(value.first_action));
  wire.set_then_action(to_wire(value.then_action));
  wire.set_kind(to_wire(value.kind));
  wire.set_symmetrical(value.symmetrical);
}

void take(Check& check, const OrderConstraint& wire, duet::OrderConstraint& value) {
  check.id("id", wire.id(), value.id);
  check.id("first", wire.first(), value.first);
  check.id("then", wire.then(), value.then);
  take_enum(check, "first_action", wire.first_action(), value.first_action);
  take_enum(check, "then_action", wire.then_action(), value.then_action);
  take_enum(check, "kind", wire.kind(), value.kind);
  value.symmetrical = wire.symmetrical();
}

void put(FenceDevice& wire, const duet::FenceDevice& value) {
  wire.set_id(value.id);
  wire.set_agent(value.agent);
  put_attributes(*wire.mutable_parameters(), value.parameters);
  put_list(*wire.mutable_operations(), value.operations);
  put_attributes(*wire.mutable_meta(), value.meta);
}

void take(Check& check, const FenceDevice& wire, duet::FenceDevice& value) {
  check.id("id", wire.id(), value.id);
  take_agent_name(check, "agent", wire.agent(), value.agent);
  take_attributes(check, "parameters", wire.parameters(), value.parameters);
  take_list(check, "operations", wire.operations(), limits::operations_per_resource, value.operations);
  take_attributes(check, "meta", wire.meta(), value.meta);
}

void put(FenceLevel& wire, const duet::FenceLevel& value) {
  wire.set_target(value.target.get());
  wire.set_level(value.level);
  put_ids(*wire.mutable_devices(), value.devices);
}

void take(Check& check, const FenceLevel& wire, duet::FenceLevel& value) {
  check.node("target", wire.target(), value.target);
  check.number("level", wire.level(), 1, 9, value.level);
  take_ids(check, "devices", wire.devices(), limits::resources, value.devices);
}

void put(Node& wire, const duet::Node& value) {
  wire.set_id(value.id.get());
  wire.set_name(value.name);
  put_attributes(*wire.mutable_attributes(), value.attributes);
}

void take(Check& check, const Node& wire, duet::Node& value) {
  check.node("id", wire.id(), value.id);
  check.node_name("name", wire.name(), value.name);
  take_attributes(check, "attributes", wire.attributes(), value.attributes);
}

void put(ClusterConfig& wire, const duet::ClusterConfig& value) {
  wire.set_name(value.name);
  put_list(*wire.mutable_nodes(), value.nodes);
  put_attributes(*wire.mutable_properties(), value.properties);
  put_attributes(*wire.mutable_resource_defaults(), value.resource_defaults);
  put_attributes(*wire.mutable_operation_defaults(), value.operation_defaults);
  put_list(*wire.mutable_primitives(), value.primitives);
  put_list(*wire.mutable_groups(), value.groups);
  put_list(*wire.mutable_locations(), value.locations);
  put_list(*wire.mutable_colocations(), value.colocations);
  put_list(*wire.mutable_orders(), value.orders);
  put_list(*wire.mutable_devices(), value.devices);
  put_list(*wire.mutable_levels(), value.levels);
}

void take(Check& check, const ClusterConfig& wire, duet::ClusterConfig& value) {
  check.name_or_empty("name", wire.name(), value.name);
  take_list(check, "nodes", wire.nodes(), limits::nodes, value.nodes);
  for (std::size_t i = 1; i < value.nodes.size(); ++i) {
    if (value.nodes[i].id <= value.nodes[i - 1].id) {
      check.refuse("nodes", std::to_string(value.nodes[i].id.get()), "after the id before it: nodes are ascending");
    }
  }
  take_attributes(check, "properties", wire.properties(), value.properties);
  take_attributes(check, "resource_defaults", wire.resource_defaults(), value.resource_defaults);
  take_attributes(check, "operation_defaults", wire.operation_defaults(), value.operation_defaults);
  take_list(check, "primitives", wire.primitives(), limits::resources, value.primitives);
  take_list(check, "groups", wire.groups(), limits::resources, value.groups);
  take_list(check, "locations", wire.locations(), limits::constraints, value.locations);
  take_list(check, "colocations", wire.colocations(), limits::constraints, value.colocations);
  take_list(check, "orders", wire.orders(), limits::constraints, value.orders);
  take_list(check, "devices", wire.devices(), limits::resources, value.devices);
  take_list(check, "levels", wire.levels(), limits::resources, value.levels);
}

void put(ConfigPosition& wire, const duet::ConfigPosition& value) {
  wire.set_epoch(value.epoch);
  wire.set_index(value.index);
}

void take(Check& /*check*/, const ConfigPosition& wire, duet::ConfigPosition& value) {
  value.epoch = wire.epoch();
  value.index = wire.index();
}

void put(ConfigEntry& wire, const duet::ConfigEntry& value) {
  put(*wire.mutable_position(), value.position);
  wire.set_previous_hash(value.previous_hash);
  wire.set_hash(value.hash);
  wire.set_author(value.author);
  wire.set_command(value.command);
  wire.set_unix_ms(value.unix_ms);
  put(*wire.mutable_config(), value.config);
}

void take(Check& check, const ConfigEntry& wire, duet::ConfigEntry& value) {
  take_part(check, "position", wire.position(), value.position);
  check.digest_or_empty("previous_hash", wire.previous_hash(), value.previous_hash);
  check.digest_or_empty("hash", wire.hash(), value.hash);
  check.name_or_empty("author", wire.author(), value.author);
  check.text("command", wire.command(), limits::command_length, value.command);
  check.wall_time("unix_ms", wire.unix_ms(), value.unix_ms);
  take_part(check, "config", wire.config(), value.config);
}

}  // namespace duet::v1
