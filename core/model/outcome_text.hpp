// SPDX-License-Identifier: Apache-2.0
// Outcomes of operations in the words that administrators know: one list for status, reasons and logs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/model/state.hpp"

namespace duet {

/// Text of an OCF exit code ("not running"); nullopt for a code that has none. Source: cluster-semantics 1.3.
[[nodiscard]] std::optional<std::string_view> exit_code_text(std::int32_t code);

/// The word of agents and of `op` for an action: they know no probe, it is a monitor to them.
[[nodiscard]] std::string_view agent_action(Action action);

}  // namespace duet
