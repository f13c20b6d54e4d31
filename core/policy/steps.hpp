// SPDX-License-Identifier: Apache-2.0
// From places to operations: what must be stopped, started and probed, what may begin now and what waits for what.
#pragma once

#include <vector>

#include "core/policy/placement.hpp"

namespace duet::policy {

/// Probes in configuration order, then stops (what starts last stops first), then starts.
[[nodiscard]] std::vector<PlannedOp> plan_operations(const Picture& picture, const std::vector<Placed>& placed);

}  // namespace duet::policy
