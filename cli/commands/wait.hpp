// SPDX-License-Identifier: Apache-2.0
// --wait: follow the cluster until a change has taken effect, show each step, end at once when it cannot be reached.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/commands/change.hpp"
#include "core/model/plan.hpp"

namespace duet::cli {

/// Where the cluster stands with respect to a goal.
enum class Progress : std::uint8_t {
  working,  ///< something is under way, or may begin
  reached,
  unreachable,  ///< nothing is under way any more, and the goal is not reached
};
struct Standing {
  Progress progress = Progress::working;
  std::string why;  ///< of unreachable, or what is waited for
};
/// Pure: judges one view.
[[nodiscard]] Standing standing(const ClusterView& view, const Plan& plan, const Goal& goal);

/// Steps under way ("haproxy: stopping on server1"), in the order of the configuration. Pure.
[[nodiscard]] std::vector<std::string> steps_under_way(const ClusterView& view, const Goal& goal);

/// Waits at most `limit`. Exit ok, failed (unreachable; the reason is printed) or timeout.
[[nodiscard]] Outcome<Exit> wait_for(Shell& shell, const Goal& goal, Duration limit);

/// The time limit of `--wait[=N]`; 60 min without N. 64 if N is no time.
[[nodiscard]] Outcome<Duration> wait_limit(const Invocation& call);

}  // namespace duet::cli
