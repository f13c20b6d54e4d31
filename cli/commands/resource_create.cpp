// SPDX-License-Identifier: Apache-2.0
// resource create, update, meta, op, defaults: everything that describes a resource.
#include <fmt/core.h>

#include <algorithm>

#include "cli/agents/catalog.hpp"
#include "cli/commands/agent_check.hpp"
#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/difference.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

bool checks_parameters(const Shell& shell, const Invocation& call) {
  return !shell.force && call.value("skip-check") != "parameters";
}

/// The group and the place in it, from `--group` or the keyword.
Outcome<std::optional<GroupPlace>> group_place(const Invocation& call, const ResourceWords& words) {
  const auto group = call.has("group") ? call.value("group") : words.group;
  const auto before = call.has("before") ? call.value("before") : words.before;
  const auto after = call.has("after") ? call.value("after") : words.after;
  if (!group) {
    if (before || after) return usage_failure("--before and --after need --group");
    return std::optional<GroupPlace>{};
  }
  if (before && after) return usage_failure("--before and --after exclude each other");
  if (auto good = check_id(*group, "group"); !good) return tl::unexpected(good.error());
  return std::optional{GroupPlace{*group, before, after}};
}

/// W02
void warn_if_enabled(Shell& shell, const AgentRef& agent, const std::string& node) {
  if (agent.standard != "systemd" && agent.standard != "service") return;
  const std::string unit = unit_file_name(agent.type);
  if (!shell.machine().unit_enabled(unit)) return;
  shell.warn(fmt::format("{} is enabled at boot on {}", unit, node), fmt::format("systemctl disable {}", agent.type));
}

bool bound(const ClusterConfig& config, const std::string& a, const std::string& b) {
  const auto same = [&](const auto& x, const auto& y) { return (x == a && y == b) || (x == b && y == a); };
  return std::any_of(config.colocations.begin(), config.colocations.end(),
                     [&](const ColocationConstraint& c) { return same(c.resource, c.with); }) ||
         std::any_of(config.orders.begin(), config.orders.end(),
                     [&](const OrderConstraint& o) { return same(o.first, o.then); });
}

/// W03: an address and a service without a bond are usually a slip.
void warn_if_alone(Shell& shell, const ClusterConfig& config, const std::string& id) {
  for (const auto& other : config.primitives) {
    if (other.id == id || config.group_of(other.id) != nullptr || bound(config, other.id, id)) continue;
    shell.warn(
        fmt::format("{} and {} have no common group or constraint: they may run on different nodes", other.id, id),
        fmt::format("duet resource group add GROUP {} {}", other.id, id));
    return;
  }
}

/// Same id again: the same resource is no change, another one is E07.
Outcome<Exit> exists_already(Shell& shell, const ClusterConfig& config, const Primitive& wanted,
                             const std::optional<GroupPlace>& place) {
  const Primitive* now = config.primitive(wanted.id);
  if (now == nullptr) {
    const bool group = config.group(wanted.id) != nullptr;
    return failure({.code = Exit::exists,
                    .id = "E07",
                    .what = fmt::format("{} is already the id of a {}", wanted.id, group ? "group" : "fence device"),
                    .fix = "choose another id",
                    .subject = wanted.id});
  }
  auto lines = difference(*now, wanted);
  const Group* group = config.group_of(wanted.id);
  if (place && (group == nullptr || group->id != place->group)) {
    lines.push_back(fmt::format("group: {} (now)  {} (asked)", group == nullptr ? "-" : group->id, place->group));
  }
  if (lines.empty()) return unchanged(shell);
  std::string fix = "duet resource update " + wanted.id;
  for (const auto& word : changed_parameters(now->parameters, wanted.parameters)) fix += " " + shell_word(word);
  if (now->agent != wanted.agent) fix = fmt::format("choose another id, or first: duet resource delete {}", wanted.id);
  return failure({.code = Exit::exists,
                  .id = "E07",
                  .what = fmt::format("{} exists with other settings", wanted.id),
                  .detail = std::move(lines),
                  .fix = escape_line(fix, 300),
                  .subject = wanted.id});
}

