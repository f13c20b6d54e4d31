// SPDX-License-Identifier: Apache-2.0
// Recurring monitors follow from configuration and state like everything else: no one starts or stops them by hand.
#include "core/policy/monitors.hpp"

#include <charconv>
#include <map>

namespace duet {

namespace {

std::uint32_t check_level(const Attributes& extra) {
  const auto it = extra.find("OCF_CHECK_LEVEL");
  std::uint32_t level = 0;
  if (it != extra.end()) std::from_chars(it->second.data(), it->second.data() + it->second.size(), level);
  return level;
}

bool watches_running(const Operation& operation) {
  if (operation.action != "monitor" || operation.interval <= Duration{0} || !operation.enabled) return false;
  const auto role = operation.extra.find("role");
  return role == operation.extra.end() || (role->second != "Stopped" && role->second != "stopped");
}

}  // namespace

std::vector<MonitorDue> wanted_monitors(const ClusterConfig& config, const ClusterState& state, NodeId node) {
  std::vector<MonitorDue> due;
  const ClusterOptions cluster = cluster_options(config);
  const Node* configured = config.node(node);
  if (cluster.maintenance_mode || configured == nullptr || node_options(*configured).maintenance) return due;
  std::map<std::string_view, const Group*> group_of;
  for (const Group& group : config.groups) {
    for (const ObjectId& member : group.members) group_of.emplace(member, &group);
  }
  for (const Primitive& primitive : config.primitives) {
    const ResourceOnNode* place = state.find(primitive.id, node);
    if (place == nullptr) continue;
    if (place->activity != Activity::running && place->activity != Activity::failed) continue;
    const auto group = group_of.find(primitive.id);
    const ResourceOptions options =
        resource_options(config, cluster, primitive, group == group_of.end() ? nullptr : group->second);
    if (options.maintenance) continue;
    if (place->activity == Activity::failed && options.managed) continue;
    for (const Operation& operation : primitive.operations) {
      if (!watches_running(operation)) continue;
      due.push_back({primitive.id, operation.interval,
                     operation_timeout(config, primitive.operations, "monitor", operation.interval),
                     operation.start_delay, check_level(operation.extra), operation.extra});
    }
  }
  return due;
}

}  // namespace duet
