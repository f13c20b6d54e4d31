// SPDX-License-Identifier: Apache-2.0
// Changes of resources that exist: delete, enable, disable, restart, move, ban, clear, manage, cleanup.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/arguments.hpp"
#include "cli/commands/change.hpp"
#include "cli/commands/deleting.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/commands/wait.hpp"
#include "cli/grammar/words.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

Outcome<void> need_all(const ClusterConfig& config, const std::vector<std::string>& ids, Wanted wanted) {
  for (const auto& id : ids) {
    if (auto found = need(config, id, wanted); !found) return found;
  }
  return {};
}

Goal goal_of_all(const ClusterConfig& config, const std::vector<std::string>& ids) {
  Goal goal;
  for (const auto& id : ids) {
    for (auto& primitive : primitives_of(config, id)) goal.ids.push_back(std::move(primitive));
  }
  goal.named = join(ids, "', '");
  goal.say_where = true;
  return goal;
}

/// One meta attribute of several resources, in one commit. An empty value removes it.
Outcome<Exit> set_meta(Shell& shell, const Invocation& call, const std::string& name, const std::string& value) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  if (auto found = need_all(config, call.args, Wanted::resource); !found) return tl::unexpected(found.error());
  std::vector<ConfigEdit> edits;
  for (const auto& id : call.args) edits.emplace_back(UpdateResource{id, {}, {{name, value}}, {}});
  Goal goal = goal_of_all(config, call.args);
  goal.stopped = name == "target-role" && value == "Stopped";
  return submit(shell, call, {.body = std::move(edits), .goal = std::move(goal)});
}

/// The node that a command means without naming it: where the resource runs.
Outcome<NodeId> where_it_runs(const ClusterView& view, const std::string& id) {
  const auto nodes = active_nodes(view, primitives_of(view.effective, id));
  if (nodes.size() == 1) return nodes.front();
  return failure({.code = Exit::failed,
                  .what = fmt::format("{} {}", id, nodes.empty() ? "does not run" : "runs on more than one node"),
                  .fix = "name the node",
                  .subject = id});
}

/// A member moves with its group.
std::string unit_of(const ClusterConfig& config, const std::string& id) {
  const Group* group = config.group_of(id);
  return group == nullptr ? id : group->id;
}

Outcome<void> no_lifetime(const Invocation& call, const Filters& filters) {
  if (!call.has("lifetime") && !filters.values.contains("lifetime")) return {};
  return failure({.code = Exit::usage,
                  .id = "E25",
                  .what = "a life time of a ban is not available in this version yet",
                  .fix = "without one it stays until: duet resource clear ID"});
}

Outcome<NodeId> other_node(const ClusterView& view, NodeId node) {
  for (const auto& other : view.effective.nodes) {
    if (other.id != node) return other.id;
  }
  return failure({.code = Exit::failed, .what = "there is no other node"});
}

}  // namespace

Outcome<Exit> resource_enable(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  for (const auto& id : call.args) {
    const Group* group = (*view)->effective.group_of(id);
    if (group == nullptr || !group->meta.contains("target-role")) continue;
    if (std::find(call.args.begin(), call.args.end(), group->id) != call.args.end()) continue;
    if (group->meta.at("target-role") == "Stopped") {
      shell.warn(fmt::format("its group {} is disabled, so {} stays stopped", group->id, id),
                 fmt::format("duet resource enable {}", group->id));
    }
  }
  return set_meta(shell, call, "target-role", "");
}

Outcome<Exit> resource_disable(Shell& shell, const Invocation& call) {
  return set_meta(shell, call, "target-role", "Stopped");
}

Outcome<Exit> resource_safe_disable(Shell& shell, const Invocation& call) {
  Invocation safe = call;
  safe.options.emplace_back("safe", "");
  return set_meta(shell, safe, "target-role", "Stopped");
}

Outcome<Exit> resource_restart(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  const std::string& id = call.args[0];
  if (auto found = need(config, id, Wanted::resource); !found) return tl::unexpected(found.error());
  for (const auto& member : primitives_of(config, id)) {
    if (!resource_options(config, *config.primitive(member)).stopped) continue;
    return failure({.code = Exit::failed,
                    .what = fmt::format("{} is disabled", member),
                    .fix = fmt::format("duet resource enable {}", member),
                    .subject = member});
  }
  auto limit = wait_limit(call);
  if (!limit) return tl::unexpected(limit.error());
  Goal goal = goal_of_all(config, {id});
  goal.stopped = true;
  std::vector<ConfigEdit> stop{UpdateResource{id, {}, {{"target-role", "Stopped"}}, {}}};
  if (call.has("dry-run")) return submit(shell, call, {.body = std::move(stop), .goal = std::move(goal)});
  auto stopped = send_change(shell, call, std::move(stop), false);
  if (!stopped) return tl::unexpected(stopped.error());
  goal.say_where = false;
  const auto down = wait_for(shell, goal, *limit);
  std::vector<ConfigEdit> start{UpdateResource{id, {}, {{"target-role", ""}}, {}}};
  auto started = send_change(shell, call, std::move(start), false);  // also if it did not stop: it is wanted again
  if (!started) return tl::unexpected(started.error());
  if (!down) return down;
  goal.stopped = false;
  auto up = wait_for(shell, goal, *limit);
  if (up && *up == Exit::ok) shell.out(fmt::format("{} successfully restarted\n", id));
  return up;
}

