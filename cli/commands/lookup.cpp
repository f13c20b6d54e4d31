// SPDX-License-Identifier: Apache-2.0
// Finding what was named.
#include "cli/commands/lookup.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/grammar/words.hpp"

namespace duet::cli {

namespace {

std::vector<std::string> ids_of(const ClusterConfig& config, Wanted wanted) {
  std::vector<std::string> ids;
  const bool any = wanted == Wanted::resource || wanted == Wanted::resource_or_device;
  if (any || wanted == Wanted::primitive) {
    for (const auto& item : config.primitives) ids.push_back(item.id);
  }
  if (any || wanted == Wanted::group) {
    for (const auto& item : config.groups) ids.push_back(item.id);
  }
  if (wanted == Wanted::device || wanted == Wanted::resource_or_device) {
    for (const auto& item : config.devices) ids.push_back(item.id);
  }
  return ids;
}

std::string_view word(Wanted wanted) {
  switch (wanted) {
    case Wanted::resource:
    case Wanted::primitive:
    case Wanted::resource_or_device:
      return "resource";
    case Wanted::group:
      return "group";
    case Wanted::device:
      return "fence device";
  }
  return "object";
}

}  // namespace

Outcome<NodeId> find_node(const ClusterConfig& config, std::string_view name) {
  if (const Node* node = config.node(name)) return node->id;
  std::vector<std::string> names;
  for (const auto& node : config.nodes) names.push_back(node.name);
  const std::string guess = did_you_mean(name, names);
  return failure({.code = Exit::not_found,
                  .what = fmt::format("no node {}", cited(name)),
                  .fix = guess.empty() ? "one of: " + join(names, ", ") : guess});
}

Outcome<std::vector<NodeId>> find_nodes(const ClusterView& view, const std::vector<std::string>& names, bool all) {
  std::vector<NodeId> found;
  if (all) {
    for (const auto& node : view.effective.nodes) found.push_back(node.id);
    return found;
  }
  if (names.empty()) return std::vector<NodeId>{view.self};
  for (const auto& name : names) {
    auto node = find_node(view.effective, name);
    if (!node) return tl::unexpected(node.error());
    if (std::find(found.begin(), found.end(), *node) == found.end()) found.push_back(*node);
  }
  return found;
}

Outcome<void> need(const ClusterConfig& config, std::string_view id, Wanted wanted) {
  const auto ids = ids_of(config, wanted);
  if (std::find(ids.begin(), ids.end(), id) != ids.end()) return {};
  Failure what{.code = Exit::not_found, .what = fmt::format("no {} {}", word(wanted), cited(id))};
  what.subject = std::string{id.substr(0, 64)};
  what.fix = did_you_mean(id, ids);
  const bool resource = wanted == Wanted::resource || wanted == Wanted::primitive;
  if (resource && config.device(id) != nullptr) what.fix = fmt::format("{} is a fence device: duet stonith --help", id);
  if (wanted == Wanted::primitive && config.group(id) != nullptr) {
    what.fix = fmt::format("{} is a group: name one of its members", id);
  }
  if (wanted == Wanted::device && (config.primitive(id) != nullptr || config.group(id) != nullptr)) {
    what.fix = fmt::format("{} is a resource: duet resource --help", id);
  }
  return failure(std::move(what));
}

std::vector<ObjectId> primitives_of(const ClusterConfig& config, std::string_view id) {
  if (const Group* group = config.group(id)) return group->members;
  if (config.primitive(id) != nullptr) return {ObjectId{id}};
  return {};
}

std::vector<NodeId> active_nodes(const ClusterView& view, const std::vector<ObjectId>& primitives) {
  std::vector<NodeId> nodes;
  for (const auto& node : view.effective.nodes) {
    const bool active = std::any_of(primitives.begin(), primitives.end(), [&](const ObjectId& id) {
      const ResourceOnNode* on = view.state.find(id, node.id);
      if (on == nullptr) return false;
      const bool starting = on->pending && on->pending->action == Action::start;
      return on->activity == Activity::running || on->activity == Activity::failed || starting;
    });
    if (active) nodes.push_back(node.id);
  }
  return nodes;
}

Outcome<void> check_id(std::string_view id, std::string_view what) {
  if (is_id(id)) return {};
  return usage_failure(fmt::format("{} is no id of a {}", cited(id), what),
                       "a letter or '_', then letters, digits, '_', '.', '-'; at most 64");
}

}  // namespace duet::cli
