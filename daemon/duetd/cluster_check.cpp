// SPDX-License-Identifier: Apache-2.0
// Compares corosync's node list with the newest committed configuration.
#include "daemon/duetd/cluster_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace duet {
namespace {

const ClusterConfig* committed(const StoreImage& image) {
  const auto found = std::find_if(image.entries.rbegin(), image.entries.rend(),
                                  [&image](const ConfigEntry& entry) { return entry.position == image.committed; });
  return found == image.entries.rend() ? nullptr : &found->config;
}

template <class Nodes>
std::vector<std::uint32_t> ids_of(const Nodes& nodes) {
  std::vector<std::uint32_t> ids;
  for (const auto& node : nodes) ids.push_back(node.id.get());
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

std::string cluster_mismatch(const corosync::ClusterInfo& info, const StoreImage& image) {
  const ClusterConfig* const config = committed(image);
  if (config == nullptr || config->nodes.empty()) return {};
  if (config->name != info.name) {
    return fmt::format("the state on this node belongs to cluster '{}', corosync runs cluster '{}'", config->name,
                       info.name);
  }
  const auto ours = ids_of(config->nodes);
  const auto theirs = ids_of(info.nodes);
  if (ours == theirs) return {};
  return fmt::format("the committed configuration has the node ids {}, corosync's node list has {}",
                     fmt::join(ours, ", "), fmt::join(theirs, ", "));
}

std::string names_differ(const corosync::ClusterInfo& info, const StoreImage& image) {
  const ClusterConfig* const config = committed(image);
  if (config == nullptr) return {};
  for (const Node& node : config->nodes) {
    const auto* const other = info.node(node.id);
    if (other == nullptr || other->name == node.name) continue;
    return fmt::format("node {} is called {} in the configuration and {} in corosync's node list", node.id.get(),
                       node.name, other->name);
  }
  return {};
}

}  // namespace duet
