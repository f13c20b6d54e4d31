// SPDX-License-Identifier: Apache-2.0
// Finding what was named: nodes, resources, devices; with "did you mean" if it is not there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/shell/failure.hpp"
#include "core/message/ipc.hpp"

namespace duet::cli {

[[nodiscard]] Outcome<NodeId> find_node(const ClusterConfig& config, std::string_view name);
/// All nodes, the named ones, or this node if none is named.
[[nodiscard]] Outcome<std::vector<NodeId>> find_nodes(const ClusterView& view, const std::vector<std::string>& names,
                                                      bool all);

enum class Wanted : std::uint8_t { resource, primitive, group, device, resource_or_device };
/// Exit 105 with the nearest id of this kind if there is no such object.
[[nodiscard]] Outcome<void> need(const ClusterConfig& config, std::string_view id, Wanted wanted);

/// The primitives behind an id: itself, or the members of a group.
[[nodiscard]] std::vector<ObjectId> primitives_of(const ClusterConfig& config, std::string_view id);
/// Nodes where any of the primitives is running, failed, or on its way.
[[nodiscard]] std::vector<NodeId> active_nodes(const ClusterView& view, const std::vector<ObjectId>& primitives);
/// 64 with the allowed form, unless it is an id.
[[nodiscard]] Outcome<void> check_id(std::string_view id, std::string_view what);

}  // namespace duet::cli
