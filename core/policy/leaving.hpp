// SPDX-License-Identifier: Apache-2.0
// What a node that leaves the cluster leaves running.
#pragma once

#include <vector>

#include "core/model/plan.hpp"

namespace duet {

/// Resources that may run on `node` and that no stop will come for as long as people do not act: those that nobody
/// manages there or that are blocked, and those that cannot be stopped before them. A failed stop is none of them: it
/// is for fencing, or people, to settle. Ascending.
[[nodiscard]] std::vector<ObjectId> left_running(const PolicyInput& input, NodeId node);

}  // namespace duet
