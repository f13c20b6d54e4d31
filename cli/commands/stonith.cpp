// SPDX-License-Identifier: Apache-2.0
// stonith: fence devices as objects. Fencing itself is in stonith_fence.cpp.
#include <fmt/core.h>

#include <algorithm>

#include "cli/agents/catalog.hpp"
#include "cli/commands/agent_check.hpp"
#include "cli/commands/agent_show.hpp"
#include "cli/commands/change.hpp"
#include "cli/commands/deleting.hpp"
#include "cli/commands/device_trial.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/commands/show.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/config_text.hpp"
#include "cli/render/difference.hpp"
#include "cli/render/status_json.hpp"
#include "cli/render/status_parts.hpp"
#include "core/base/escape.hpp"
#include "core/model/fence_cover.hpp"

namespace duet::cli {

namespace {

constexpr Duration proof_limit = 15s;  // of waiting for the first monitor of a new device; fence_xvm's takes below 1 s

/// The default operation of a device is a monitor each 60 s (cluster-semantics 13.7).
Outcome<std::vector<Operation>> device_operations(const std::vector<OperationWords>& typed) {
  auto operations = typed_operations(typed);
  if (!operations) return operations;
  const bool monitored = std::any_of(operations->begin(), operations->end(),
                                     [](const Operation& operation) { return operation.action == "monitor"; });
  if (!monitored) operations->push_back(default_monitor());
  return operations;
}

/// Agents refuse to look without a target: the first one of the host map, else the first node.
void add_target(const ClusterConfig& config, const AgentMetadata& metadata, Attributes& values) {
  const char* const name = metadata.parameter("plug") != nullptr ? "plug" : "port";
  if (metadata.parameter(name) == nullptr || values.contains(name) || config.nodes.empty()) return;
  values[name] = config.nodes.front().name;
  const auto map = values.find("pcmk_host_map");
  const auto entries = parse_host_map(map == values.end() ? "" : map->second);
  if (entries && !entries->empty() && !entries->front().plugs.empty()) values[name] = entries->front().plugs.front();
}

enum class Purpose : std::uint8_t { create, update };

Outcome<void> check_device(Shell& shell, const Invocation& call, const ClusterConfig& config, const AgentRef& agent,
                           const Attributes& typed, const Attributes& complete, Purpose purpose) {
  const std::string& id = call.args[0];
  const bool update = purpose == Purpose::update;
  std::vector<std::string> warnings;
  if (!shell.force) {
    auto metadata = shell.agents().metadata(agent);
    if (!metadata) return tl::unexpected(metadata.error());
    const ParameterCheck given{*metadata, agent.type, id, true, update, false};
    if (auto good = check_parameters(given, typed, warnings); !good) return good;
    const ParameterCheck all{*metadata, agent.type, id, true, update, true};
    std::vector<std::string> repeated;
    if (auto good = check_parameters(all, complete, repeated); !good) return good;
    if (call.has("agent-validation")) {
      Attributes values = complete;
      add_target(config, *metadata, values);
      if (auto good = validate_by_agent(shell, *metadata, agent, id, values); !good) return good;
    }
  }
  if (auto good = check_host_map(config, complete, warnings); !good) return good;
  for (const auto& warning : warnings) shell.warn(warning);
  return {};
}

Outcome<FenceDevice> build_device(Shell& shell, const Invocation& call, const ClusterView& view) {
  auto words = parse_resource_words(call.args_from(2));
  if (!words) return tl::unexpected(words.error());
  if (words->group || call.has("group")) {
    return usage_failure("a fence device belongs to no group", "leave out the group");
  }
  auto operations = device_operations(words->operations);
  if (!operations) return tl::unexpected(operations.error());
  auto agent = resolve_fence_agent(shell.agents(), call.args[1], view.node_name);
  if (!agent) return tl::unexpected(agent.error());
  if (auto secrets = read_secrets(shell, words->parameters); !secrets) return tl::unexpected(secrets.error());
  drop_empty(words->parameters);
  drop_empty(words->meta);
  auto good = check_device(shell, call, view.effective, *agent, words->parameters, words->parameters, Purpose::create);
  if (!good) return tl::unexpected(good.error());
  FenceDevice device;
  device.id = call.args[0];
  device.agent = agent->type;
  device.parameters = std::move(words->parameters);
  device.operations = std::move(*operations);
  device.meta = std::move(words->meta);
  if (call.has("disabled")) device.meta["target-role"] = "Stopped";
  return device;
}

Outcome<Exit> exists_already(Shell& shell, const ClusterConfig& config, const FenceDevice& wanted) {
  const FenceDevice* now = config.device(wanted.id);
  if (now == nullptr) {
    return failure({.code = Exit::exists,
                    .id = "E07",
                    .what = fmt::format("{} is already the id of a resource", wanted.id),
                    .fix = "choose another id",
                    .subject = wanted.id});
  }
  auto lines = difference(*now, wanted);
  if (lines.empty()) return unchanged(shell);
  std::string fix = "duet stonith update " + wanted.id;
  for (const auto& word : changed_parameters(now->parameters, wanted.parameters)) fix += " " + shell_word(word);
  return failure({.code = Exit::exists,
                  .id = "E07",
                  .what = fmt::format("{} exists with other settings", wanted.id),
                  .detail = std::move(lines),
                  .fix = escape_line(fix, 300),
                  .subject = wanted.id});
}

/// Waits for the first monitor of the device on each node of the cluster and tells what came of it. The change itself
/// is done.
void await_proof(Shell& shell, const std::string& id) {
  const Instant start = shell.machine().now();
  std::vector<std::string> waiting;
  while (shell.machine().now() - start < proof_limit) {
    auto view = shell.refresh(1s);
    if (!view) return;
    const DeviceProof proof = device_proof(**view, id);
    waiting = proof.waiting;
    if (waiting.empty() && !(proof.proven.empty() && proof.failing.empty())) {
      shell.end_live();
      if (proof.failing.empty()) return;
      shell.warn(fmt::format("{}: no proof from {}: {}", id, join(proof.failing, ", "), escape_line(proof.detail, 300)),
                 "duet stonith status; it is tried again at each monitor");
      return;
    }
    shell.live(fmt::format("{}: waiting for the first answer", id));
  }
  shell.end_live();
  const std::string where = waiting.empty() ? "" : " from " + join(waiting, ", ");
  shell.warn(fmt::format("{}: not proven yet{}", id, where), "duet stonith status");
}

}  // namespace

Outcome<Exit> stonith_create(Shell& shell, const Invocation& call) {
  if (auto good = check_id(call.args[0], "fence device"); !good) return tl::unexpected(good.error());
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  auto device = build_device(shell, call, **view);
  if (!device) return tl::unexpected(device.error());
  const ClusterConfig& config = (*view)->effective;
  const std::string id = device->id;
  if (config.device(id) != nullptr || config.primitive(id) != nullptr || config.group(id) != nullptr) {
    return exists_already(shell, config, *device);
  }
  const bool proof = device_enabled(*device) && !call.has("no-proof") && !call.has("dry-run") && !call.has("file");
  if (proof && shell.machine().root && !shell.force) {
    const AgentRef agent{"stonith", "", device->agent};
    auto metadata = shell.agents().metadata(agent);
    if (!metadata) return tl::unexpected(metadata.error());
    auto tried = try_device(shell, config, agent, *metadata, id, device->parameters);
    if (!tried) return tl::unexpected(tried.error());
  }
  std::vector<ConfigEdit> edits{CreateDevice{std::move(*device)}};
  auto done = submit(shell, call, {.body = std::move(edits)});
  if (done && *done == Exit::ok && proof) await_proof(shell, id);
  return done;
}

Outcome<Exit> stonith_update(Shell& shell, const Invocation& call) {
  const std::string& id = call.args[0];
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  if (auto found = need(config, id, Wanted::device); !found) return tl::unexpected(found.error());
  auto update = parse_update_words(shell, call.args_from(1), "stonith update");
  if (!update) return tl::unexpected(update.error());
  const ResourceWords& words = update->words;
  Attributes merged = config.device(id)->parameters;
  for (const auto& [name, value] : words.parameters) merged[name] = value;
  drop_empty(merged);
  const AgentRef agent{"stonith", "", config.device(id)->agent};
  if (auto good = check_device(shell, call, config, agent, words.parameters, merged, Purpose::update); !good) {
    return tl::unexpected(good.error());
  }
  const bool proof =
      device_enabled(*config.device(id)) && !words.parameters.empty() && !call.has("dry-run") && !call.has("file");
  std::vector<ConfigEdit> edits{UpdateResource{id, words.parameters, words.meta, std::move(update->operations)}};
  auto done = submit(shell, call, {.body = std::move(edits)});
  if (done && *done == Exit::ok && proof) await_proof(shell, id);
  return done;
}

Outcome<Exit> stonith_meta(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const std::string& id = call.args[0];
  if (auto found = need((*view)->effective, id, Wanted::device); !found) return tl::unexpected(found.error());
  auto meta = parse_attributes(call.args_from(1));
  if (!meta) return tl::unexpected(meta.error());
  std::vector<ConfigEdit> edits{UpdateResource{id, {}, std::move(*meta), {}}};
  return submit(shell, call, {.body = std::move(edits)});
}

Outcome<Exit> stonith_delete(Shell& shell, const Invocation& call) {
  return delete_objects(shell, call, Wanted::device);
}

namespace {

Outcome<Exit> set_role(Shell& shell, const Invocation& call, const std::string& role) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  std::vector<ConfigEdit> edits;
  for (const auto& id : call.args) {
    if (auto found = need((*view)->effective, id, Wanted::device); !found) return tl::unexpected(found.error());
    edits.emplace_back(UpdateResource{id, {}, {{"target-role", role}}, {}});
  }
  if (!role.empty() && !call.has("dry-run")) {
    auto good = check_last_device(shell, (*view)->effective, call.args, "disable");
    if (!good) return tl::unexpected(good.error());
  }
  return submit(shell, call, {.body = std::move(edits)});
}

}  // namespace

