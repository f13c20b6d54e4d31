// SPDX-License-Identifier: Apache-2.0
// Places that the golden cases do not show: numbers, chains, what moves what.
#include "core/policy/placement.hpp"

#include "tests/unit/core/policy/helpers.hpp"

using namespace duet;
using duet::test::Scene;

namespace {

std::string where(const std::string& text, const std::string& id = "R") {
  const Scene scene{text};
  const auto node = scene.plan().placement.at(id).node;
  return node ? scene.input.config.node_name(*node) : "nowhere";
}

}  // namespace

TEST_CASE("placement: ten stopped resources are spread evenly", "[policy]") {
  std::string text;
  for (int i = 0; i < 10; ++i) text += "primitive R" + std::to_string(i) + "\n";
  const Scene scene{text};
  int on_first = 0;
  for (const auto& [id, decision] : scene.plan().placement) on_first += decision.node == NodeId{1} ? 1 : 0;
  CHECK(on_first == 5);
}

TEST_CASE("placement: a group counts with all its members for balance", "[policy]") {
  const std::string text =
      "primitive A\nprimitive B\nprimitive C\nprimitive R\nprimitive S\ngroup G A B C\non A server1 running\n"
      "on B server1 running\non C server1 running\n";
  CHECK(where(text, "R") == "server4");
  CHECK(where(text, "S") == "server4");
}

TEST_CASE("placement: a chain of colocations 200 long is followed", "[policy]") {
  std::string text = "primitive R0\nlocation l R0 server4 1\n";
  for (int i = 1; i < 200; ++i) {
    const std::string id = std::to_string(i);
    text += "primitive R" + id + "\ncolocation c" + id + " R" + id + " with R" + std::to_string(i - 1) + " INFINITY\n";
  }
  CHECK(where(text, "R199") == "server4");
}

TEST_CASE("placement: a follower's stickiness in part influences its leader", "[policy]") {
  const std::string text = "primitive A resource-stickiness=1000\nprimitive R\non A server4 running\n";
  CHECK(where(text + "colocation c A with R INFINITY\n") == "server4");
  CHECK(where(text) == "server1");
}

TEST_CASE("placement: failing on one node does not push a group off the other", "[policy]") {
  const std::string text =
      "primitive A migration-threshold=1\nprimitive R\ngroup G A R\non A server4 running\non R server4 running\n"
      "on A server1 stopped fail=monitor:10s:1:1\n";
  CHECK(where(text) == "server4");
}

TEST_CASE("placement: the same input gives the same plan", "[policy][S16]") {
  const std::string text = "primitive R\nprimitive S\nprimitive T\ngroup G S T\ncolocation c G with R INFINITY\n";
  CHECK(test::print_plan(Scene{text}.input) == test::print_plan(Scene{text}.input));
}
