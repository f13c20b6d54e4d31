// SPDX-License-Identifier: Apache-2.0
// May this resource be on that node, with which score: everything that does not depend on where others are placed.
#pragma once

#include <optional>

#include "core/policy/picture.hpp"

namespace duet::policy {

[[nodiscard]] NodeVerdict own_verdict(const Picture& picture, const Resource& resource, std::size_t node);

/// Adds an obstacle: not allowed any more, score -INFINITY.
void forbid(NodeVerdict& verdict, Why why, std::string fix = {});

/// The node where it is not for the policy to place it elsewhere: people decide about it (it is active there and
/// unmanaged, in maintenance or blocked), or the node is not joined and holds it.
[[nodiscard]] std::optional<std::size_t> pinned_node(const Picture& picture, const Resource& resource);

}  // namespace duet::policy
