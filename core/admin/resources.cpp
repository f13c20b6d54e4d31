// SPDX-License-Identifier: Apache-2.0
// Resources: create, update, operations, delete.
#include <fmt/core.h>

#include <algorithm>

#include "core/admin/common.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"

namespace duet::admin {

namespace {

Primitive* find_primitive(ClusterConfig& config, std::string_view id) {
  const auto it =
      std::find_if(config.primitives.begin(), config.primitives.end(), [&](const Primitive& p) { return p.id == id; });
  return it == config.primitives.end() ? nullptr : &*it;
}
Group* find_group(ClusterConfig& config, std::string_view id) {
  const auto it = std::find_if(config.groups.begin(), config.groups.end(), [&](const Group& g) { return g.id == id; });
  return it == config.groups.end() ? nullptr : &*it;
}
FenceDevice* find_device(ClusterConfig& config, std::string_view id) {
  const auto it =
      std::find_if(config.devices.begin(), config.devices.end(), [&](const FenceDevice& d) { return d.id == id; });
  return it == config.devices.end() ? nullptr : &*it;
}

/// The same id is there: unchanged if it is the same thing, else the difference.
Error same_again(const ClusterConfig& config, const Primitive& now, const CreateResource& request) {
  Difference difference;
  const Primitive& asked = request.primitive;
  if (now.agent != asked.agent) difference.add("agent", now.agent.text(), asked.agent.text(), "");
  difference.attributes(now.parameters, asked.parameters);
  Difference meta;
  meta.attributes(now.meta, asked.meta);
  for (std::size_t i = 0; i < meta.lines.size(); ++i) {
    difference.lines.push_back(meta.lines[i]);
    difference.arguments.push_back("meta " + meta.arguments[i]);
  }
  difference.operations(now.operations, asked.operations);
  if (request.place) {
    const Group* group = config.group_of(now.id);
    const std::string is = group == nullptr ? "" : group->id;
    if (is != request.place->group) difference.add("group", is, request.place->group, "");
  }
  return difference.lines.empty() ? unchanged() : exists(now.id, "duet resource update " + now.id, difference);
}

bool replace_operations(std::vector<Operation>& to, const std::vector<Operation>& operations) {
  const std::vector<Operation> before = to;
  for (const Operation& operation : operations) {
    const auto same = std::find_if(to.begin(), to.end(), [&](const Operation& item) {
      return item.action == operation.action && item.interval == operation.interval;
    });
    if (same != to.end()) {
      *same = operation;
    } else {
      to.push_back(operation);
    }
  }
  return before != to;
}

bool delete_one(ClusterConfig& config, const ObjectId& id) {
  if (config.primitive(id) != nullptr) {
    leave_group(config, id);
    drop_constraints(config, id);
    std::erase_if(config.primitives, [&](const Primitive& item) { return item.id == id; });
    return true;
  }
  if (const Group* group = config.group(id)) {
    const std::vector<ObjectId> members = group->members;
    for (const ObjectId& member : members) {
      drop_constraints(config, member);
      std::erase_if(config.primitives, [&](const Primitive& item) { return item.id == member; });
    }
    drop_constraints(config, id);
    std::erase_if(config.groups, [&](const Group& item) { return item.id == id; });
    return true;
  }
  if (config.device(id) != nullptr) {
    for (FenceLevel& level : config.levels) std::erase(level.devices, id);
    std::erase_if(config.levels, [](const FenceLevel& level) { return level.devices.empty(); });
    std::erase_if(config.devices, [&](const FenceDevice& item) { return item.id == id; });
    return true;
  }
  return false;
}

}  // namespace

Outcome apply(ClusterConfig& config, const CreateResource& request) {
  const Primitive& asked = request.primitive;
  if (auto error = taken(config, asked.id, "resource")) return error;
  if (const Primitive* now = config.primitive(asked.id)) return same_again(config, *now, request);
  config.primitives.push_back(asked);
  if (!request.place) return std::nullopt;
  return apply(config, GroupAdd{*request.place, {asked.id}});
}

Outcome apply(ClusterConfig& config, const UpdateResource& request) {
  bool changed = false;
  if (Primitive* primitive = find_primitive(config, request.id)) {
    changed = merge(primitive->parameters, request.parameters);
    changed = merge(primitive->meta, request.meta) || changed;
    changed = replace_operations(primitive->operations, request.operations) || changed;
  } else if (FenceDevice* device = find_device(config, request.id)) {
    changed = merge(device->parameters, request.parameters);
    changed = merge(device->meta, request.meta) || changed;
    changed = replace_operations(device->operations, request.operations) || changed;
  } else if (Group* group = find_group(config, request.id)) {
    if (!request.parameters.empty() || !request.operations.empty()) {
      return Error{Errc::invalid_argument,
                   fmt::format("{} is a group: it has meta attributes only", group->id),
                   {},
                   fmt::format("duet resource meta {} NAME=VALUE, or name a member: {}", group->id,
                               fmt::format("duet resource update {}", group->members.front()))};
    }
    changed = merge(group->meta, request.meta);
  } else {
    return not_found(config, "resource", request.id);
  }
  return changed ? Outcome{} : unchanged();
}

Outcome apply(ClusterConfig& config, const RemoveOperation& request) {
  std::vector<Operation>* operations = nullptr;
  if (Primitive* primitive = find_primitive(config, request.id)) operations = &primitive->operations;
  if (FenceDevice* device = find_device(config, request.id)) operations = &device->operations;
  if (operations == nullptr) return not_found(config, "resource", request.id);
  const auto removed = std::erase_if(*operations, [&](const Operation& item) {
    return item.action == request.action && (!request.interval || item.interval == *request.interval);
  });
  if (removed > 0) return std::nullopt;
  return Error{Errc::not_found,
               fmt::format("{} has no operation {}{}", request.id, escape_line(request.action, 80),
                           request.interval ? " with interval " + format_duration(*request.interval) : ""),
               {},
               fmt::format("duet resource config {}", request.id)};
}

Outcome apply(ClusterConfig& config, const DeleteObjects& request) {
  bool changed = false;
  for (const ObjectId& id : request.ids) {
    const bool deleted = delete_one(config, id);
    changed = changed || deleted;
    if (!deleted && !request.if_exists) return not_found(config, "resource", id);
  }
  return changed ? Outcome{} : unchanged();
}

}  // namespace duet::admin
