// SPDX-License-Identifier: Apache-2.0
// Constraints as text, in the layout of pcs 0.11 (cluster-semantics 13.5).
#include "cli/render/constraint_text.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/model/text.hpp"

namespace duet::cli {

std::string location_text(const ClusterConfig& config, bool full, const std::vector<std::string>& only) {
  std::string text = "Location Constraints:\n";
  const auto shown = [&](const LocationConstraint& item) {
    return only.empty() || std::find(only.begin(), only.end(), item.resource) != only.end() ||
           std::find(only.begin(), only.end(), config.node_name(item.node)) != only.end();
  };
  std::vector<std::string> resources;
  for (const auto& item : config.locations) {
    if (shown(item) && std::find(resources.begin(), resources.end(), item.resource) == resources.end()) {
      resources.push_back(item.resource);
    }
  }
  for (const auto& resource : resources) {
    text += fmt::format("  Resource: {}\n", resource);
    for (const bool enabled : {true, false}) {
      std::string lines;
      for (const auto& item : config.locations) {
        if (item.resource != resource || !shown(item) || (item.score.value() >= 0) != enabled) continue;
        lines += fmt::format("      Node: {} (score:{}){}\n", config.node_name(item.node), item.score.text(),
                             full ? fmt::format(" (id:{})", item.id) : "");
      }
      if (!lines.empty()) text += fmt::format("    {} on:\n{}", enabled ? "Enabled" : "Disabled", lines);
    }
  }
  return text;
}

std::string order_text(const ClusterConfig& config, bool full) {
  std::string text = "Ordering Constraints:\n";
  for (const auto& item : config.orders) {
    text += fmt::format("  {} {} then {} {} (kind:{}){}{}\n", to_string(item.first_action), item.first,
                        to_string(item.then_action), item.then, to_string(item.kind),
                        item.symmetrical ? "" : " (non-symmetrical)", full ? fmt::format(" (id:{})", item.id) : "");
  }
  return text;
}

std::string colocation_text(const ClusterConfig& config, bool full) {
  std::string text = "Colocation Constraints:\n";
  for (const auto& item : config.colocations) {
    text += fmt::format("  {} with {} (score:{}){}\n", item.resource, item.with, item.score.text(),
                        full ? fmt::format(" (id:{})", item.id) : "");
  }
  return text;
}

}  // namespace duet::cli
