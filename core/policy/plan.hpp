// SPDX-License-Identifier: Apache-2.0
// The decision: where each resource should be, which operations lead there, which may begin now, and why.
#pragma once

#include "core/model/plan.hpp"

namespace duet {

/// Pure and level-triggered: compares what should be with what is; call it after every change of configuration, state
/// or quorum. Operations that are pending in the state are not planned again. Never plans more than one copy of a
/// resource; a start is `ready` only if S1, S10, S14 and S18 hold. At most 1 ms for 100 resources.
[[nodiscard]] Plan make_plan(const PolicyInput& input);

}  // namespace duet
