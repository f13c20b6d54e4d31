// SPDX-License-Identifier: Apache-2.0
// Help texts, made from the command table.
#pragma once

#include <string>
#include <string_view>

#include "cli/grammar/command.hpp"

namespace duet::cli {

/// Help of one command (cli.md 6), followed by the commands below it, if there are any.
[[nodiscard]] std::string command_help(CommandTable table, const Command& command);
/// The commands of a group such as "resource group", one line each.
[[nodiscard]] std::string group_help(CommandTable table, std::string_view prefix);
/// `duet` alone: the ten most used commands and the groups.
[[nodiscard]] std::string top_help(CommandTable table);
/// Names and synopses of everything as JSON (schema duet.help/1).
[[nodiscard]] std::string help_json(CommandTable table);

}  // namespace duet::cli
