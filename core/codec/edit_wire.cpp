// SPDX-License-Identifier: Apache-2.0
// Edits of the configuration. Each alternative of the variant has its message; a new one breaks the build until both
// directions know it (std::visit, -Wswitch-enum).
#include "core/base/limits.hpp"
#include "core/codec/admin_wire.hpp"
#include "core/codec/enums.hpp"

namespace duet::v1 {

namespace {

void put(GroupPlace& wire, const duet::GroupPlace& value) {
  wire.set_group(value.group);
  if (value.before) wire.set_before(*value.before);
  if (value.after) wire.set_after(*value.after);
}

void take(Check& check, const GroupPlace& wire, duet::GroupPlace& value) {
  check.id("group", wire.group(), value.group);
  if (wire.has_before()) check.id("before", wire.before(), value.before.emplace());
  if (wire.has_after()) check.id("after", wire.after(), value.after.emplace());
}

/// Writes one alternative into the oneof.
struct PutEdit {
  ConfigEdit& wire;

  void operator()(const duet::CreateResource& value) const {
    CreateResource& out = *wire.mutable_create_resource();
    put(*out.mutable_primitive(), value.primitive);
    if (value.place) put(*out.mutable_place(), *value.place);
  }
  void operator()(const duet::UpdateResource& value) const {
    UpdateResource& out = *wire.mutable_update_resource();
    out.set_id(value.id);
    put_attributes(*out.mutable_parameters(), value.parameters);
    put_attributes(*out.mutable_meta(), value.meta);
    put_list(*out.mutable_operations(), value.operations);
  }
  void operator()(const duet::RemoveOperation& value) const {
    RemoveOperation& out = *wire.mutable_remove_operation();
    out.set_id(value.id);
    out.set_action(value.action);
    if (value.interval) out.set_interval_ns(value.interval->count());
  }
  void operator()(const duet::DeleteObjects& value) const {
    DeleteObjects& out = *wire.mutable_delete_objects();
    put_ids(*out.mutable_ids(), value.ids);
    out.set_if_exists(value.if_exists);
  }
  void operator()(const duet::GroupAdd& value) const {
    GroupAdd& out = *wire.mutable_group_add();
    put(*out.mutable_place(), value.place);
    put_ids(*out.mutable_members(), value.members);
  }
  void operator()(const duet::GroupRemove& value) const {
    GroupRemove& out = *wire.mutable_group_remove();
    out.set_group(value.group);
    put_ids(*out.mutable_members(), value.members);
  }
  void operator()(const duet::AddLocation& value) const {
    put(*wire.mutable_add_location()->mutable_constraint(), value.constraint);
  }
  void operator()(const duet::AddColocation& value) const {
    put(*wire.mutable_add_colocation()->mutable_constraint(), value.constraint);
  }
  void operator()(const duet::AddOrder& value) const {
    put(*wire.mutable_add_order()->mutable_constraint(), value.constraint);
  }
  void operator()(const duet::DeleteConstraints& value) const {
    put_ids(*wire.mutable_delete_constraints()->mutable_ids(), value.ids);
  }
  void operator()(const duet::ClearResource& value) const {
    ClearResource& out = *wire.mutable_clear_resource();
    out.set_id(value.id);
    if (value.node) out.set_node(value.node->get());
  }
  void operator()(const duet::SetAttributes& value) const {
    SetAttributes& out = *wire.mutable_set_attributes();
    out.set_scope(to_wire(value.scope));
    put_attributes(*out.mutable_values(), value.values);
  }
  void operator()(const duet::SetNodeAttributes& value) const {
    SetNodeAttributes& out = *wire.mutable_set_node_attributes();
    for (const NodeId node : value.nodes) out.add_nodes(node.get());
    put_attributes(*out.mutable_values(), value.values);
  }
  void operator()(const duet::CreateDevice& value) const {
    put(*wire.mutable_create_device()->mutable_device(), value.device);
  }
  void operator()(const duet::AddLevel& value) const { put(*wire.mutable_add_level()->mutable_level(), value.level); }
  void operator()(const duet::DeleteLevels& value) const {
    DeleteLevels& out = *wire.mutable_delete_levels();
    if (value.target) out.set_target(value.target->get());
    if (value.level) out.set_level(*value.level);
    put_ids(*out.mutable_devices(), value.devices);
  }
  void operator()(const duet::InitCluster& value) const {
    InitCluster& out = *wire.mutable_init_cluster();
    out.set_name(value.name);
    put_list(*out.mutable_nodes(), value.nodes);
  }
};

void take(Check& check, const CreateResource& wire, duet::CreateResource& value) {
  take_part(check, "primitive", wire.primitive(), value.primitive);
  if (!wire.has_place()) return;
  const Check::Scope scope{check, "place"};
  take(check, wire.place(), value.place.emplace());
}

void take(Check& check, const UpdateResource& wire, duet::UpdateResource& value) {
  check.id("id", wire.id(), value.id);
  take_attributes(check, "parameters", wire.parameters(), value.parameters);
  take_attributes(check, "meta", wire.meta(), value.meta);
  take_list(check, "operations", wire.operations(), limits::operations_per_resource, value.operations);
}

void take(Check& check, const RemoveOperation& wire, duet::RemoveOperation& value) {
  check.id("id", wire.id(), value.id);
  check.name("action", wire.action(), value.action);
  if (wire.has_interval_ns()) check.duration("interval", wire.interval_ns(), value.interval.emplace());
}

void take(Check& check, const DeleteObjects& wire, duet::DeleteObjects& value) {
  take_ids(check, "ids", wire.ids(), limits::resources, value.ids);
  value.if_exists = wire.if_exists();
}

void take(Check& check, const GroupAdd& wire, duet::GroupAdd& value) {
  {
    const Check::Scope scope{check, "place"};
    take(check, wire.place(), value.place);
  }
  take_ids(check, "members", wire.members(), limits::resources, value.members);
}

void take(Check& check, const GroupRemove& wire, duet::GroupRemove& value) {
  check.id("group", wire.group(), value.group);
  take_ids(check, "members", wire.members(), limits::resources, value.members);
}

void take(Check& check, const AddLocation& wire, duet::AddLocation& value) {
  take_part(check, "constraint", wire.constraint(), value.constraint);
}

void take(Check& check, const AddColocation& wire, duet::AddColocation& value) {
  take_part(check, "constraint", wire.constraint(), value.constraint);
}

void take(Check& check, const AddOrder& wire, duet::AddOrder& value) {
  take_part(check, "constraint", wire.constraint(), value.constraint);
}

void take(Check& check, const DeleteConstraints& wire, duet::DeleteConstraints& value) {
  take_ids(check, "ids", wire.ids(), limits::constraints, value.ids);
}

void take(Check& check, const ClearResource& wire, duet::ClearResource& value) {
  check.id("id", wire.id(), value.id);
  if (wire.has_node()) check.node("node", wire.node(), value.node.emplace());
}

void take(Check& check, const SetAttributes& wire, duet::SetAttributes& value) {
  take_enum(check, "scope", wire.scope(), value.scope);
  take_attributes(check, "values", wire.values(), value.values);
}

void take(Check& check, const SetNodeAttributes& wire, duet::SetNodeAttributes& value) {
  take_nodes(check, "nodes", wire.nodes(), limits::nodes, value.nodes);
  take_attributes(check, "values", wire.values(), value.values);
}

void take(Check& check, const CreateDevice& wire, duet::CreateDevice& value) {
  take_part(check, "device", wire.device(), value.device);
}

void take(Check& check, const AddLevel& wire, duet::AddLevel& value) {
  take_part(check, "level", wire.level(), value.level);
}

void take(Check& check, const DeleteLevels& wire, duet::DeleteLevels& value) {
  if (wire.has_target()) check.node("target", wire.target(), value.target.emplace());
  if (wire.has_level()) check.number("level", wire.level(), 1, 9, value.level.emplace());
  take_ids(check, "devices", wire.devices(), limits::resources, value.devices);
}

void take(Check& check, const InitCluster& wire, duet::InitCluster& value) {
  check.name("name", wire.name(), value.name);
  take_list(check, "nodes", wire.nodes(), limits::nodes, value.nodes);
}

template <class Value, class Wire>
void take_as(Check& check, const char* field, const Wire& wire, duet::ConfigEdit& out) {
  const Check::Scope scope{check, field};
  take(check, wire, out.emplace<Value>());
}

}  // namespace

void put(ConfigEdit& wire, const duet::ConfigEdit& value) {
  std::visit(PutEdit{wire}, value);
}

void take(Check& check, const ConfigEdit& wire, duet::ConfigEdit& value) {
  switch (wire.edit_case()) {
    case ConfigEdit::kCreateResource:
      return take_as<duet::CreateResource>(check, "create_resource", wire.create_resource(), value);
    case ConfigEdit::kUpdateResource:
      return take_as<duet::UpdateResource>(check, "update_resource", wire.update_resource(), value);
    case ConfigEdit::kRemoveOperation:
      return take_as<duet::RemoveOperation>(check, "remove_operation", wire.remove_operation(), value);
    case ConfigEdit::kDeleteObjects:
      return take_as<duet::DeleteObjects>(check, "delete_objects", wire.delete_objects(), value);
    case ConfigEdit::kGroupAdd:
      return take_as<duet::GroupAdd>(check, "group_add", wire.group_add(), value);
    case ConfigEdit::kGroupRemove:
      return take_as<duet::GroupRemove>(check, "group_remove", wire.group_remove(), value);
    case ConfigEdit::kAddLocation:
      return take_as<duet::AddLocation>(check, "add_location", wire.add_location(), value);
    case ConfigEdit::kAddColocation:
      return take_as<duet::AddColocation>(check, "add_colocation", wire.add_colocation(), value);
    case ConfigEdit::kAddOrder:
      return take_as<duet::AddOrder>(check, "add_order", wire.add_order(), value);
    case ConfigEdit::kDeleteConstraints:
      return take_as<duet::DeleteConstraints>(check, "delete_constraints", wire.delete_constraints(), value);
    case ConfigEdit::kClearResource:
      return take_as<duet::ClearResource>(check, "clear_resource", wire.clear_resource(), value);
    case ConfigEdit::kSetAttributes:
      return take_as<duet::SetAttributes>(check, "set_attributes", wire.set_attributes(), value);
    case ConfigEdit::kSetNodeAttributes:
      return take_as<duet::SetNodeAttributes>(check, "set_node_attributes", wire.set_node_attributes(), value);
    case ConfigEdit::kCreateDevice:
      return take_as<duet::CreateDevice>(check, "create_device", wire.create_device(), value);
    case ConfigEdit::kAddLevel:
      return take_as<duet::AddLevel>(check, "add_level", wire.add_level(), value);
    case ConfigEdit::kDeleteLevels:
      return take_as<duet::DeleteLevels>(check, "delete_levels", wire.delete_levels(), value);
    case ConfigEdit::kInitCluster:
      return take_as<duet::InitCluster>(check, "init_cluster", wire.init_cluster(), value);
    case ConfigEdit::EDIT_NOT_SET:
      return check.refuse("", {}, "an edit that is known here");
  }
}

}  // namespace duet::v1
