// SPDX-License-Identifier: Apache-2.0
// The gate before every start.
#include "core/policy/starting.hpp"

#include "core/policy/trouble.hpp"
#include "tests/unit/core/policy/helpers.hpp"

using namespace duet;
using duet::test::Scene;

namespace {

std::vector<std::string> obstacles(const std::string& text, std::optional<std::size_t> leaving = {}) {
  Scene scene{text};
  static_cast<void>(policy::assess(scene.picture));
  std::vector<std::string> rules;
  for (const Why& why : policy::start_obstacles(scene.picture, scene.resource("R"), 0, leaving))
    rules.push_back(why.rule);
  return rules;
}

using Rules = std::vector<std::string>;

}  // namespace

TEST_CASE("gate: the good state lets a start through", "[policy]") {
  CHECK(obstacles("primitive R\n").empty());
}

TEST_CASE("gate: each invariant holds back on its own", "[policy][S1][S10][S18]") {
  struct Row {
    const char* text;
    const char* rule;
  };
  const auto row = GENERATE(values<Row>({
      {"nodevice\nprimitive R\n", "no_fencing"},
      {"fork\nprimitive R\n", "fork"},
      {"quorate no\nprimitive R\n", "no_quorum"},
      {"primitive R\non R server1 unknown unprobed\n", "probe"},
      {"primitive R\non R server1 stopped unprobed\n", "probe"},
      {"primitive R\non R server1 running\n", "stop"},
      {"primitive R\non R server1 failed\n", "stop"},
      {"primitive R\non R server1 stopped needs-stop\n", "stop"},
      {"primitive R\non R server4 running\n", "stop"},
      {"primitive R\non R server4 stopped pending=stop may-run\n", "stop"},
      {"primitive R\non R server4 stopped pending=start may-run\n", "stop"},
      {"primitive R\non R server4 stopped may-run\n", "may_run"},
      {"primitive R\nstate server4 absent unclean\non R server4 unknown may-run\n", "may_run"},
      {"primitive R\nstate server4 absent\non R server4 stopped may-run\n", "may_run"},
      {"primitive R\nstate server4 present unreported\non R server4 stopped may-run\n", "may_run"},
      {"primitive R\non R server4 unknown unprobed\n", "probe"},
      {"primitive R\nstate server4 present\non R server4 unknown unprobed\n", "probe"},
      {"primitive R\nstate server4 present unreported\n", "node_joining"},
      {"primitive R\nstate server1 present\n", "node_joining"},
  }));
  CAPTURE(row.text);
  CHECK(obstacles(row.text) == Rules{row.rule});
}

TEST_CASE("gate: what does not hold back", "[policy][S1][S10]") {
  CHECK(obstacles("primitive R\nstate server4 absent evidence=fenced\n").empty());
  CHECK(obstacles("primitive R\nstate server4 absent evidence=clean_leave\non R server4 unknown unprobed\n").empty());
  CHECK(obstacles("primitive R\nstate server4 absent unclean\n").empty());
  CHECK(obstacles("primitive R\nstate server4 present unreported evidence=fenced\n").empty());
  CHECK(obstacles("primitive R\nstate server4 present\n").empty());
  CHECK(obstacles("nodevice\nproperty stonith-enabled=false\nprimitive R\n").empty());
  CHECK(obstacles("quorate no\nproperty no-quorum-policy=ignore\nprimitive R\n").empty());
  CHECK(obstacles("quorate no\nprimitive R\nlast R server1\n").empty());
}

TEST_CASE("gate: a copy that is about to leave does not count", "[policy]") {
  CHECK(obstacles("primitive R\non R server4 running\n", 1).empty());
}
