// SPDX-License-Identifier: Apache-2.0
// Durations as administrators write them.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace duet {

/// "30" (seconds), "30s", "2min", "500ms", "1h", also `sec m hr us`; case does not matter (cluster-semantics 1.5).
/// Range 0 .. 10 years. Error: Errc::invalid_argument with the allowed forms.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// The shortest exact form: "30s", "2min", "500ms", "0s".
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace duet
