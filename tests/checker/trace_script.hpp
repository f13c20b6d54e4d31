// SPDX-License-Identifier: Apache-2.0
// Small traces as text, for the tests of the checkers. One event for each line:
//   SECONDS nN/BOOT[/START] KIND key=value key=value ...      ("--" in place of nN/BOOT: nobody's event)
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace duet::checker {

/// Ids of all invariants that the trace violates. A line that cannot be read aborts the test.
[[nodiscard]] std::set<std::string> violated_by(std::string_view script);

}  // namespace duet::checker
