// SPDX-License-Identifier: Apache-2.0
// What an outcome means for the administrator: each cause has its own words, and says what to look at.
#pragma once

#include <string>
#include <vector>

#include "agents/fence_xvm/exchange.hpp"
#include "core/xvm/agent_options.hpp"
#include "core/xvm/secret.hpp"

namespace duet::xvm {

/// Lines for standard error, the first is the original's own word for it where it has one. Foreign text is escaped.
using Lines = std::vector<std::string>;

/// For an outcome without an answer. `secret` may be nullptr.
[[nodiscard]] Lines explain_no_answer(const Outcome& outcome, const AgentOptions& options, const Secret* secret);

/// For an answer that is not the one hoped for.
[[nodiscard]] Lines explain_answer(const Outcome& outcome, const AgentOptions& options);

/// For a domain that is not in the host's list.
[[nodiscard]] Lines explain_unknown_domain(const AgentOptions& options, const std::vector<HostRecord>& hosts,
                                           const Address& host);

}  // namespace duet::xvm
