// SPDX-License-Identifier: Apache-2.0
// node standby, maintenance, attributes.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/arguments.hpp"
#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/grammar/words.hpp"
#include "core/base/escape.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

/// Sets or removes (empty value) one attribute of the named nodes; without a name it is this node, as in pcs.
Outcome<Exit> set_attribute(Shell& shell, const Invocation& call, const std::string& name, const std::string& value) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  if (call.has("all") && !call.args.empty()) return usage_failure("--all and node names exclude each other");
  auto nodes = find_nodes(**view, call.args, call.has("all"));
  if (!nodes) return tl::unexpected(nodes.error());
  const auto is_set = [&](NodeId id) {
    const auto& attributes = (*view)->effective.node(id)->attributes;
    const auto found = attributes.find(name);
    return found != attributes.end() && parse_bool(found->second).value_or(false);
  };
  const bool nothing =
      std::all_of(nodes->begin(), nodes->end(), [&](NodeId id) { return is_set(id) == !value.empty(); });
  if (nothing && !call.has("dry-run") && !call.has("wait")) return unchanged(shell);
  Goal goal;
  if (name == "standby" && !value.empty() && nodes->size() == 1) {
    for (const auto& primitive : (*view)->effective.primitives) {
      if (!resource_options((*view)->effective, primitive).stopped) goal.ids.push_back(primitive.id);
    }
    goal.leave = nodes->front();
  }
  std::vector<ConfigEdit> edits{SetNodeAttributes{*nodes, {{name, value}}}};
  return submit(shell, call, {.body = std::move(edits), .goal = std::move(goal)});
}

std::string attributes_text(const Node& node, const std::string& only) {
  std::string line;
  for (const auto& [name, value] : node.attributes) {
    if (!only.empty() && name != only) continue;
    line += fmt::format(" {}={}", name, escape_line(value));
  }
  return line.empty() ? "" : fmt::format(" {}:{}\n", node.name, line);
}

}  // namespace

Outcome<Exit> node_standby(Shell& shell, const Invocation& call) {
  return set_attribute(shell, call, "standby", "on");
}
Outcome<Exit> node_unstandby(Shell& shell, const Invocation& call) {
  return set_attribute(shell, call, "standby", "");
}
Outcome<Exit> node_maintenance(Shell& shell, const Invocation& call) {
  return set_attribute(shell, call, "maintenance", "on");
}
Outcome<Exit> node_unmaintenance(Shell& shell, const Invocation& call) {
  return set_attribute(shell, call, "maintenance", "");
}

Outcome<Exit> node_attribute(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  std::vector<NodeId> nodes;
  if (!call.args.empty()) {
    auto node = find_node(config, call.args[0]);
    if (!node) return tl::unexpected(node.error());
    nodes = {*node};
  }
  if (call.args.size() > 1) {
    auto values = parse_attributes({call.args.begin() + 1, call.args.end()});
    if (!values) return tl::unexpected(values.error());
    std::vector<ConfigEdit> edits{SetNodeAttributes{nodes, std::move(*values)}};
    return submit(shell, call, {.body = std::move(edits)});
  }
  shell.out("Node Attributes:\n");
  for (const auto& node : config.nodes) {
    if (!nodes.empty() && node.id != nodes.front()) continue;
    shell.out(attributes_text(node, call.value("name").value_or("")));
  }
  return Exit::ok;
}

}  // namespace duet::cli
