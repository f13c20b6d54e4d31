// SPDX-License-Identifier: Apache-2.0
// What would happen if every operation succeeded: for `--dry-run`, `duet simulate` and tests.
#pragma once

#include <cstddef>
#include <vector>

#include "core/model/plan.hpp"

namespace duet {

struct Forecast {
  std::vector<std::vector<PlannedOp>> rounds;  ///< what begins together; ends before the next round begins
  std::vector<FenceDemand> fences;             ///< nodes that would be fenced on the way
  ClusterState end;
  bool settled = false;  ///< false: did not come to rest within the limit of rounds
};

/// Starts from a copy of the state; what is pending there ends with success first. Probes find what the state already
/// believes (stopped if it believes nothing). Fencings that resources demand succeed.
[[nodiscard]] Forecast forecast(const PolicyInput& input, std::size_t max_rounds = 200);

}  // namespace duet
