// SPDX-License-Identifier: Apache-2.0
// The configuration as text (pcs 0.11 layout), as commands that recreate it, and as JSON. Pure. Secrets are hidden.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/config.hpp"

namespace duet::cli {

/// A primitive, a group with its members, or a fence device; empty if the id is none of them.
[[nodiscard]] std::string object_text(const ClusterConfig& config, const std::string& id);
/// Everything: nodes, resources, devices, levels, constraints, defaults, properties.
[[nodiscard]] std::string whole_config_text(const ClusterConfig& config);
/// "Target: server1" / "  Level 1 - a,b" lines.
[[nodiscard]] std::string levels_text(const ClusterConfig& config);

/// One `duet ...` command per element, in an order in which they can be run. `ids`: only these objects; empty: all.
[[nodiscard]] std::vector<std::string> config_commands(const ClusterConfig& config,
                                                       const std::vector<std::string>& ids);

/// For a file of the administrator's own (mode 0600) they are shown: without them it could not be used.
enum class Secrets : std::uint8_t { hidden, shown };
/// Schema duet.config/1.
[[nodiscard]] std::string config_json(const ClusterConfig& config, Secrets secrets = Secrets::hidden);

}  // namespace duet::cli
