// SPDX-License-Identifier: Apache-2.0
// Meta-data of agents (cluster-semantics 1.5): XML that a program printed, so it is foreign input. Parsed without
// entities, DTD, network, with bounds on size and depth (SEC-HOST 4). Its own library: agents must not load libxml2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace duet {

struct AgentParameter {
  std::string name;
  std::string type = "string";  ///< string, boolean, integer, second, select; unknown ones are string
  std::string default_value;
  std::string short_description;
  std::string long_description;
  bool required = false;
  bool deprecated = false;
  bool unique = false;  ///< of OCF 1.0 or a unique-group of 1.1
  bool reloadable = false;
  std::string obsoletes;             ///< older name that this parameter takes the place of
  std::string replaced_by;           ///< of a deprecated one: the name to use instead
  std::vector<std::string> options;  ///< of a select
};

struct AgentAction {
  std::string name;
  std::string timeout;   ///< as written: a number alone means seconds; empty if absent
  std::string interval;  ///< as timeout
  std::string depth;
  std::string role;
  bool automatic = false;  ///< unfencing (`on` of a fence agent)
};

struct AgentMetadata {
  std::string name;
  std::string short_description;
  std::string long_description;
  std::vector<AgentParameter> parameters;
  std::vector<AgentAction> actions;

  [[nodiscard]] const AgentParameter* parameter(std::string_view name) const;
  /// The first entry for the action; monitors may have several.
  [[nodiscard]] const AgentAction* action(std::string_view name) const;
};

/// Errors: malformed (not well-formed, a DTD, another root than resource-agent, names missing), limit (more than 1 MiB,
/// deeper than 64, more than 1000 parameters).
[[nodiscard]] Result<AgentMetadata> parse_agent_metadata(std::string_view xml);

}  // namespace duet
