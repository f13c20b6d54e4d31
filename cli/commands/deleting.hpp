// SPDX-License-Identifier: Apache-2.0
// Deleting resources, groups and fence devices.
#pragma once

#include "cli/commands/change.hpp"
#include "cli/commands/lookup.hpp"

namespace duet::cli {

/// Stops resources first and waits (as pcs), unless --no-stop; then removes all that was named in one commit.
[[nodiscard]] Outcome<Exit> delete_objects(Shell& shell, const Invocation& call, Wanted wanted);

/// 107 with the consequence if no enabled device would be left while fencing is on.
[[nodiscard]] Outcome<void> check_last_device(Shell& shell, const ClusterConfig& config,
                                              const std::vector<std::string>& going, std::string_view verb);

}  // namespace duet::cli
