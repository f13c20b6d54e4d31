// SPDX-License-Identifier: Apache-2.0
// Running, shrinking and reporting.
#include "tests/sim/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tests/sim/scenario.hpp"

namespace duet::sim {

int Outcome::exit_status() const {
  if (!violation) return 0;
  return violation->invariant.front() == 'S' ? 11 : 12;
}

Outcome run_plan(const Plan& plan, const Recorder::LineSink& trace, const Recorder::LineSink& story) {
  checker::Suite suite;
  Recorder recorder{suite, trace, story};
  World world{plan, recorder};
  recorder.on_violation([&] { world.scheduler.stop(); });
  Scenario{world}.run();
  Outcome outcome;
  outcome.violation = suite.violation();
  outcome.trace_hash = recorder.hash();
  outcome.events = world.scheduler.executed();
  outcome.virtual_time = world.scheduler.now();
  outcome.evaluations = suite.evaluations();
  if (outcome.violation) outcome.last = recorder.last();
  return outcome;
}

// ---- shrinking ------------------------------------------------------------------------------------------------------

namespace {

class Shrinker {
 public:
  Shrinker(Plan plan, const std::function<bool(const Plan&)>& fails, std::size_t limit)
      : plan_{std::move(plan)}, fails_{fails}, limit_{limit} {}

  Shrunk shrink() {
    for (std::size_t before = plan_.faults.size() + 1; plan_.faults.size() < before && runs_ < limit_;) {
      before = plan_.faults.size();
      for (std::size_t chunk = std::max<std::size_t>(1, before / 2);; chunk /= 2) {
        remove_chunks(chunk);
        if (chunk <= 1) break;
      }
    }
    for (std::size_t i = 0; i < plan_.faults.size(); ++i) shorten(i);
    reduce_option("resources", 1);
    reduce_option("constraints", 0);
    return Shrunk{plan_, runs_};
  }

 private:
  bool still_fails(const Plan& candidate) {
    if (runs_ >= limit_) return false;
    ++runs_;
    return fails_(candidate);
  }
  bool keep_if_fails(Plan candidate) {
    if (!still_fails(candidate)) return false;
    plan_ = std::move(candidate);
    return true;
  }
  void remove_chunks(std::size_t chunk) {
    for (std::size_t from = 0; from < plan_.faults.size() && runs_ < limit_;) {
      Plan candidate = plan_;
      const auto begin = candidate.faults.begin() + static_cast<std::ptrdiff_t>(from);
      const std::size_t count = std::min(chunk, plan_.faults.size() - from);
      candidate.faults.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
      if (!keep_if_fails(std::move(candidate))) from += chunk;
    }
  }
  void shorten(std::size_t index) {
    for (int i = 0; i < 4 && plan_.faults[index].length > 100ms; ++i) {
      Plan candidate = plan_;
      Duration& length = candidate.faults[index].length;
      length = std::chrono::floor<std::chrono::milliseconds>(length / 2);
      if (!keep_if_fails(std::move(candidate))) return;
    }
  }
  void reduce_option(const std::string& name, std::int64_t lowest) {
    while (plan_.options[name] > lowest) {
      Plan candidate = plan_;
      --candidate.options[name];
      if (!keep_if_fails(std::move(candidate))) return;
    }
  }

  Plan plan_;
  const std::function<bool(const Plan&)>& fails_;
  std::size_t limit_;
  std::size_t runs_ = 0;
};

}  // namespace

Shrunk shrink(const Plan& plan, const std::function<bool(const Plan&)>& fails, std::size_t limit) {
  return Shrinker{plan, fails, limit}.shrink();
}

Shrunk shrink(const Plan& plan, const std::string& invariant, std::size_t limit) {
  const std::function<bool(const Plan&)> fails = [&](const Plan& candidate) {
    const Outcome outcome = run_plan(candidate);
    return outcome.violation && outcome.violation->invariant == invariant;
  };
  return shrink(plan, fails, limit);
}

// ---- report ---------------------------------------------------------------------------------------------------------

std::string report(const Plan& plan, const Outcome& outcome, const std::string& commit,
                   const std::optional<Shrunk>& shrunk) {
  const checker::Violation& violation = *outcome.violation;
  const auto ms = violation.at / 1ms;
  std::string text = fmt::format(
      "SIM FAIL  seed={} commit={} class={} invariant={}  {} at t={}.{:03}s\n"
      "replay:   duet-sim --seed {} --trace out.jsonl          story: duet-sim --seed {} --explain\n",
      plan.seed, commit, outcome.exit_status() == 11 ? "safety" : "liveness", violation.invariant, violation.text,
      ms / 1000, ms % 1000, plan.seed, plan.seed);
  const Plan& shown = shrunk ? shrunk->plan : plan;
  if (shrunk) {
    text += fmt::format("shrunk:   {} -> {} faults ({} runs)\n", plan.faults.size(), shown.faults.size(), shrunk->runs);
  }
  for (const Fault& fault : shown.faults) {
    if (!shrunk && fault.at > violation.at) break;
    const auto at = fault.at / 1ms;
    text += fmt::format("    {:>7}.{:03}s {:<22} {:<5} {:>9.3f}s\n", at / 1000, at % 1000, fault.kind, fault.target,
                        static_cast<double>(fault.length / 1ms) / 1000);
  }
  text += "last decisions:\n";
  for (const std::string& line : outcome.last) text += "    " + line + "\n";
  return text;
}

}  // namespace duet::sim