/// Resource, its operations checked and completed, from what was typed.
Outcome<Primitive> build_primitive(Shell& shell, const Invocation& call, const ClusterView& view,
                                   ResourceWords& words) {
  auto resolved = resolve_agent(shell.agents(), call.args[1], view.node_name);
  if (!resolved) return tl::unexpected(resolved.error());
  Primitive primitive;
  primitive.id = call.args[0];
  primitive.agent = resolved->agent;
  if (resolved->assumed) {
    shell.note(fmt::format("Assumed agent name '{}' (deduced from '{}')\n", primitive.agent.text(), call.args[1]));
  }
  auto metadata = shell.agents().metadata(primitive.agent);
  if (!metadata) {
    if (!shell.force) return tl::unexpected(metadata.error());
    shell.warn(metadata.error().what);
    metadata = AgentMetadata{};
  }
  if (auto secrets = read_secrets(shell, words.parameters); !secrets) return tl::unexpected(secrets.error());
  std::vector<std::string> warnings;
  if (checks_parameters(shell, call)) {
    const ParameterCheck check{*metadata, primitive.agent.text(), primitive.id};
    if (auto good = check_parameters(check, words.parameters, warnings); !good) return tl::unexpected(good.error());
  }
  drop_empty(words.parameters);
  if (call.has("agent-validation")) {
    auto good = validate_by_agent(shell, *metadata, primitive.agent, primitive.id, words.parameters);
    if (!good) return tl::unexpected(good.error());
  }
  auto operations = with_default_operations(words.operations, *metadata, call.has("no-default-ops"));
  if (!operations) return tl::unexpected(operations.error());
  for (const auto& warning : warnings) shell.warn(warning);
  primitive.operations = std::move(*operations);
  primitive.parameters = words.parameters;
  primitive.meta = words.meta;
  drop_empty(primitive.meta);
  if (call.has("disabled")) primitive.meta["target-role"] = "Stopped";
  return primitive;
}

/// As pcs: an operation of an action that is there with another interval only changes the first such one, whose other
/// options it keeps. Completes `operations`; returns the removals that go before.
std::vector<ConfigEdit> replace_first(const Primitive& primitive, const std::vector<OperationWords>& typed,
                                      std::vector<Operation>& operations) {
  std::vector<ConfigEdit> removals;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    Operation& wanted = operations[i];
    const auto& all = primitive.operations;
    const auto same = std::find_if(all.begin(), all.end(), [&](const Operation& known) {
      return known.action == wanted.action && known.interval == wanted.interval;
    });
    const auto first =
        std::find_if(all.begin(), all.end(), [&](const Operation& known) { return known.action == wanted.action; });
    if (same != all.end() || first == all.end()) continue;
    if (!typed[i].options.contains("timeout")) wanted.timeout = first->timeout;
    if (!typed[i].options.contains("on-fail")) wanted.on_fail = first->on_fail;
    for (const auto& [name, value] : first->extra) wanted.extra.try_emplace(name, value);
    removals.emplace_back(RemoveOperation{primitive.id, first->action, first->interval});
  }
  return removals;
}

Goal goal_of(const ClusterConfig& config, const std::string& id) {
  Goal goal;
  goal.ids = primitives_of(config, id);
  if (goal.ids.empty()) goal.ids = {id};
  goal.named = id;
  goal.say_where = true;
  return goal;
}

}  // namespace

Outcome<Exit> resource_create(Shell& shell, const Invocation& call) {
  if (auto good = check_id(call.args[0], "resource"); !good) return tl::unexpected(good.error());
  auto words = parse_resource_words(call.args_from(2));
  if (!words) return tl::unexpected(words.error());
  if (auto good = typed_operations(words->operations); !good) return tl::unexpected(good.error());
  auto place = group_place(call, *words);
  if (!place) return tl::unexpected(place.error());
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  auto primitive = build_primitive(shell, call, **view, *words);
  if (!primitive) return tl::unexpected(primitive.error());
  const ClusterConfig& config = (*view)->effective;
  const bool known = config.primitive(primitive->id) != nullptr || config.group(primitive->id) != nullptr ||
                     config.device(primitive->id) != nullptr;
  if (known) return exists_already(shell, config, *primitive, *place);
  warn_if_enabled(shell, primitive->agent, (*view)->node_name);
  if (!*place) warn_if_alone(shell, config, primitive->id);
  Goal goal = goal_of(config, primitive->id);
  goal.stopped = call.has("disabled");
  std::vector<ConfigEdit> edits{CreateResource{std::move(*primitive), std::move(*place)}};
  return submit(shell, call, {.body = std::move(edits), .goal = std::move(goal)});
}

Outcome<Exit> resource_update(Shell& shell, const Invocation& call) {
  const std::string& id = call.args[0];
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  if (auto found = need(config, id, Wanted::resource); !found) return tl::unexpected(found.error());
  auto update = parse_update_words(shell, call.args_from(1), "resource update");
  if (!update) return tl::unexpected(update.error());
  const ResourceWords& words = update->words;
  if (words.group)
    return usage_failure("'resource update' does not change the group", "duet resource group add G " + id);
  const Primitive* primitive = config.primitive(id);
  if (primitive == nullptr && (!words.parameters.empty() || !update->operations.empty())) {
    return usage_failure(fmt::format("group {} has no parameters and operations", id), "only meta name=value");
  }
  if (primitive != nullptr && !words.parameters.empty() && checks_parameters(shell, call)) {
    auto metadata = shell.agents().metadata(primitive->agent);
    if (!metadata) return tl::unexpected(metadata.error());
    Attributes merged = primitive->parameters;
    for (const auto& [name, value] : words.parameters) merged[name] = value;
    drop_empty(merged);
    std::vector<std::string> warnings;
    const ParameterCheck typed{*metadata, primitive->agent.text(), id, false, true, false};
    if (auto good = check_parameters(typed, words.parameters, warnings); !good) return tl::unexpected(good.error());
    const ParameterCheck all{*metadata, primitive->agent.text(), id, false, true};
    if (auto good = check_parameters(all, merged, warnings); !good) return tl::unexpected(good.error());
    for (const auto& warning : warnings) shell.warn(warning);
  }
  std::vector<ConfigEdit> edits;
  if (primitive != nullptr) edits = replace_first(*primitive, words.operations, update->operations);
  edits.emplace_back(UpdateResource{id, words.parameters, words.meta, std::move(update->operations)});
  return submit(shell, call, {.body = std::move(edits), .goal = goal_of(config, id)});
}

