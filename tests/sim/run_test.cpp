// SPDX-License-Identifier: Apache-2.0
// A run is a function of its plan: two runs give one trace. Nothing is found in a quiet cluster, and every experiment
// of the liveness phase is reached.
#include "tests/sim/run.hpp"

#include <catch2/catch.hpp>

using namespace duet;
using namespace duet::sim;

TEST_CASE("run: the same plan gives the same trace twice", "[sim]") {
  for (const std::uint64_t seed : {3U, 14U, 77U}) {
    CAPTURE(seed);
    const Outcome first = run_plan(draw_plan(seed));
    const Outcome second = run_plan(draw_plan(seed));
    CHECK(first.trace_hash == second.trace_hash);
    CHECK(first.events == second.events);
  }
}

TEST_CASE("run: a cluster without faults and without an administrator violates nothing", "[sim]") {
  Plan plan = draw_plan(5);
  plan.faults.clear();
  const Outcome outcome = run_plan(plan);
  CHECK_FALSE(outcome.violation.has_value());
  CHECK(outcome.virtual_time >= 1800s);
}

TEST_CASE("run: a trace goes out as one JSON object for each line", "[sim]") {
  Plan plan = draw_plan(5);
  plan.faults.clear();
  plan.options["virtual_s"] = 100;
  std::size_t lines = 0;
  const Outcome outcome = run_plan(plan, [&](const std::string& line) {
    ++lines;
    CHECK(line.front() == '{');
    CHECK(line.back() == '}');
  });
  CHECK(lines > 100);
  CHECK(outcome.exit_status() == 0);
}
