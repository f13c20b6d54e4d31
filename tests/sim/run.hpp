// SPDX-License-Identifier: Apache-2.0
// One run from a plan to an outcome.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/checker/suite.hpp"
#include "tests/sim/plan.hpp"
#include "tests/sim/recorder.hpp"

namespace duet::sim {

struct Outcome {
  std::optional<checker::Violation> violation;
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0;  ///< tasks of the world
  Duration virtual_time{0};
  std::map<std::string, std::uint64_t> evaluations;
  std::vector<std::string> last;  ///< newest decisions and faults

  /// 0 fine, 11 safety, 12 liveness.
  [[nodiscard]] int exit_status() const;
};

/// Runs until the end of the plan or the first violation. `trace` and `story` may be empty.
[[nodiscard]] Outcome run_plan(const Plan& plan, const Recorder::LineSink& trace = nullptr,
                               const Recorder::LineSink& story = nullptr);

struct Shrunk {
  Plan plan;
  std::size_t runs = 0;
};
/// Delta debugging: takes faults out, then shortens them, then reduces options, as long as `fails` says true of what is
/// left. Asks at most `limit` times.
[[nodiscard]] Shrunk shrink(const Plan& plan, const std::function<bool(const Plan&)>& fails, std::size_t limit);
/// As long as a run violates this invariant first.
[[nodiscard]] Shrunk shrink(const Plan& plan, const std::string& invariant, std::size_t limit);

/// The block for people: seed, invariant, how to replay, plan, last decisions.
[[nodiscard]] std::string report(const Plan& plan, const Outcome& outcome, const std::string& commit,
                                 const std::optional<Shrunk>& shrunk);

}  // namespace duet::sim
