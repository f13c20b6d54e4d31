// SPDX-License-Identifier: Apache-2.0
// What failures demand.
#include "core/policy/trouble.hpp"

#include "tests/unit/core/policy/helpers.hpp"

using namespace duet;
using duet::test::Scene;

namespace {

const std::string failed_stop = "primitive R\non R server1 failed stop-failed fail=stop:0:INFINITY:1:timed_out\n";

}  // namespace

TEST_CASE("trouble: a failed stop demands fencing, aimed at the boot", "[policy][S2][S4]") {
  Scene scene{failed_stop};
  const auto demands = policy::assess(scene.picture);
  REQUIRE(demands.size() == 1);
  CHECK(demands[0].target == NodeId{1});
  CHECK(demands[0].boot == BootId{"boot-server1"});
  CHECK(demands[0].cause == CauseKind::stop_failed);
  CHECK(demands[0].resource == "R");
  CHECK(demands[0].why.find("stop timed out") != std::string::npos);
  CHECK(scene.picture.nodes[0].fenced_soon);
  CHECK_FALSE(scene.picture.nodes[1].fenced_soon);
}

TEST_CASE("trouble: no fencing where none may be; then the resource is blocked", "[policy][S2][S4][S11]") {
  const std::string reason =
      GENERATE(std::string{"property stonith-enabled=false\n"}, std::string{"nodevice\n"}, std::string{"quorate no\n"},
               std::string{"state server4 absent evidence=fenced\n"}, std::string{"state server4 present\n"},
               std::string{"property maintenance-mode=true\n"}, std::string{"node server1 maintenance=on\n"},
               std::string{"defaults is-managed=false\n"});
  CAPTURE(reason);
  Scene scene{reason + failed_stop};
  CHECK(policy::assess(scene.picture).empty());
  CHECK_FALSE(scene.picture.nodes[0].fenced_soon);
  REQUIRE(scene.resource("R").blocked);
  CHECK(scene.resource("R").blocked->rule == "stop_failed");
}

TEST_CASE("trouble: what a node that is away has left behind demands nothing", "[policy]") {
  Scene scene{"state server1 absent unclean\n" + failed_stop};
  CHECK(policy::assess(scene.picture).empty());
  CHECK_FALSE(scene.resource("R").blocked);
}

TEST_CASE("trouble: failures are described for people, one line", "[policy]") {
  FailureRecord failure{Action::monitor, 30s, 1, {OpStatus::done, 7, "gone\nfor good", 0, 0}};
  CHECK(policy::describe(failure) == "30s-interval monitor failed with 7 (not running): gone\\nfor good");
  failure.action = Action::start;
  failure.last.status = OpStatus::timed_out;
  failure.last.reason.clear();
  CHECK(policy::describe(failure) == "start timed out");
  failure.last.status = OpStatus::error;
  CHECK(policy::describe(failure) == "start did not end by itself");
}
