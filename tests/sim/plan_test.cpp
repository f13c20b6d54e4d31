// SPDX-License-Identifier: Apache-2.0
// The plan: equal for equal seeds, unchanged by its text form, and broken lines are refused.
#include "tests/sim/plan.hpp"

#include <catch2/catch.hpp>

#include "tests/sim/rng.hpp"

using namespace duet;
using namespace duet::sim;

TEST_CASE("plan: the same seed gives the same plan, another seed another", "[sim]") {
  CHECK(to_text(draw_plan(7)) == to_text(draw_plan(7)));
  CHECK(to_text(draw_plan(7)) != to_text(draw_plan(8)));
}

TEST_CASE("plan: text and back changes nothing", "[sim]") {
  for (std::uint64_t seed = 1; seed < 200; ++seed) {
    const Plan plan = draw_plan(seed);
    const auto read = parse_plan(to_text(plan));
    REQUIRE(read.has_value());
    CHECK(read->options == plan.options);
    CHECK(read->faults == plan.faults);
  }
}

TEST_CASE("plan: the words of a command survive", "[sim]") {
  Plan plan = draw_plan(3);
  plan.faults = {Fault{"command", "n2", 61s, 0ms, 0, "move r1 n1"}};
  const auto read = parse_plan(to_text(plan));
  REQUIRE(read.has_value());
  CHECK(read->faults == plan.faults);
}

TEST_CASE("plan: what cannot be read is refused with the line", "[sim]") {
  for (const char* bad : {"seed x\n", "seed 1\noption nothing 3\n", "seed 1\nfault 1.000s no-such-kind n1 1.000s 1\n",
                          "seed 1\nfault 1s cut-link link 1.000s 1\n", "seed 1\nfault 1.000s command n1 0.000s 1\n",
                          "seed 1\nfault 1.000s cut-link link 1.000s 1 now\n", "nonsense\n", ""}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_plan(bad).has_value());
  }
}

TEST_CASE("plan: over many seeds every kind of fault is drawn", "[sim]") {
  std::map<std::string, int> drawn;
  for (std::uint64_t seed = 1; seed < 400; ++seed) {
    for (const Fault& fault : draw_plan(seed).faults) ++drawn[fault.kind];
  }
  for (const FaultKind& kind : fault_kinds()) {
    CAPTURE(kind.name);
    if (kind.name != "command") CHECK(drawn[std::string{kind.name}] > 0);
  }
}

TEST_CASE("streams: one component's draws do not depend on another's", "[sim]") {
  Rng first{5, "corosync"};
  Rng other{5, "fence"};
  static_cast<void>(other.next());
  Rng again{5, "corosync"};
  CHECK(first.next() == again.next());
  CHECK(Rng(5, "corosync").next() != Rng(5, "fence").next());
}
