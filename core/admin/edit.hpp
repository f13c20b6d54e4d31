// SPDX-License-Identifier: Apache-2.0
// Edits of the configuration: request in, new configuration or a reason out. Pure; the replica commits the result.
#pragma once

#include <vector>

#include "core/message/admin.hpp"

namespace duet {

/// The configuration after one edit. Errors: not_found, exists (with the difference), unchanged (asked for is what is),
/// dangerous (needs `confirmed`), invalid_argument (the result would have an error that was not there before; texts of
/// cli.md section 7).
[[nodiscard]] Result<ClusterConfig> apply_edit(const ClusterConfig& config, const ConfigEdit& edit,
                                               bool confirmed = false);

/// All edits or none, in order. `unchanged` only if every one of them is.
[[nodiscard]] Result<ClusterConfig> apply_edits(const ClusterConfig& config, const std::vector<ConfigEdit>& edits,
                                                bool confirmed = false);

}  // namespace duet