Outcome<Exit> stonith_enable(Shell& shell, const Invocation& call) {
  return set_role(shell, call, "");
}
Outcome<Exit> stonith_disable(Shell& shell, const Invocation& call) {
  return set_role(shell, call, "Stopped");
}
Outcome<Exit> stonith_cleanup(Shell& shell, const Invocation& call) {
  return resource_cleanup(shell, call);
}
Outcome<Exit> stonith_refresh(Shell& shell, const Invocation& call) {
  return resource_refresh(shell, call);
}

Outcome<Exit> stonith_status(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const bool old_show = call.words == "stonith show" && (!call.args.empty() || call.has("full"));
  if (old_show) return show_config(shell, call, call.args, true);
  StatusModel model = status_model(**view, plan_of(**view));
  for (const auto& id : call.args) {
    if (auto found = need((*view)->effective, id, Wanted::device); !found) return tl::unexpected(found.error());
  }
  keep_only(model, call.args, "");
  if (shell.format == Format::json) {
    shell.out(status_json(model, {}));
    return Exit::ok;
  }
  StatusOptions options;
  options.color = shell.color();
  const std::string text = item_list_text(model, options, true);
  shell.out(text.empty() ? "NO stonith devices configured\n" : text);
  for (const auto& group : model.resources) {
    for (const auto& item : group.items) {
      if (!item.reason.empty() && item.agent.starts_with("stonith:")) {
        shell.out(fmt::format("    {}: {}\n", item.id, escape_line(item.reason, 400)));
      }
    }
  }
  const std::string levels = levels_text((*view)->effective);
  if (!levels.empty()) shell.out("\nFencing Levels:\n" + levels);
  return Exit::ok;
}

Outcome<Exit> stonith_config(Shell& shell, const Invocation& call) {
  return show_config(shell, call, call.args, true);
}

Outcome<Exit> stonith_list(Shell& shell, const Invocation& call) {
  return list_agents(shell, call, true, call.args.empty() ? "" : call.args[0]);
}

Outcome<Exit> stonith_describe(Shell& shell, const Invocation& call) {
  auto agent = resolve_fence_agent(shell.agents(), call.args[0], "this node");
  if (!agent) return tl::unexpected(agent.error());
  return describe_agent(shell, call, *agent);
}

}  // namespace duet::cli
