// SPDX-License-Identifier: Apache-2.0
// From a typed order to the program that is run, and from how it ended to an outcome.
#pragma once

#include "core/message/exec.hpp"
#include "daemon/execd/settings.hpp"
#include "daemon/execd/supervised.hpp"

namespace duet::execd {

/// What carries out an order.
enum class Carrier : std::uint8_t { agent, init_script, unit };

/// `service` is an init script if there is one, else a unit (cluster-semantics 3). Error: invalid_argument for a
/// standard that resources do not have.
[[nodiscard]] Result<Carrier> carrier_of(const AgentRef& agent, const Settings& settings);

/// The outcome of an order that could not even be begun.
[[nodiscard]] OpOutcome refusal(const Error& error);

/// Program and environment of an order for an agent or an init script. Errors: not_found, not_permitted,
/// invalid_argument, backend; see refusal().
[[nodiscard]] Result<AgentCommand> agent_command(const RunAgent& order, Carrier carrier, const Settings& settings);
[[nodiscard]] OpOutcome agent_outcome(const RunAgent& order, Carrier carrier, const RunResult& result);

[[nodiscard]] Result<AgentCommand> fence_command(const RunFenceAgent& order, const Settings& settings);
/// The exit code is the agent's own, 0 .. 255; the reason of a failure is the last line of its stderr, else of its
/// stdout.
[[nodiscard]] OpOutcome fence_outcome(const RunFenceAgent& order, const RunResult& result);

/// Only for ocf and stonith.
[[nodiscard]] Result<AgentCommand> metadata_command(const AgentRef& agent, const Settings& settings);

/// A result that nobody has: duet-run was killed.
[[nodiscard]] OpOutcome lost_outcome();
/// The same for what only looks or starts: no failure, a probe tells.
[[nodiscard]] OpOutcome unknown_outcome();
[[nodiscard]] OpOutcome cancelled_outcome();

}  // namespace duet::execd
