// SPDX-License-Identifier: Apache-2.0
// Constraints as pcs lists them. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/model/config.hpp"

namespace duet::cli {

/// `only`: resource or node names to which the list is limited; empty: all. `full` adds the ids.
[[nodiscard]] std::string location_text(const ClusterConfig& config, bool full, const std::vector<std::string>& only);
[[nodiscard]] std::string order_text(const ClusterConfig& config, bool full);
[[nodiscard]] std::string colocation_text(const ClusterConfig& config, bool full);

/// Schema duet.constraints/1: a flat list, each with id and type.
[[nodiscard]] std::string constraints_json(const ClusterConfig& config);

}  // namespace duet::cli
