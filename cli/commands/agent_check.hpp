// SPDX-License-Identifier: Apache-2.0
// What is typed against what the agent says about itself: parameters, values, operations.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/arguments.hpp"
#include "cli/shell/failure.hpp"
#include "core/agentapi/metadata.hpp"
#include "core/model/config.hpp"

namespace duet::cli {

struct ParameterCheck {
  const AgentMetadata& metadata;
  std::string agent;  ///< as shown: ocf:heartbeat:IPaddr2, fence_xvm
  std::string id;
  bool fence = false;
  bool update = false;   ///< of an object that exists: for the hints
  bool complete = true;  ///< all required ones must be there (create); false: only those that are given (update)
};

/// Errors E03, E05, wrong values (64). `warnings` gets deprecated parameters.
[[nodiscard]] Outcome<void> check_parameters(const ParameterCheck& check, const Attributes& parameters,
                                             std::vector<std::string>& warnings);

/// --agent-validation: the agent itself looks at the values. One that cannot is told in a warning.
[[nodiscard]] Outcome<void> validate_by_agent(Shell& shell, const AgentMetadata& metadata, const AgentRef& agent,
                                              const std::string& id, const Attributes& parameters);

/// pcmk_host_map against the nodes: E15, bad forms; a warning for names that are no nodes.
[[nodiscard]] Outcome<void> check_host_map(const ClusterConfig& config, const Attributes& parameters,
                                           std::vector<std::string>& warnings);

/// The typed operations and the agent's defaults (cluster-semantics 13.4): start, stop and, if none was typed,
/// monitors; `monitors_only` for --no-default-ops. Errors: same action and interval twice.
[[nodiscard]] Outcome<std::vector<Operation>> with_default_operations(const std::vector<OperationWords>& typed,
                                                                      const AgentMetadata& metadata,
                                                                      bool monitors_only);
/// What is added if the agent proposes no monitor, and to fence devices: each 60 s.
[[nodiscard]] Operation default_monitor();

/// Only the typed ones. Errors: as to_operation(); same action and interval twice.
[[nodiscard]] Outcome<std::vector<Operation>> typed_operations(const std::vector<OperationWords>& typed);

/// What update takes: words and operations, checked and with their secrets read; at least one thing to change. Errors:
/// usage, E28. `command`: "resource update", for the hints.
struct UpdateWords {
  ResourceWords words;
  std::vector<Operation> operations;
};
[[nodiscard]] Outcome<UpdateWords> parse_update_words(Shell& shell, const std::vector<std::string>& words,
                                                      std::string_view command);

}  // namespace duet::cli
