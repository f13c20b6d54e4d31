// SPDX-License-Identifier: Apache-2.0
// Times and ages for people. Civil time is for display only.
#pragma once

#include <cstdint>
#include <string>

namespace duet::cli {

/// "2026-11-22T15:04:46+01:00", in the time zone of the caller; "-" for 0, which stands for "not known".
[[nodiscard]] std::string iso_time(std::int64_t unix_ms);
/// The same with milliseconds.
[[nodiscard]] std::string iso_time_ms(std::int64_t unix_ms);
/// "Sun Nov 22 15:04:46 2026", as Pacemaker before 3.0; always English.
[[nodiscard]] std::string classic_time(std::int64_t unix_ms);
/// "2026-11-22 14:38:45Z"
[[nodiscard]] std::string utc_time(std::int64_t unix_ms);
/// "0s", "12s", "3min", "2h", "5d": the largest whole unit, negative ages as 0.
[[nodiscard]] std::string age_text(std::int64_t ms);
/// Seconds with milliseconds: "1.001s".
[[nodiscard]] std::string seconds_text(std::int64_t ms);

}  // namespace duet::cli
