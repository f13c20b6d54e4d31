// SPDX-License-Identifier: Apache-2.0
// Edits of the configuration, one function per request, and what they would lead to. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/message/admin.hpp"
#include "core/model/state.hpp"

namespace duet {

/// The configuration after one edit. Errors: not_found, exists (with the difference), unchanged, invalid_argument,
/// invalid_config; each says what, why and how to mend it.
[[nodiscard]] Result<ClusterConfig> apply_edit(const ClusterConfig& config, const ConfigEdit& edit);

/// All or nothing. `unchanged` only if every edit is.
[[nodiscard]] Result<ClusterConfig> apply_edits(const ClusterConfig& config, const std::vector<ConfigEdit>& edits);

/// What would happen if `after` were committed now, one line for each operation.
[[nodiscard]] std::string preview(const ClusterConfig& before, const ClusterConfig& after, const ClusterState& state);

}  // namespace duet
