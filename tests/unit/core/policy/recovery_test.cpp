// SPDX-License-Identifier: Apache-2.0
// Which copies are stopped.
#include "core/policy/recovery.hpp"

#include <algorithm>

#include "core/policy/trouble.hpp"
#include "tests/unit/core/policy/helpers.hpp"

using namespace duet;
using duet::test::Scene;

namespace {

std::vector<policy::Need> needs(Scene& scene) {
  static_cast<void>(policy::assess(scene.picture));
  const auto placed = policy::place_all(scene.picture);
  return policy::find_needs(scene.picture, placed);
}

}  // namespace

TEST_CASE("recovery: nothing is stopped or started where all is well", "[policy]") {
  Scene scene{"primitive R\nprimitive S\non R server1 running\non S server4 running\n"};
  for (const auto& need : needs(scene)) {
    CHECK_FALSE(need.goes_down());
    CHECK_FALSE(need.starts);
  }
}

TEST_CASE("recovery: a restart takes down what starts after it, through the whole chain", "[policy][S14]") {
  Scene scene{
      "primitive A\nprimitive B\nprimitive C\nprimitive D\norder o1 A then B\norder o2 B then C\n"
      "on A server1 failed needs-stop fail=monitor:10s:1:1\non B server4 running\non C server1 running\n"
      "on D server1 running\n"};
  const auto all = needs(scene);
  CHECK(all[scene.at("A")].stop[0]);
  CHECK(all[scene.at("B")].stop[1]);
  CHECK(all[scene.at("C")].stop[0]);
  CHECK_FALSE(all[scene.at("D")].goes_down());
}

TEST_CASE("recovery: nothing is ordered on a node that will be fenced", "[policy]") {
  Scene scene{
      "primitive R\nprimitive S target-role=Stopped\non R server1 failed stop-failed fail=stop:0:INFINITY:1\n"
      "on S server1 running\n"};
  const auto all = needs(scene);
  CHECK_FALSE(all[scene.at("R")].stop[0]);
  CHECK_FALSE(all[scene.at("S")].stop[0]);
}

TEST_CASE("recovery: two copies go together unless the rule is another one", "[policy]") {
  const auto copies = [](const char* rule) {
    Scene scene{std::string{"primitive R multiple-active="} + rule + "\non R server1 running\non R server4 running\n"};
    const auto need = needs(scene)[0];
    return std::count_if(need.stop.begin(), need.stop.end(), [](const auto& why) { return why.has_value(); });
  };
  CHECK(copies("stop_start") == 2);
  CHECK(copies("stop_only") == 2);
  CHECK(copies("stop_unexpected") == 1);
  CHECK(copies("block") == 0);
}

TEST_CASE("recovery: needs_stop of a healthy resource restarts it in place (changed parameters)", "[policy]") {
  Scene scene{"primitive R\non R server4 running needs-stop\n"};
  const auto need = needs(scene)[0];
  CHECK(need.stop[1]);
  CHECK(need.starts);
}

TEST_CASE("recovery: what a joining node holds is neither stopped nor started", "[policy][S1]") {
  const auto* const state = GENERATE("unknown unprobed may-run", "running");
  CAPTURE(state);
  Scene scene{std::string{"primitive R\nprimitive S\norder o R then S\nstate server4 present\nlast R server4\n"} +
              "on S server1 running\non R server4 " + state + "\n"};
  for (const auto& need : needs(scene)) {
    CHECK_FALSE(need.goes_down());
    CHECK_FALSE(need.starts);
  }
}
