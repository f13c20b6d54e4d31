// SPDX-License-Identifier: Apache-2.0
// The manager's side of the OCF and LSB interfaces: what an agent is given and what its exit code and output mean
// (cluster-semantics 1.2 - 1.4, 3). The agent's side is ocf_agent.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace duet {

/// One call of an OCF agent.
struct OcfCall {
  std::string resource;
  std::string provider;
  std::string type;
  std::string action;  ///< as given to the agent: a probe is "monitor" with interval 0
  Duration interval{0};
  Duration timeout{0};
  std::uint32_t check_level = 0;
  std::string node_name;
  std::map<std::string, std::string> parameters;
  std::map<std::string, std::string> meta;
};

/// The complete environment, `NAME=value` each: nothing is inherited (SEC-AGENT 2). Error: invalid_argument for names
/// and values that an environment cannot carry.
[[nodiscard]] Result<std::vector<std::string>> ocf_environment(const OcfCall& call);

/// The environment of agents that take no parameters from it: init scripts, fence agents.
[[nodiscard]] std::vector<std::string> plain_environment();

/// Codes that the specification does not know mean 1.
[[nodiscard]] int ocf_exit_code(int raw);
/// `status` of an init script, `action` and `raw` as the script has them.
[[nodiscard]] int lsb_exit_code(std::string_view action, int raw);
/// What it means that execve(2) failed with `error`.
[[nodiscard]] int exec_failure_code(int error);

/// The rest of the last line of `output` that begins with "ocf-exit-reason:", escaped, at most 512 bytes; empty if
/// there is none.
[[nodiscard]] std::string exit_reason(std::string_view output);

/// The lines that a fence agent reads from stdin: action and every parameter (cluster-semantics 4.1). Error:
/// invalid_argument for a newline or NUL in a value: it would become another parameter.
[[nodiscard]] Result<std::string> stonith_input(std::string_view action,
                                                const std::map<std::string, std::string>& parameters);

}  // namespace duet
