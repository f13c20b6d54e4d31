// SPDX-License-Identifier: Apache-2.0
// Properties, defaults, node attributes, and the first configuration of a cluster.
#include <fmt/core.h>

#include <algorithm>

#include "core/admin/common.hpp"
#include "core/base/escape.hpp"

namespace duet::admin {

namespace {

/// The second spellings (fencing-enabled) are stored under the first, so that the two cannot contradict each other.
std::string canonical(const std::string& name) {
  for (const PropertyInfo& info : known_properties()) {
    if (!info.alias.empty() && info.alias == name) return std::string{info.name};
  }
  return name;
}

}  // namespace

Outcome apply(ClusterConfig& config, const SetAttributes& request) {
  bool changed = false;
  switch (request.scope) {
    case AttributeScope::properties: {
      Attributes values;
      for (const auto& [name, value] : request.values) values[canonical(name)] = value;
      changed = merge(config.properties, values);
      break;
    }
    case AttributeScope::resource_defaults:
      changed = merge(config.resource_defaults, request.values);
      break;
    case AttributeScope::operation_defaults:
      changed = merge(config.operation_defaults, request.values);
      break;
  }
  return changed ? Outcome{} : unchanged();
}

Outcome apply(ClusterConfig& config, const SetNodeAttributes& request) {
  bool changed = false;
  for (const NodeId id : request.nodes) {
    const auto node =
        std::find_if(config.nodes.begin(), config.nodes.end(), [&](const Node& item) { return item.id == id; });
    if (node == config.nodes.end()) {
      return Error{Errc::not_found, fmt::format("no such node: {}", id.get()), {}, "duet status nodes"};
    }
    changed = merge(node->attributes, request.values) || changed;
  }
  return changed ? Outcome{} : unchanged();
}

Outcome apply(ClusterConfig& config, const InitCluster& request) {
  if (request.nodes.size() != 2) {
    return Error{
        Errc::invalid_argument, fmt::format("a cluster has exactly two nodes; {} given", request.nodes.size()), {}, {}};
  }
  if (!config.nodes.empty()) {
    const bool same = config.name == request.name &&
                      std::equal(config.nodes.begin(), config.nodes.end(), request.nodes.begin(), request.nodes.end(),
                                 [](const Node& a, const Node& b) { return a.id == b.id && a.name == b.name; });
    if (same) return unchanged();
    return Error{Errc::exists, fmt::format("this node is in cluster {} already", escape_line(config.name, 80)), {}, {}};
  }
  config.name = request.name;
  config.nodes = request.nodes;
  std::sort(config.nodes.begin(), config.nodes.end(), [](const Node& a, const Node& b) { return a.id < b.id; });
  return std::nullopt;
}

}  // namespace duet::admin
