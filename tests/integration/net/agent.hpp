// SPDX-License-Identifier: Apache-2.0
// Running the real IPaddr2 program in the current network namespace.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/integration/net/two_hosts.hpp"

namespace duet::test {

using AgentParameters = std::vector<std::pair<std::string, std::string>>;

/// Runs one action. Ends only when the program and all that holds its outputs have ended.
RunResult agent(const std::string& action, const AgentParameters& parameters = {},
                const std::vector<std::string>& environment = {});

/// What stands behind "ocf-exit-reason:" in the last such line; empty if there is none.
std::string exit_reason(const RunResult& result);

/// True if ip(8) shows the address on the interface.
bool has_address(const std::string& link, const std::string& address);

/// Process ids of announcers in the current network namespace.
std::vector<pid_t> announcers();

}  // namespace duet::test
