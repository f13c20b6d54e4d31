// SPDX-License-Identifier: Apache-2.0
// May this resource be on that node, with which score: everything that does not depend on where others are placed.
#pragma once

#include <optional>

#include "core/policy/picture.hpp"

namespace duet::policy {

[[nodiscard]] NodeVerdict own_verdict(const Picture& picture, const Resource& resource, std::size_t node);

/// Adds an obstacle: not allowed any more, score -INFINITY.
void forbid(NodeVerdict& verdict, Why why, std::string fix = {});

/// The node on which people, not the policy, decide about it: it is active there and unmanaged, in maintenance or
/// blocked.
[[nodiscard]] std::optional<std::size_t> pinned_node(const Picture& picture, const Resource& resource);

}  // namespace duet::policy
