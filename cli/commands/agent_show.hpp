// SPDX-License-Identifier: Apache-2.0
// Lists and descriptions of agents; no daemon is needed.
#pragma once

#include <string>

#include "cli/grammar/parse.hpp"
#include "cli/shell/shell.hpp"

namespace duet::cli {

/// Fence agents or resource agents whose name contains `filter` (any case).
[[nodiscard]] Outcome<Exit> list_agents(Shell& shell, const Invocation& call, bool fence, const std::string& filter);
[[nodiscard]] Outcome<Exit> describe_agent(Shell& shell, const Invocation& call, const AgentRef& agent);

}  // namespace duet::cli
