// SPDX-License-Identifier: Apache-2.0
// Constraints as JSON objects, shared by the schemas duet.config/1 and duet.constraints/1. Only for .cpp files that
// make JSON: the header of the library is heavy.
#pragma once

#include <nlohmann/json.hpp>

#include "core/model/config.hpp"

namespace duet::cli {

/// {"location": [...], "order": [...], "colocation": [...]}; every key always present, also of empty lists.
[[nodiscard]] nlohmann::ordered_json constraints_by_type(const ClusterConfig& config);

}  // namespace duet::cli
