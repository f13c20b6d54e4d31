// SPDX-License-Identifier: Apache-2.0
// Order of the groups as the help shows them.
#include "cli/commands/table.hpp"

#include <array>

namespace duet::cli {

CommandTable command_table() {
  static const std::array<std::span<const Command>, 8> table{
      status_commands(),     resource_commands(), resource_agent_commands(), stonith_commands(),
      constraint_commands(), node_commands(),     general_commands(),        later_commands()};
  return table;
}

}  // namespace duet::cli
