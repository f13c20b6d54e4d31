// SPDX-License-Identifier: Apache-2.0
// Commands about agents; they need no daemon.
#include <array>

#include "cli/commands/handlers.hpp"
#include "cli/commands/table.hpp"

namespace duet::cli {

namespace {

constexpr std::array commands{
    Command{.words = "resource list",
            .synopsis = "[FILTER] [--nodesc]",
            .summary = "List the agents that are installed here.",
            .options = "nodesc",
            .examples = "resource list\nresource list ipaddr",
            .see = "duet resource describe",
            .json = true,
            .max_args = 1,
            .run = resource_list},
    Command{.words = "resource standards",
            .summary = "List the kinds of agents.",
            .examples = "resource standards",
            .json = true,
            .max_args = 0,
            .run = resource_standards},
    Command{.words = "resource providers",
            .summary = "List the providers of OCF agents.",
            .examples = "resource providers",
            .json = true,
            .max_args = 0,
            .run = resource_providers},
    Command{.words = "resource agents",
            .synopsis = "[STANDARD[:PROVIDER]]",
            .summary = "List the types of agents.",
            .examples = "resource agents ocf:heartbeat\nresource agents systemd",
            .json = true,
            .max_args = 1,
            .run = resource_agents},
    Command{.words = "resource describe",
            .synopsis = "AGENT [--full]",
            .summary = "Show the parameters of an agent: type, default, allowed values.",
            .options = "full",
            .examples = "resource describe IPaddr2\nresource describe ocf:heartbeat:apache --full",
            .min_args = 1,
            .max_args = 1,
            .run = resource_describe},
};

}  // namespace

std::span<const Command> resource_agent_commands() {
  return commands;
}

}  // namespace duet::cli