Outcome<Exit> resource_meta(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const std::string& id = call.args[0];
  if (auto found = need((*view)->effective, id, Wanted::resource); !found) return tl::unexpected(found.error());
  auto meta = parse_attributes(call.args_from(1));
  if (!meta) return tl::unexpected(meta.error());
  std::vector<ConfigEdit> edits{UpdateResource{id, {}, std::move(*meta), {}}};
  return submit(shell, call, {.body = std::move(edits), .goal = goal_of((*view)->effective, id)});
}

namespace {

/// The resource or device whose operations are changed, and the options that follow its id and the action.
struct OperationChange {
  const std::vector<Operation>& existing;
  Attributes options;
};

Outcome<OperationChange> operation_change(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const std::string& id = call.args[0];
  const ClusterConfig& config = (*view)->effective;
  const FenceDevice* device = config.device(id);
  if (device == nullptr) {
    if (auto found = need(config, id, Wanted::primitive); !found) return tl::unexpected(found.error());
  }
  auto options = parse_attributes(call.args_from(2), true);
  if (!options) return tl::unexpected(options.error());
  return OperationChange{device != nullptr ? device->operations : config.primitive(id)->operations,
                         std::move(*options)};
}

}  // namespace

Outcome<Exit> resource_op_add(Shell& shell, const Invocation& call) {
  auto change = operation_change(shell, call);
  if (!change) return tl::unexpected(change.error());
  const std::string& id = call.args[0];
  auto operation = to_operation({call.args[1], std::move(change->options)});
  if (!operation) return tl::unexpected(operation.error());
  const auto& existing = change->existing;
  const auto same = std::find_if(existing.begin(), existing.end(), [&](const Operation& known) {
    return known.action == operation->action && known.interval == operation->interval;
  });
  if (same != existing.end()) {
    if (*same == *operation) return unchanged(shell);
    return failure({.code = Exit::exists,
                    .what = fmt::format("{} already has a {} with interval {}", id, operation->action,
                                        format_duration(operation->interval)),
                    .fix = fmt::format("duet resource update {} op {} ...", id, operation->action),
                    .subject = id});
  }
  std::vector<ConfigEdit> edits{UpdateResource{id, {}, {}, {std::move(*operation)}}};
  return submit(shell, call, {.body = std::move(edits)});
}

Outcome<Exit> resource_op_delete(Shell& shell, const Invocation& call) {
  auto change = operation_change(shell, call);
  if (!change) return tl::unexpected(change.error());
  RemoveOperation edit{call.args[0], call.args[1], std::nullopt};
  if (const auto interval = change->options.find("interval"); interval != change->options.end()) {
    auto parsed = parse_duration(interval->second);
    if (!parsed) return tl::unexpected(to_failure(parsed.error()));
    edit.interval = *parsed;
  }
  std::vector<ConfigEdit> edits{std::move(edit)};
  return submit(shell, call, {.body = std::move(edits)});
}

namespace {

Outcome<Exit> set_defaults(Shell& shell, const Invocation& call, AttributeScope scope) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const bool operations = scope == AttributeScope::operation_defaults;
  if (call.args.empty()) {
    const auto& now = operations ? (*view)->effective.operation_defaults : (*view)->effective.resource_defaults;
    std::string text;
    for (const auto& [name, value] : now) text += fmt::format("  {}={}\n", name, escape_line(value));
    shell.out(text.empty() ? "No defaults set\n" : text);
    return Exit::ok;
  }
  auto values = parse_attributes(call.args);
  if (!values) return tl::unexpected(values.error());
  std::vector<ConfigEdit> edits{SetAttributes{scope, std::move(*values)}};
  return submit(shell, call, {.body = std::move(edits)});
}

}  // namespace

Outcome<Exit> resource_defaults(Shell& shell, const Invocation& call) {
  return set_defaults(shell, call, AttributeScope::resource_defaults);
}

Outcome<Exit> resource_op_defaults(Shell& shell, const Invocation& call) {
  return set_defaults(shell, call, AttributeScope::operation_defaults);
}

}  // namespace duet::cli
