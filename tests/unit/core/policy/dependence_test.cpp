// SPDX-License-Identifier: Apache-2.0
// What does not run takes down what depends on it, and nothing else.
#include "core/policy/dependence.hpp"

#include "tests/unit/core/policy/helpers.hpp"

using namespace duet;
using duet::test::Scene;

TEST_CASE("dependence: goes through orders and colocations to the end", "[policy][S14]") {
  const Scene scene{
      "primitive A target-role=Stopped\nprimitive B\nprimitive C\nprimitive D\nprimitive E\n"
      "order o1 A then B\ncolocation c1 C with B INFINITY\norder o2 C then D\n"};
  const Plan plan = scene.plan();
  for (const auto* id : {"A", "B", "C", "D"}) CHECK_FALSE(plan.placement.at(id).node);
  CHECK(plan.placement.at("E").node);
  CHECK(plan.placement.at("B").why.rule == "order");
  CHECK(plan.placement.at("C").why.rule == "colocation");
}

TEST_CASE("dependence: optional and serialize orders take nothing down", "[policy]") {
  const Scene scene{
      "primitive A target-role=Stopped\nprimitive B\nprimitive C\norder o1 A then B kind=Optional\n"
      "order o2 A then C kind=Serialize\n"};
  CHECK(scene.plan().placement.at("B").node);
  CHECK(scene.plan().placement.at("C").node);
}

TEST_CASE("dependence: behind what people have taken over, running things stay and stopped ones wait",
          "[policy][S11]") {
  const Scene scene{
      "primitive A is-managed=false\nprimitive B\nprimitive C\norder o1 A then B\norder o2 A then C\n"
      "on B server4 running\n"};
  CHECK(scene.plan().placement.at("B").node == NodeId{4});
  CHECK_FALSE(scene.plan().placement.at("C").node);
}
