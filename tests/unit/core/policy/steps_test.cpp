// SPDX-License-Identifier: Apache-2.0
// Steps: shape and order of the list.
#include "core/policy/steps.hpp"

#include <set>

#include "tests/unit/core/policy/helpers.hpp"

using namespace duet;
using duet::test::Scene;

TEST_CASE("steps: probes, then stops from the end, then starts from the front", "[policy]") {
  const Scene scene{
      "primitive A\nprimitive B\nprimitive C\ngroup G A B\nnode server1 standby=on\non A server1 running\n"
      "on B server1 running\non C server1 unknown unprobed\n"};
  std::vector<std::string> list;
  for (const PlannedOp& op : scene.plan().operations)
    list.push_back(std::string{to_string(op.action)} + " " + op.resource);
  CHECK(list == std::vector<std::string>{"probe C", "stop B", "stop A", "start A", "start B", "start C"});
}

TEST_CASE("steps: ready exactly when nothing is waited for", "[policy]") {
  const Scene scene{"primitive A\nprimitive B\ngroup G A B\nprimitive C\non C server4 unknown unprobed\n"};
  for (const PlannedOp& op : scene.plan().operations) CHECK(op.ready == op.waits_for.empty());
}

TEST_CASE("steps: nothing for a place where an operation is under way", "[policy][S9]") {
  for (const auto* action : {"probe", "start", "stop"}) {
    const Scene scene{std::string{"primitive R\nnode server1 standby=on\non R server1 running unprobed pending="} +
                      action + "\n"};
    for (const PlannedOp& op : scene.plan().operations) CHECK(op.node != NodeId{1});
  }
}

TEST_CASE("steps: stops are not held back by a lost peer", "[policy]") {
  const Scene scene{"primitive R\nnode server1 standby=on\nstate server4 absent unclean\non R server1 running\n"};
  const Plan plan = scene.plan();
  REQUIRE(plan.operations.size() == 1);
  CHECK(plan.operations[0].action == Action::stop);
  CHECK(plan.operations[0].ready);
}
