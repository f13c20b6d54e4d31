// SPDX-License-Identifier: Apache-2.0
// Groups: add (makes, extends, reorders, takes from another group) and remove.
#include <fmt/core.h>

#include <algorithm>

#include "core/admin/common.hpp"
#include "core/base/escape.hpp"

namespace duet::admin {

namespace {

bool contains(const std::vector<ObjectId>& list, std::string_view id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

Outcome check_members(const ClusterConfig& config, const GroupAdd& request) {
  const ObjectId& group = request.place.group;
  if (request.members.empty()) {
    return Error{Errc::invalid_argument,
                 fmt::format("no resource to add to group {}", escape_line(group, 80)),
                 {},
                 "duet resource group add GROUP RESOURCE..."};
  }
  for (std::size_t i = 0; i < request.members.size(); ++i) {
    const ObjectId& member = request.members[i];
    if (config.primitive(member) == nullptr) {
      const std::string_view kind = kind_of(config, member);
      const std::string shown = escape_line(member, 80);
      return kind.empty() ? Error{Errc::not_found,
                                  fmt::format("cannot add '{}' to group {}: no such resource", shown, group),
                                  {},
                                  fmt::format("create it first: duet resource create {} AGENT", shown)}
                          : Error{Errc::invalid_argument,
                                  fmt::format("cannot add '{}' to group {}: it is a {}", shown, group, kind),
                                  {},
                                  {}};
    }
    if (std::count(request.members.begin(), request.members.end(), member) > 1) {
      return Error{Errc::invalid_argument, fmt::format("{} is named twice", member), {}, {}};
    }
  }
  return std::nullopt;
}

/// Members of the group in order, with the asked ones at their place. Error if before/after is no member.
Result<std::vector<ObjectId>> arranged(const std::vector<ObjectId>& now, const GroupAdd& request) {
  std::vector<ObjectId> rest;
  for (const ObjectId& member : now) {
    if (!contains(request.members, member)) rest.push_back(member);
  }
  auto at = rest.end();
  const auto& mark = request.place.before ? request.place.before : request.place.after;
  if (mark) {
    at = std::find(rest.begin(), rest.end(), *mark);
    if (at == rest.end()) {
      return fail(Errc::not_found,
                  fmt::format("'{}' is not another member of group {}", escape_line(*mark, 80), request.place.group),
                  {}, "name a member that is not moved itself");
    }
    if (!request.place.before) ++at;
  }
  rest.insert(at, request.members.begin(), request.members.end());
  return rest;
}

}  // namespace

Outcome apply(ClusterConfig& config, const GroupAdd& request) {
  const ObjectId& id = request.place.group;
  if (auto error = taken(config, id, "group")) return error;
  if (request.place.before && request.place.after) {
    return Error{Errc::invalid_argument, "before and after cannot be given together", {}, "give one of them"};
  }
  if (auto error = check_members(config, request)) return error;

  const Group* existing = config.group(id);
  const std::vector<ObjectId> now = existing == nullptr ? std::vector<ObjectId>{} : existing->members;
  const bool placed = request.place.before || request.place.after;
  const auto inside = std::count_if(request.members.begin(), request.members.end(),
                                    [&](const ObjectId& member) { return contains(now, member); });
  if (inside > 0 && !placed) {
    std::vector<ObjectId> same;
    std::copy_if(now.begin(), now.end(), std::back_inserter(same),
                 [&](const ObjectId& member) { return contains(request.members, member); });
    if (same == request.members) return unchanged();
    const auto first = std::find_if(request.members.begin(), request.members.end(),
                                    [&](const ObjectId& member) { return contains(now, member); });
    return Error{Errc::exists,
                 fmt::format("cannot add '{}' to group {}: it is already in it", *first, id),
                 {},
                 fmt::format("to move it inside the group: duet resource group add {} {} --before ID", id, *first)};
  }
  const auto members = arranged(now, request);
  if (!members) return members.error();
  if (*members == now) return unchanged();
  for (const ObjectId& member : request.members) {
    if (!contains(now, member)) leave_group(config, member);
  }
  const auto group =
      std::find_if(config.groups.begin(), config.groups.end(), [&](const Group& item) { return item.id == id; });
  if (group == config.groups.end()) {
    config.groups.push_back({id, *members, {}});
  } else {
    group->members = *members;
  }
  return std::nullopt;
}

Outcome apply(ClusterConfig& config, const GroupRemove& request) {
  const Group* group = config.group(request.group);
  if (group == nullptr) return not_found(config, "group", request.group);
  for (const ObjectId& member : request.members) {
    if (contains(group->members, member)) continue;
    return Error{Errc::not_found,
                 fmt::format("'{}' is not in group {}", escape_line(member, 80), request.group),
                 {},
                 fmt::format("its members: {}", fmt::format("duet resource group list"))};
  }
  const std::vector<ObjectId> leaving = request.members.empty() ? group->members : request.members;
  for (const ObjectId& member : leaving) leave_group(config, member);
  return std::nullopt;
}

}  // namespace duet::admin
