// SPDX-License-Identifier: Apache-2.0
// resource group add, delete, list.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/config_text.hpp"

namespace duet::cli {

namespace {

/// E06
Outcome<void> need_member(const ClusterConfig& config, const std::string& group, const std::string& id) {
  if (config.primitive(id) != nullptr) return {};
  std::vector<std::string> names;
  for (const auto& primitive : config.primitives) names.push_back(primitive.id);
  const bool is_group = config.group(id) != nullptr;
  std::string fix = did_you_mean(id, names);
  if (fix.empty()) {
    fix = is_group ? "a group cannot be a member of a group"
                   : fmt::format("create it first: duet resource create {} ...", id);
  }
  return failure({.code = Exit::not_found,
                  .id = "E06",
                  .what = fmt::format("cannot add {} to group {}: no such resource", cited(id), group),
                  .fix = fix,
                  .subject = id});
}

Outcome<void> check_members(const ClusterConfig& config, const std::string& group,
                            const std::vector<std::string>& ids) {
  for (const auto& id : ids) {
    if (auto found = need_member(config, group, id); !found) return found;
    if (std::count(ids.begin(), ids.end(), id) > 1) return usage_failure(fmt::format("{} is named twice", cited(id)));
    const Group* owner = config.group_of(id);
    if (owner == nullptr || owner->id == group) continue;
    return failure({.code = Exit::failed,
                    .what = fmt::format("cannot add '{}' to group {}: it is in group {}", id, group, owner->id),
                    .fix = fmt::format("duet resource group delete {} {}", owner->id, id),
                    .subject = id});
  }
  return {};
}

/// The members in this order, one after the other, are in the group already.
bool contains_in_order(const Group& group, const std::vector<std::string>& members) {
  const auto found = std::search(group.members.begin(), group.members.end(), members.begin(), members.end());
  return found != group.members.end();
}

}  // namespace

Outcome<Exit> group_add(Shell& shell, const Invocation& call) {
  const std::string& id = call.args[0];
  if (auto good = check_id(id, "group"); !good) return tl::unexpected(good.error());
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  if (config.primitive(id) != nullptr || config.device(id) != nullptr) {
    return failure(
        {.code = Exit::exists,
         .what = fmt::format("'{}' is the id of a {}", id, config.device(id) != nullptr ? "fence device" : "resource"),
         .fix = "choose another id for the group",
         .subject = id});
  }
  GroupAdd edit{{id, call.value("before"), call.value("after")}, {call.args.begin() + 1, call.args.end()}};
  if (edit.place.before && edit.place.after) return usage_failure("--before and --after exclude each other");
  if (auto good = check_members(config, id, edit.members); !good) return tl::unexpected(good.error());
  const Group* group = config.group(id);
  const bool placed = edit.place.before || edit.place.after;
  for (const auto& neighbour : {edit.place.before, edit.place.after}) {
    if (!neighbour) continue;
    const bool there =
        group != nullptr && std::find(group->members.begin(), group->members.end(), *neighbour) != group->members.end();
    if (!there) {
      return failure({.code = Exit::not_found, .what = fmt::format("{} is not in group {}", cited(*neighbour), id)});
    }
  }
  if (group != nullptr && !placed && contains_in_order(*group, edit.members) && !call.has("dry-run"))
    return unchanged(shell);
  if (group != nullptr && !placed) {
    for (const auto& member : edit.members) {
      if (std::find(group->members.begin(), group->members.end(), member) == group->members.end()) continue;
      return failure({.code = Exit::exists,
                      .what = fmt::format("'{}' is in group {} already", member, id),
                      .fix = "to change the order: --before ID or --after ID",
                      .subject = member});
    }
  }
  Goal goal;
  if (group != nullptr) goal.ids = group->members;
  goal.ids.insert(goal.ids.end(), edit.members.begin(), edit.members.end());
  goal.named = id;
  goal.say_where = true;
  std::vector<ConfigEdit> edits{std::move(edit)};
  return submit(shell, call, {.body = std::move(edits), .goal = std::move(goal)});
}

Outcome<Exit> group_delete(Shell& shell, const Invocation& call) {
  const std::string& id = call.args[0];
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  if (auto found = need(config, id, Wanted::group); !found) return tl::unexpected(found.error());
  const Group* group = config.group(id);
  GroupRemove edit{id, {call.args.begin() + 1, call.args.end()}};
  for (const auto& member : edit.members) {
    if (std::find(group->members.begin(), group->members.end(), member) != group->members.end()) continue;
    return failure({.code = Exit::not_found,
                    .what = fmt::format("{} is not in group {}", cited(member), id),
                    .fix = did_you_mean(member, group->members),
                    .subject = id});
  }
  std::vector<ConfigEdit> edits{std::move(edit)};
  return submit(shell, call, {.body = std::move(edits)});
}

Outcome<Exit> group_list(Shell& shell, const Invocation& /*call*/) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  if (shell.format == Format::json) {
    shell.out(config_json((*view)->effective));
    return Exit::ok;
  }
  for (const auto& group : (*view)->effective.groups) {
    shell.out(fmt::format("{}: {}\n", group.id, join(group.members, " ")));
  }
  if ((*view)->effective.groups.empty()) shell.note("No groups configured\n");
  return Exit::ok;
}

}  // namespace duet::cli