Outcome<Exit> resource_delete(Shell& shell, const Invocation& call) {
  return delete_objects(shell, call, Wanted::resource);
}

Outcome<Exit> resource_move(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  auto filters = take_filters(call.args, {"lifetime"});
  if (!filters) return tl::unexpected(filters.error());
  if (filters->rest.empty() || filters->rest.size() > 2) return usage_failure("'resource move' needs ID [NODE]");
  const std::string& typed = filters->rest[0];
  if (auto found = need(config, typed, Wanted::resource); !found) return tl::unexpected(found.error());
  if (call.has("lifetime") || filters->values.contains("lifetime")) {
    shell.note("Note: lifetime has no effect: a move leaves no constraint\n");
  }
  const std::string id = unit_of(config, typed);
  if (id != typed) shell.note(fmt::format("Note: {} moves with its group {}\n", typed, id));
  const auto running = active_nodes(**view, primitives_of(config, id));
  Outcome<NodeId> target = NodeId{};
  if (filters->rest.size() == 2) {
    target = find_node(config, filters->rest[1]);
  } else {
    auto from = where_it_runs(**view, id);
    if (!from) return tl::unexpected(from.error());
    target = other_node(**view, *from);
  }
  if (!target) return tl::unexpected(target.error());
  Goal goal = goal_of_all(config, {id});
  goal.named = typed;
  goal.target = *target;
  if (running == std::vector{*target} && !call.has("dry-run")) {
    shell.note(fmt::format("{} is on {} already\n", typed, config.node_name(*target)));
    return Exit::ok;
  }
  Invocation strict = call;  // pcs: fail if other resources would be affected
  if (call.has("strict")) strict.options.emplace_back("safe", "");
  const ClusterAction request = MoveResource{id, *target};
  return submit(shell, strict, {.body = request, .goal = std::move(goal)});
}

Outcome<Exit> resource_move_with_constraint(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  auto filters = take_filters(call.args, {"lifetime"});
  if (!filters) return tl::unexpected(filters.error());
  if (filters->rest.empty() || filters->rest.size() > 2) return usage_failure("give ID [NODE]");
  if (auto good = no_lifetime(call, *filters); !good) return tl::unexpected(good.error());
  if (filters->rest.size() == 1) return resource_ban(shell, call);  // as pcs: away from where it runs
  const std::string& id = filters->rest[0];
  if (auto found = need(config, id, Wanted::resource); !found) return tl::unexpected(found.error());
  auto node = find_node(config, filters->rest[1]);
  if (!node) return tl::unexpected(node.error());
  Goal goal = goal_of_all(config, {id});
  goal.target = *node;
  std::vector<ConfigEdit> edits{AddLocation{{fmt::format("cli-prefer-{}", id), id, *node, Score::infinity()}}};
  return submit(shell, call, {.body = std::move(edits), .goal = std::move(goal)});
}

Outcome<Exit> resource_ban(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  auto filters = take_filters(call.args, {"lifetime"});
  if (!filters) return tl::unexpected(filters.error());
  if (filters->rest.empty() || filters->rest.size() > 2) return usage_failure("'resource ban' needs ID [NODE]");
  if (auto good = no_lifetime(call, *filters); !good) return tl::unexpected(good.error());
  const std::string& id = filters->rest[0];
  if (auto found = need(config, id, Wanted::resource); !found) return tl::unexpected(found.error());
  auto node = filters->rest.size() == 2 ? find_node(config, filters->rest[1]) : where_it_runs(**view, id);
  if (!node) return tl::unexpected(node.error());
  const std::string name = config.node_name(*node);
  const std::string constraint = fmt::format("cli-ban-{}-on-{}", id, name);
  const bool known = std::any_of(config.locations.begin(), config.locations.end(),
                                 [&](const LocationConstraint& c) { return c.id == constraint; });
  if (known) return unchanged(shell);
  if (!call.has("dry-run")) {
    shell.warn(
        fmt::format("{} will not run on {} any more, not even if it is the last node; this is permanent", id, name),
        fmt::format("duet resource clear {} {}", id, name));
  }
  Goal goal = goal_of_all(config, {id});
  goal.leave = *node;
  std::vector<ConfigEdit> edits{AddLocation{{constraint, id, *node, Score::minus_infinity()}}};
  return submit(shell, call, {.body = std::move(edits), .goal = std::move(goal)});
}

