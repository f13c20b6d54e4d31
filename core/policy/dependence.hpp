// SPDX-License-Identifier: Apache-2.0
// What does not run takes down what must come after it or be with it.
#pragma once

#include <vector>

#include "core/policy/placement.hpp"

namespace duet::policy {

/// Takes the node from every resource whose mandatory order, group or colocation INFINITY cannot be met, until nothing
/// changes any more. What people have taken out of our hands (unmanaged, blocked) takes down nothing that runs.
void spread_nowhere(const Picture& picture, std::vector<Placed>& placed);

}  // namespace duet::policy
