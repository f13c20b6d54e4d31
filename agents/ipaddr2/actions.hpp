// SPDX-License-Identifier: Apache-2.0
// The actions of the agent. Each returns its failure with exit code and reason; success is OcfExit::success.
#pragma once

#include <string_view>

#include "core/agentapi/ocf_agent.hpp"

namespace duet::ipaddr2 {

/// Adds the address and announces it. A start of what runs is a success. About 160 ms when the address is free, the
/// most of it for duplicate_check.
OcfResult<void> start(const OcfEnvironment& environment);

/// Removes the address wherever it counts as ours. Absent is a success, also with parameters that could never have
/// been started: a stop that fails gets the node fenced.
OcfResult<void> stop(const OcfEnvironment& environment);

/// Failures: not_running if the address is absent, generic if it is there and cannot be reached.
OcfResult<void> monitor(const OcfEnvironment& environment);

/// Checks the parameters, at check level 10 also whether this node has a place for the address.
OcfResult<void> validate(const OcfEnvironment& environment);

}  // namespace duet::ipaddr2
