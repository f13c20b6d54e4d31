// SPDX-License-Identifier: Apache-2.0
// Edits of the configuration, one function per request, and what they would lead to. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/message/admin.hpp"
#include "core/model/state.hpp"

namespace duet {

/// The configuration after one edit. Errors: not_found, exists (with the difference), unchanged (asked for is what is),
/// dangerous (needs `confirmed`, the administrator's --yes), invalid_argument (the result would have an error that was
/// not there before). Each says what, why and how to mend it, in the words of cli.md section 7.
[[nodiscard]] Result<ClusterConfig> apply_edit(const ClusterConfig& config, const ConfigEdit& edit,
                                               bool confirmed = false);

/// All or nothing, in order. `unchanged` only if every edit is.
[[nodiscard]] Result<ClusterConfig> apply_edits(const ClusterConfig& config, const std::vector<ConfigEdit>& edits,
                                                bool confirmed = false);

/// What would happen if `after` were committed now and every operation succeeded. One line for each step in order
/// ("Stop VIP server1"), then "Fence NODE: reason", then what moves or would not run any more, then "Waits: ..." for
/// what would be wanted and cannot be done. One line that says so if nothing would happen.
[[nodiscard]] std::string preview(const ClusterConfig& before, const ClusterConfig& after, const ClusterState& state,
                                  bool quorate = true);

/// The same for `resource move`.
[[nodiscard]] std::string preview(const ClusterConfig& config, const ClusterState& state, const MoveResource& request,
                                  bool quorate = true);

}  // namespace duet
