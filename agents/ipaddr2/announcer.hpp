// SPDX-License-Identifier: Apache-2.0
// Repeated announcements after a start, from the background.
#pragma once

#include <vector>

#include "agents/ipaddr2/parameters.hpp"

namespace duet::ipaddr2 {

/// No announcer lives longer, whatever the parameters say.
inline constexpr Duration announcer_life = 60s;

struct Repetition {
  unsigned count = 1;  ///< including the one at time 0
  Duration interval{};
  /// Also at 1, 2, 3, 4.5, 8, 15 and 30 s: five rounds in the first five seconds whatever `count` is, and some after a
  /// switch has begun to forward (spanning tree takes up to 30 s).
  bool with_late_ones = false;
};

/// When to announce again, after the one at time 0; ascending, at most announcer_life. Pure.
[[nodiscard]] std::vector<Duration> announcement_times(const Repetition& repetition);

/// Announces the target on each interface that holds it. Returns false if none does. What cannot be sent is dropped:
/// the next round may succeed.
bool announce_once(const Target& target);

/// Announces at `times` after now, in the calling process. Ends at once when the address is removed.
void announce_at(const Target& target, const std::vector<Duration>& times);

/// As announce_at(), in a process of its own session without open files, which ends by itself. Returns false if it
/// could not be started.
bool announce_in_background(const Target& target, const std::vector<Duration>& times);

}  // namespace duet::ipaddr2
