// SPDX-License-Identifier: Apache-2.0
// Shrinking: what is left still fails, nothing superfluous is left, and the limit of runs holds.
#include <algorithm>
#include <catch2/catch.hpp>

#include "core/base/mutant.hpp"
#include "tests/sim/run.hpp"

using namespace duet;
using namespace duet::sim;

namespace {

/// What a seed draws, and one cut and one kill of the daemon in it.
Plan rich_plan(std::uint64_t seed) {
  Plan plan = draw_plan(seed);
  std::erase_if(plan.faults, [](const Fault& fault) { return fault.kind == "cut-link" || fault.kind == "kill-duetd"; });
  for (const char* kind : {"cut-link", "kill-duetd"}) {
    const std::string target = kind == std::string{"cut-link"} ? "link" : "n2";
    plan.faults.push_back(Fault{kind, target, 400s, 8s, 1, {}});
  }
  return plan;
}

const Fault* find(const Plan& plan, const std::string& kind) {
  const auto found =
      std::find_if(plan.faults.begin(), plan.faults.end(), [&](const Fault& fault) { return fault.kind == kind; });
  return found == plan.faults.end() ? nullptr : &*found;
}

/// As a mistake that takes a cut of at least three seconds and a kill of the daemon, in a cluster with two resources.
bool needs_both(const Plan& plan) {
  const Fault* cut = find(plan, "cut-link");
  return cut != nullptr && cut->length >= 3s && find(plan, "kill-duetd") != nullptr && plan.option("resources") >= 2;
}

}  // namespace

TEST_CASE("shrink: what the failure does not need is taken out, what it needs stays", "[sim]") {
  for (std::uint64_t seed = 1; seed < 40; ++seed) {
    CAPTURE(seed);
    Plan plan = rich_plan(seed);
    plan.options["resources"] = 6;
    const Shrunk shrunk = shrink(plan, needs_both, 1000);
    CHECK(needs_both(shrunk.plan));
    CHECK(shrunk.plan.faults.size() == 2);
    CHECK(find(shrunk.plan, "cut-link")->length < 6s);  // halving it once more would be too short
    CHECK(find(shrunk.plan, "kill-duetd")->length <= 1s);
    CHECK(shrunk.plan.option("resources") == 2);
    CHECK(shrunk.plan.option("constraints") == 0);
  }
}

TEST_CASE("shrink: the limit of runs holds, and what is left at the limit still fails", "[sim]") {
  std::size_t asked = 0;
  const auto counting = [&](const Plan& plan) {
    ++asked;
    return needs_both(plan);
  };
  Plan plan = rich_plan(7);
  plan.options["resources"] = 6;
  const Shrunk shrunk = shrink(plan, counting, 5);
  CHECK(asked == 5);
  CHECK(shrunk.runs == 5);
  CHECK(needs_both(shrunk.plan));
}

#ifdef DUET_MUTANTS
TEST_CASE("shrink: the shrunk plan of a real mistake, written and read again, violates the same invariant", "[sim]") {
  mutant::select("M01");
  std::size_t shown = 0;
  for (std::uint64_t seed = 1; seed < 200 && shown < 3; ++seed) {
    const Plan plan = draw_plan(seed);
    const Outcome outcome = run_plan(plan);
    if (!outcome.violation || plan.faults.size() < 4) continue;
    CAPTURE(seed);
    ++shown;
    const Shrunk shrunk = shrink(plan, outcome.violation->invariant, 60);
    CHECK(shrunk.plan.faults.size() < plan.faults.size());
    const auto read = parse_plan(to_text(shrunk.plan));
    REQUIRE(read.has_value());
    const Outcome again = run_plan(*read);
    REQUIRE(again.violation);
    CHECK(again.violation->invariant == outcome.violation->invariant);
  }
  mutant::select("");
  CHECK(shown == 3);
}
#endif
