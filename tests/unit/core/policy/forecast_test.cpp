// SPDX-License-Identifier: Apache-2.0
// The forecast comes to rest, and at rest nothing is left to do.
#include "core/policy/forecast.hpp"

#include "tests/unit/core/policy/helpers.hpp"

using namespace duet;
using duet::test::Scene;

TEST_CASE("forecast: at rest the plan is empty", "[policy]") {
  const Scene scene{
      "primitive A\nprimitive B\nprimitive C\ngroup G A B\nnode server1 standby=on\non A server1 running\n"};
  const Forecast result = forecast({scene.input.config, scene.input.state, true, {}});
  CHECK(result.settled);
  CHECK(make_plan({scene.input.config, result.end, true, {}}).operations.empty());
  CHECK(result.end.find("C", NodeId{4})->activity == Activity::running);
}

TEST_CASE("forecast: what is pending ends first", "[policy]") {
  const Scene scene{"primitive R\non R server4 stopped pending=start may-run\n"};
  const Forecast result = forecast({scene.input.config, scene.input.state, true, {}});
  CHECK(result.settled);
  CHECK(result.rounds.empty());
  CHECK(result.end.find("R", NodeId{4})->activity == Activity::running);
}

TEST_CASE("forecast: a fencing that is demanded is part of it", "[policy]") {
  const Scene scene{"primitive R\non R server1 failed stop-failed fail=stop:0:INFINITY:1\n"};
  const Forecast result = forecast({scene.input.config, scene.input.state, true, {}});
  REQUIRE(result.fences.size() == 1);
  CHECK(result.fences[0].target == NodeId{1});
  CHECK(result.end.find("R", NodeId{4})->activity == Activity::running);
}

TEST_CASE("forecast: a limit of rounds is kept", "[policy]") {
  const Scene scene{"primitive A\nprimitive B\ngroup G A B\n"};
  const Forecast result = forecast({scene.input.config, scene.input.state, true, {}}, 1);
  CHECK_FALSE(result.settled);
  CHECK(result.rounds.size() == 1);
}