Outcome<Exit> resource_clear(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  const std::string& id = call.args[0];
  if (auto found = need(config, id, Wanted::resource); !found) return tl::unexpected(found.error());
  ClearResource edit{id, std::nullopt};
  if (call.args.size() == 2) {
    auto node = find_node(config, call.args[1]);
    if (!node) return tl::unexpected(node.error());
    edit.node = *node;
  }
  std::string text;
  for (const auto& location : config.locations) {
    const bool ours = location.id.starts_with("cli-ban-") || location.id.starts_with("cli-prefer-");
    if (!ours || location.resource != id || (edit.node && *edit.node != location.node)) continue;
    text += fmt::format("Removing constraint: {}\n", location.id);
  }
  if (text.empty() || call.has("expired")) return unchanged(shell);
  std::vector<ConfigEdit> edits{std::move(edit)};
  return submit(shell, call, {.body = std::move(edits), .stdout_text = std::move(text)});
}

namespace {

Outcome<Exit> set_managed(Shell& shell, const Invocation& call, bool managed) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  if (auto found = need_all(config, call.args, Wanted::resource); !found) return tl::unexpected(found.error());
  std::vector<ConfigEdit> edits;
  for (const auto& id : call.args) {
    edits.emplace_back(UpdateResource{id, {}, {{"is-managed", managed ? "" : "false"}}, {}});
    if (!call.has("monitor")) continue;
    for (const auto& member : primitives_of(config, id)) {
      std::vector<Operation> monitors;
      for (auto operation : config.primitive(member)->operations) {
        if (operation.action != "monitor" || operation.enabled == managed) continue;
        operation.enabled = managed;
        monitors.push_back(std::move(operation));
      }
      if (!monitors.empty()) edits.emplace_back(UpdateResource{member, {}, {}, std::move(monitors)});
    }
  }
  return submit(shell, call, {.body = std::move(edits)});
}

/// "Cleaned up VIP on server1" for each pair.
std::string cleaned_text(const ClusterView& view, const CleanupResource& action) {
  if (!action.id) return "Cleaned up all resources on all nodes\n";
  const Group* group = action.strict ? nullptr : view.effective.group_of(*action.id);
  std::string text;
  for (const auto& id : primitives_of(view.effective, group == nullptr ? *action.id : group->id)) {
    for (const auto& node : view.effective.nodes) {
      if (action.node && *action.node != node.id) continue;
      text += fmt::format("Cleaned up {} on {}\n", id, node.name);
    }
  }
  return text;
}

Outcome<Exit> clean(Shell& shell, const Invocation& call, bool refresh) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  auto filters = take_filters(call.args, {"node", "operation", "interval"});
  if (!filters) return tl::unexpected(filters.error());
  if (filters->rest.size() > 1) return usage_failure("at most one id can be given");
  if (filters->values.contains("operation") || filters->values.contains("interval")) {
    shell.note("Note: all failures of the resource are cleaned up together\n");
  }
  CleanupResource action;
  action.refresh = refresh;
  action.strict = call.has("strict");
  std::string node = call.value("node").value_or("");
  if (filters->values.contains("node")) node = filters->values["node"];
  if (!node.empty()) {
    auto found = find_node(config, node);
    if (!found) return tl::unexpected(found.error());
    action.node = *found;
  }
  if (!filters->rest.empty()) {
    action.id = filters->rest[0];
    if (auto found = need(config, *action.id, Wanted::resource_or_device); !found) return tl::unexpected(found.error());
  }
  const std::string text = cleaned_text(**view, action);
  Goal goal;
  if (action.id) goal = goal_of_all(config, {*action.id});
  const ClusterAction request = std::move(action);
  return submit(shell, call, {.body = request, .goal = std::move(goal), .stdout_text = text});
}

}  // namespace

Outcome<Exit> resource_manage(Shell& shell, const Invocation& call) {
  return set_managed(shell, call, true);
}
Outcome<Exit> resource_unmanage(Shell& shell, const Invocation& call) {
  return set_managed(shell, call, false);
}
Outcome<Exit> resource_cleanup(Shell& shell, const Invocation& call) {
  return clean(shell, call, false);
}
Outcome<Exit> resource_refresh(Shell& shell, const Invocation& call) {
  return clean(shell, call, true);
}

}  // namespace duet::cli
