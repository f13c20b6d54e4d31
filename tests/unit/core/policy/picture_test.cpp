// SPDX-License-Identifier: Apache-2.0
// The index of configuration and state.
#include "core/policy/picture.hpp"

#include <algorithm>

#include "tests/unit/core/policy/helpers.hpp"

using duet::test::Scene;

TEST_CASE("picture: units are groups and what is in none", "[policy]") {
  const Scene scene{"primitive A\nprimitive B\nprimitive C\nprimitive D\ngroup G D B\n"};
  REQUIRE(scene.picture.units.size() == 3);
  CHECK(scene.resource("B").unit == scene.resource("D").unit);
  CHECK(scene.resource("A").unit != scene.resource("C").unit);
  const auto& group = scene.picture.units[scene.resource("B").unit];
  CHECK(group.members == std::vector<std::size_t>{scene.at("D"), scene.at("B")});
}

TEST_CASE("picture: start order puts first before then, over groups and constraints", "[policy][S14]") {
  const Scene scene{
      "primitive Z\nprimitive Y\nprimitive X\nprimitive W\ngroup G X Y\norder o1 W then G\norder o2 G then Z\n"};
  const auto& order = scene.picture.start_order;
  REQUIRE(order.size() == 4);
  const auto rank = [&](const char* id) { return std::find(order.begin(), order.end(), scene.at(id)) - order.begin(); };
  CHECK(rank("W") < rank("X"));
  CHECK(rank("X") < rank("Y"));
  CHECK(rank("Y") < rank("Z"));
}

TEST_CASE("picture: a cycle loses no resource", "[policy]") {
  const Scene scene{"primitive A\nprimitive B\nprimitive C\norder o1 A then B\norder o2 B then A\n"};
  CHECK(scene.picture.start_order.size() == 3);
}

TEST_CASE("picture: current is where it is active, being started, or was last", "[policy]") {
  const Scene active{"primitive R\non R server4 running\nlast R server1\n"};
  CHECK(active.picture.current(active.resource("R"), 1));
  CHECK_FALSE(active.picture.current(active.resource("R"), 0));
  const Scene starting{"primitive R\non R server4 stopped pending=start\nlast R server1\n"};
  CHECK(starting.picture.current(starting.resource("R"), 1));
  CHECK_FALSE(starting.picture.current(starting.resource("R"), 0));
  const Scene between{"primitive R\nlast R server1\n"};
  CHECK(between.picture.current(between.resource("R"), 0));
  CHECK_FALSE(between.picture.current(between.resource("R"), 1));
}

TEST_CASE("picture: what a lost node ran is neither active nor known", "[policy][S1]") {
  const Scene scene{"primitive R\nstate server4 absent unclean\non R server4 running\n"};
  CHECK_FALSE(scene.picture.active(scene.resource("R"), 1));
  CHECK_FALSE(scene.picture.healthy(scene.resource("R"), 1));
  CHECK_FALSE(scene.picture.unknown(scene.resource("R"), 1));
}

TEST_CASE("picture: a node that is not joined holds what it ran and may still run", "[policy][S1]") {
  struct Row {
    const char* text;
    std::optional<std::size_t> node;
  };
  const auto row = GENERATE(values<Row>({
      {"state server4 absent\non R server4 unknown may-run\nlast R server4\n", 1},
      {"state server4 absent unclean\non R server4 unknown may-run\nlast R server4\n", 1},
      {"state server4 present unreported\non R server4 unknown unprobed may-run\nlast R server4\n", 1},
      {"state server4 present\non R server4 unknown unprobed may-run\nlast R server4\n", 1},
      {"state server4 present\non R server4 running\n", 1},
      {"state server4 present\non R server4 stopped\nlast R server4\n", std::nullopt},
      {"state server4 absent evidence=fenced\non R server4 stopped\nlast R server4\n", std::nullopt},
      {"state server4 absent\non R server4 unknown may-run\n", std::nullopt},
      {"state server4 absent\non R server4 unknown may-run\nlast R server1\n", std::nullopt},
      {"state server4 absent\non R server4 unknown may-run\non R server1 running\nlast R server4\n", std::nullopt},
      {"state server4 present\non R server4 running\non R server1 running\n", std::nullopt},
      {"on R server4 running\nlast R server4\n", std::nullopt},
  }));
  CAPTURE(row.text);
  const Scene scene{std::string{"primitive R\n"} + row.text};
  CHECK(scene.picture.held(scene.resource("R")) == row.node);
}

TEST_CASE("picture: objects that the state does not know count as not known", "[policy][S10]") {
  Scene scene{"primitive R\n"};
  scene.input.state.resources.clear();
  const duet::policy::Picture fresh{duet::PolicyInput{scene.input.config, scene.input.state, true, {}}};
  CHECK(fresh.unknown(fresh.resources[0], 0));
  CHECK_FALSE(fresh.active(fresh.resources[0], 0));
}
