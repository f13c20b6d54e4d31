// SPDX-License-Identifier: Apache-2.0
// What a change would start, stop, move and fence (`--dry-run`).
#pragma once

#include <string>

#include "core/message/admin.hpp"
#include "core/model/state.hpp"

namespace duet {

/// One line for each step in the order in which they would happen ("Stop VIP server1"), then "Fence N: reason" lines,
/// then "Waits: ..." for what would be wanted and cannot be done, then one line of consequence for each resource that
/// moves. If nothing would happen: one line that says so. Every operation is assumed to succeed.
[[nodiscard]] std::string preview(const ClusterConfig& before, const ClusterConfig& after, const ClusterState& state,
                                  bool quorate = true);

/// The same for `resource move`.
[[nodiscard]] std::string preview(const ClusterConfig& config, const ClusterState& state, const MoveResource& request,
                                  bool quorate = true);

}  // namespace duet
