// SPDX-License-Identifier: Apache-2.0
// A fence device is tried before it becomes part of the configuration.
#pragma once

#include <string>

#include "cli/shell/shell.hpp"
#include "core/agentapi/metadata.hpp"
#include "core/model/config.hpp"

namespace duet::cli {

/// Asks the agent, from this node and as the caller, for the power state of each node that map or list of the device
/// names. Changes nothing. A device that asks its agent for its targets is not tried, nor is one whose agent knows no
/// status. Errors: the first node that cannot be asked about, with the agent's reason (E12 nobody answers, E13 another
/// key, E14 no such machine).
[[nodiscard]] Outcome<void> try_device(Shell& shell, const ClusterConfig& config, const AgentRef& agent,
                                       const AgentMetadata& metadata, const std::string& id,
                                       const Attributes& parameters);

/// Before somebody's word that `node` is off: 107 if a device that covers it says, asked now, that it is on. A device
/// that does not answer, or is none of this node's business, says nothing.
[[nodiscard]] Outcome<void> refuse_if_on(Shell& shell, const ClusterConfig& config, const Node& node);

}  // namespace duet::cli
