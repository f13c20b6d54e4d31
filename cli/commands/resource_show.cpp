// SPDX-License-Identifier: Apache-2.0
// Reads about resources and agents: status, config, fail counts, list, describe.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/agents/catalog.hpp"
#include "cli/commands/agent_show.hpp"
#include "cli/commands/arguments.hpp"
#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/commands/show.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/config_text.hpp"
#include "cli/render/simple_json.hpp"
#include "cli/render/status_json.hpp"
#include "cli/render/status_lines.hpp"
#include "core/base/escape.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

void print_names(Shell& shell, std::string_view key, const std::vector<std::string>& names) {
  if (shell.format == Format::json) {
    shell.out(list_json("duet.agents/1", key, names));
    return;
  }
  for (const auto& name : names) shell.out(name + "\n");
}

}  // namespace

Outcome<Exit> resource_status(Shell& shell, const Invocation& call) {
  auto filters = take_filters(call.args, {"node"});
  if (!filters) return tl::unexpected(filters.error());
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const bool old_show = call.words == "resource show" && (!filters->rest.empty() || call.has("full"));
  if (old_show) return show_config(shell, call, filters->rest, false);
  for (const auto& id : filters->rest) {
    if (auto found = need((*view)->effective, id, Wanted::resource); !found) return tl::unexpected(found.error());
  }
  StatusModel model = status_model(**view, plan_of(**view));
  keep_only(model, filters->rest, filters->values["node"]);
  if (shell.format == Format::json) {
    shell.out(status_json(model, {}));
    return Exit::ok;
  }
  StatusOptions options;
  options.color = shell.color();
  options.hide_inactive = call.has("hide-inactive");
  const std::string text = item_list_text(model, options, false);
  shell.out(text.empty() ? "NO resources configured\n" : text);
  return Exit::ok;
}

Outcome<Exit> resource_config(Shell& shell, const Invocation& call) {
  return show_config(shell, call, call.args, false);
}

Outcome<Exit> resource_failcount(Shell& shell, const Invocation& call) {
  auto filters = take_filters(call.args, {"node", "operation", "interval"});
  if (!filters) return tl::unexpected(filters.error());
  if (!filters->rest.empty() && filters->rest[0] == "reset") {
    Invocation clean = call;
    clean.args.erase(clean.args.begin());
    return resource_cleanup(shell, clean);
  }
  if (!filters->rest.empty() && filters->rest[0] == "show") filters->rest.erase(filters->rest.begin());
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  std::string node = call.value("node").value_or(filters->values["node"]);
  if (filters->rest.size() > 1) {
    node = filters->rest[1];  // pcs 0.9: failcount show ID NODE
    filters->rest.resize(1);
  }
  if (!node.empty()) {
    if (auto found = find_node(config, node); !found) return tl::unexpected(found.error());
  }
  for (const auto& id : filters->rest) {
    if (auto found = need(config, id, Wanted::resource); !found) return tl::unexpected(found.error());
  }
  std::string text;
  std::map<std::string, std::map<std::string, std::int32_t>> counts;
  for (const auto& primitive : config.primitives) {
    const bool named =
        filters->rest.empty() || filters->rest[0] == primitive.id ||
        (config.group_of(primitive.id) != nullptr && config.group_of(primitive.id)->id == filters->rest[0]);
    std::string lines;
    for (const auto& each : config.nodes) {
      const ResourceOnNode* on = (*view)->state.find(primitive.id, each.id);
      if (!named || on == nullptr || on->fail_count() == 0 || (!node.empty() && each.name != node)) continue;
      lines += fmt::format("  {}: {}\n", each.name, count_text(on->fail_count()));
      counts[primitive.id][each.name] = on->fail_count();
      for (const auto& record : on->failures) {
        if (!call.has("full")) break;
        lines += fmt::format("    {} {}: {}\n", to_string(record.action), operation_time(record.interval),
                             count_text(record.count));
      }
    }
    if (!lines.empty()) text += fmt::format("Failcounts for resource '{}'\n{}", primitive.id, lines);
  }
  if (shell.format == Format::json) {
    shell.out(failcounts_json(counts));
    return Exit::ok;
  }
  shell.out(text.empty() ? "No failcounts\n" : text);
  return Exit::ok;
}

Outcome<Exit> resource_list(Shell& shell, const Invocation& call) {
  return list_agents(shell, call, false, call.args.empty() ? "" : call.args[0]);
}

Outcome<Exit> resource_standards(Shell& shell, const Invocation& /*call*/) {
  std::set<std::string> standards;
  for (const auto& agent : shell.agents().list()) {
    if (agent.standard != "stonith") standards.insert(agent.standard);
  }
  print_names(shell, "standards", {standards.begin(), standards.end()});
  return Exit::ok;
}

Outcome<Exit> resource_providers(Shell& shell, const Invocation& /*call*/) {
  std::set<std::string> providers;
  for (const auto& agent : shell.agents().list()) {
    if (!agent.provider.empty()) providers.insert(agent.provider);
  }
  print_names(shell, "providers", {providers.begin(), providers.end()});
  return Exit::ok;
}

Outcome<Exit> resource_agents(Shell& shell, const Invocation& call) {
  const std::string wanted = call.args.empty() ? "" : call.args[0];
  std::set<std::string> types;
  for (const auto& agent : shell.agents().list()) {
    const std::string group = agent.provider.empty() ? agent.standard : agent.standard + ":" + agent.provider;
    if (agent.standard == "stonith" || (!wanted.empty() && wanted != agent.standard && wanted != group)) continue;
    types.insert(agent.type);
  }
  if (types.empty()) {
    return failure({.code = Exit::not_found,
                    .what = fmt::format("no agents of {}", cited(wanted)),
                    .fix = "duet resource standards, duet resource providers"});
  }
  print_names(shell, "agents", {types.begin(), types.end()});
  return Exit::ok;
}

Outcome<Exit> resource_describe(Shell& shell, const Invocation& call) {
  auto resolved = resolve_agent(shell.agents(), call.args[0], "this node");
  if (!resolved) return tl::unexpected(resolved.error());
  return describe_agent(shell, call, resolved->agent);
}

Outcome<Exit> resource_relations(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  const std::string& id = call.args[0];
  if (auto found = need(config, id, Wanted::resource); !found) return tl::unexpected(found.error());
  shell.out(id + "\n");
  if (const Group* group = config.group_of(id)) {
    shell.out(fmt::format("|- inner resource of group {} ({})\n", group->id, join(group->members, " ")));
  }
  if (const Group* group = config.group(id)) shell.out(fmt::format("|- members: {}\n", join(group->members, " ")));
  for (const auto& order : config.orders) {
    if (order.first != id && order.then != id) continue;
    shell.out(fmt::format("|- order: {} {} then {} {} ({})\n", to_string(order.first_action), order.first,
                          to_string(order.then_action), order.then, to_string(order.kind)));
  }
  for (const auto& item : config.colocations) {
    if (item.resource != id && item.with != id) continue;
    shell.out(fmt::format("|- colocation: {} with {} ({})\n", item.resource, item.with, item.score.text()));
  }
  return Exit::ok;
}

}  // namespace duet::cli
