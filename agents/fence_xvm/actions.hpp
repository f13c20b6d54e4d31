// SPDX-License-Identifier: Apache-2.0
// What the agent does, from read options to an exit status.
#pragma once

#include "core/xvm/agent_options.hpp"

namespace duet::xvm {

/// Runs a call: results on standard output, everything else on standard error, a line in the system log for what was
/// done to a domain. Returns the exit status: 0 done or on, 1 failed, 2 off (status only), 3 not permitted, or the
/// unknown answer of a host.
[[nodiscard]] int run(const AgentCall& call);

}  // namespace duet::xvm
