// SPDX-License-Identifier: Apache-2.0
// Fence devices and the levels in which they are tried.
#include <fmt/core.h>

#include <algorithm>

#include "core/admin/common.hpp"

namespace duet::admin {

namespace {

std::string joined(const std::vector<ObjectId>& ids) {
  std::string text;
  for (const ObjectId& id : ids) text += (text.empty() ? "" : ",") + id;
  return text;
}

}  // namespace

Outcome apply(ClusterConfig& config, const CreateDevice& request) {
  const FenceDevice& asked = request.device;
  if (auto error = taken(config, asked.id, "fence device")) return error;
  const FenceDevice* now = config.device(asked.id);
  if (now == nullptr) {
    config.devices.push_back(asked);
    return std::nullopt;
  }
  Difference difference;
  if (now->agent != asked.agent) difference.add("agent", now->agent, asked.agent, "");
  difference.attributes(now->parameters, asked.parameters);
  difference.attributes(now->meta, asked.meta);
  difference.operations(now->operations, asked.operations);
  if (difference.lines.empty()) return unchanged();
  return exists(now->id, "duet stonith update " + now->id, difference);
}

Outcome apply(ClusterConfig& config, const AddLevel& request) {
  const FenceLevel& asked = request.level;
  if (config.node(asked.target) == nullptr) return not_found(config, "node", config.node_name(asked.target));
  for (const ObjectId& id : asked.devices) {
    if (config.device(id) == nullptr) return not_found(config, "fence device", id);
  }
  for (const FenceLevel& level : config.levels) {
    if (level.target != asked.target || level.level != asked.level) continue;
    if (level.devices == asked.devices) return unchanged();
    const std::string name = config.node_name(asked.target);
    return Error{Errc::exists, fmt::format("level {} of {} exists with other devices", asked.level, name),
                 fmt::format("{} (now)  {} (asked)", joined(level.devices), joined(asked.devices)),
                 fmt::format("duet stonith level delete {} {}", asked.level, name)};
  }
  const auto after = std::find_if(config.levels.begin(), config.levels.end(), [&](const FenceLevel& level) {
    return std::pair{asked.target, asked.level} < std::pair{level.target, level.level};
  });
  config.levels.insert(after, asked);
  return std::nullopt;
}

Outcome apply(ClusterConfig& config, const DeleteLevels& request) {
  const auto removed = std::erase_if(config.levels, [&](const FenceLevel& level) {
    return (!request.target || level.target == *request.target) && (!request.level || level.level == *request.level) &&
           (request.devices.empty() || level.devices == request.devices);
  });
  if (removed > 0) return std::nullopt;
  const bool all = !request.target && !request.level && request.devices.empty();
  if (all) return unchanged();
  return Error{Errc::not_found, "no such fencing level", {}, "duet stonith level"};
}

}  // namespace duet::admin
