// SPDX-License-Identifier: Apache-2.0
// Verdicts: every obstacle is named, with the command that ends it.
#include "core/policy/verdict.hpp"

#include "core/policy/trouble.hpp"
#include "tests/unit/core/policy/helpers.hpp"

using namespace duet;
using duet::test::Scene;

namespace {

NodeVerdict verdict(const std::string& text, std::size_t node = 0) {
  Scene scene{text};
  static_cast<void>(policy::assess(scene.picture));
  return policy::own_verdict(scene.picture, scene.resource("R"), node);
}

}  // namespace

TEST_CASE("verdict: each obstacle has its rule and its way out", "[policy]") {
  struct Row {
    const char* text;
    const char* rule;
    const char* fix;
  };
  const auto row = GENERATE(values<Row>({
      {"primitive R\nnode server1 standby=on\n", "standby", "duet node unstandby server1"},
      {"primitive R\nnode server1 maintenance=on\n", "maintenance", "duet node unmaintenance server1"},
      {"property maintenance-mode=true\nprimitive R\n", "maintenance", "duet property set maintenance-mode=false"},
      {"primitive R\nstate server1 absent unclean\n", "node_unclean", "duet stonith confirm server1"},
      {"primitive R\nstate server1 absent evidence=fenced\n", "node_down", ""},
      {"primitive R\nstate server1 absent\n", "node_absent", ""},
      {"primitive R\nstate server1 present\n", "node_joining", ""},
      {"primitive R\nstate server1 joined leaving\n", "node_leaving", ""},
      {"primitive R\nlocation cli-ban-R-on-server1 R server1 -INFINITY\n", "location", "duet resource clear R server1"},
      {"primitive R\nlocation l R server1 -INFINITY\n", "location", "duet constraint delete l"},
      {"property symmetric-cluster=false\nprimitive R\n", "opt_in", "duet constraint location R prefers server1=0"},
      {"primitive R\non R server1 stopped hard-ban fail=monitor:0:1:5\n", "hard_failure", "duet resource cleanup R"},
      {"primitive R\non R server1 stopped fail=start:0:INFINITY:1\n", "start_failed", "duet resource cleanup R"},
      {"primitive R migration-threshold=2\non R server1 running fail=monitor:10s:2:1\n", "migration_threshold",
       "duet resource cleanup R"},
      {"primitive R op monitor interval=10s on-fail=ban\non R server1 failed fail=monitor:10s:1:1\n", "on_fail_ban",
       "duet resource cleanup R"},
  }));
  CAPTURE(row.text);
  const NodeVerdict result = verdict(row.text);
  CHECK_FALSE(result.allowed);
  CHECK(result.score.is_minus_infinity());
  REQUIRE(result.why.size() == 1);
  CHECK(result.why[0].rule == row.rule);
  CHECK_FALSE(result.why[0].text.empty());
  if (*row.fix == '\0') {
    CHECK(result.fix.empty());
  } else {
    CHECK(result.fix == std::vector<std::string>{row.fix});
  }
}

TEST_CASE("verdict: several obstacles are all named", "[policy]") {
  const auto result = verdict(
      "primitive R\nnode server1 standby=on\nlocation l R server1 -INFINITY\non R server1 stopped hard-ban "
      "fail=start:0:INFINITY:5\n");
  CHECK(result.why.size() == 4);
  CHECK(result.fix.size() == 4);
}

TEST_CASE("verdict: scores add up: locations, stickiness where it is", "[policy]") {
  const std::string text = "primitive R resource-stickiness=100\nlocation a R server1 30\nlocation b R server1 -5\n";
  CHECK(verdict(text).score.value() == 25);
  CHECK(verdict(text + "on R server1 running\n").score.value() == 125);
  CHECK(verdict(text, 1).score.value() == 0);
  CHECK(verdict(text, 1).allowed);
}

TEST_CASE("verdict: people's nodes: pinned while it is active there", "[policy][S11]") {
  const auto pinned = [](const std::string& text) {
    Scene scene{text};
    static_cast<void>(policy::assess(scene.picture));
    return policy::pinned_node(scene.picture, scene.resource("R"));
  };
  CHECK(pinned("primitive R is-managed=false\non R server4 running\n") == 1U);
  CHECK(pinned("primitive R\nnode server4 maintenance=on\non R server4 failed\n") == 1U);
  CHECK_FALSE(pinned("primitive R is-managed=false\n"));
  CHECK_FALSE(pinned("primitive R\non R server4 running\n"));
}
