// SPDX-License-Identifier: Apache-2.0
// The command table, put together from the groups.
#pragma once

#include "cli/grammar/command.hpp"

namespace duet::cli {

[[nodiscard]] CommandTable command_table();

[[nodiscard]] std::span<const Command> status_commands();
[[nodiscard]] std::span<const Command> resource_commands();
[[nodiscard]] std::span<const Command> resource_agent_commands();
[[nodiscard]] std::span<const Command> stonith_commands();
[[nodiscard]] std::span<const Command> constraint_commands();
[[nodiscard]] std::span<const Command> node_commands();
[[nodiscard]] std::span<const Command> general_commands();
[[nodiscard]] std::span<const Command> later_commands();

}  // namespace duet::cli
