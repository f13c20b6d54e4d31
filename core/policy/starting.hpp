// SPDX-License-Identifier: Apache-2.0
// What stands between a resource and its start on a node, orders apart: S1, S10, S18, quorum, a fork, its own stop.
#pragma once

#include <optional>
#include <vector>

#include "core/policy/picture.hpp"

namespace duet::policy {

/// Empty: the start may begin as far as other nodes and the cluster as a whole are concerned. With `leaving` a copy
/// that is active on that node is not counted: the question is then whether it could start here once it has been
/// stopped there.
[[nodiscard]] std::vector<Why> start_obstacles(const Picture& picture, const Resource& resource, std::size_t node,
                                               std::optional<std::size_t> leaving = std::nullopt);

/// Why nobody else may start what this node, which is not joined, may run.
[[nodiscard]] Why may_run_why(const NodeInfo& node);

}  // namespace duet::policy
