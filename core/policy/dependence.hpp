// SPDX-License-Identifier: Apache-2.0
// What does not run takes down what must come after it or be with it.
#pragma once

#include <vector>

#include "core/policy/placement.hpp"

namespace duet::policy {

/// Per resource: it cannot run on any node, whatever is placed where; because of itself, or because of what it comes
/// after or must be with. Only the verdicts of `placed` are read, as own_verdict() made them.
[[nodiscard]] std::vector<bool> cannot_run(const Picture& picture, const std::vector<Placed>& placed);

/// Takes the node from every resource whose mandatory order, group or colocation INFINITY cannot be met, until nothing
/// changes any more. What people have taken out of our hands (unmanaged, blocked) takes down nothing that runs.
void spread_nowhere(const Picture& picture, std::vector<Placed>& placed);

}  // namespace duet::policy
