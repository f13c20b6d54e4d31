// SPDX-License-Identifier: Apache-2.0
// Where recurring monitors run.
#include "core/policy/monitors.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/policy/case_file.hpp"

using namespace duet;

namespace {

std::vector<MonitorDue> due(const std::string& text, NodeId node = NodeId{1}) {
  std::string error;
  const auto input = test::read_case(text, error);
  REQUIRE(error.empty());
  return wanted_monitors(input.config, input.state, node);
}

const std::string two = "primitive R op monitor interval=10s OCF_CHECK_LEVEL=20 op monitor interval=1min op start\n";

}  // namespace

TEST_CASE("monitors: each recurring one where the resource runs, and only there", "[policy]") {
  const auto here = due(two + "on R server1 running\n");
  REQUIRE(here.size() == 2);
  CHECK(here[0].resource == "R");
  CHECK(here[0].interval == 10s);
  CHECK(here[0].timeout == 20s);
  CHECK(here[0].check_level == 20);
  CHECK(here[1].interval == 1min);
  CHECK(here[1].check_level == 0);
  CHECK(due(two + "on R server1 running\n", NodeId{4}).empty());
  CHECK(due(two).empty());
  CHECK(due(two + "on R server1 unknown unprobed\n").empty());
}

TEST_CASE("monitors: after a failure only for what nobody will recover", "[policy]") {
  CHECK(due(two + "on R server1 failed\n").empty());
  CHECK(due("defaults is-managed=false\n" + two + "on R server1 failed\n").size() == 2);
  CHECK(due("defaults is-managed=false\n" + two + "on R server1 running\n").size() == 2);
}

TEST_CASE("monitors: none in maintenance of cluster, node or resource", "[policy][S11]") {
  const std::string running = two + "on R server1 running\n";
  CHECK(due("property maintenance-mode=true\n" + running).empty());
  CHECK(due("node server1 maintenance=on\n" + running).empty());
  CHECK(due("defaults maintenance=true\n" + running).empty());
  CHECK(due("node server4 maintenance=on\n" + running).size() == 2);
}

TEST_CASE("monitors: switched off and Stopped-role ones do not run", "[policy]") {
  std::string error;
  auto input = test::read_case(
      "primitive R op monitor interval=10s role=Stopped op monitor interval=20s\n"
      "on R server1 running\n",
      error);
  REQUIRE(error.empty());
  CHECK(wanted_monitors(input.config, input.state, NodeId{1}).size() == 1);
  input.config.primitives[0].operations[1].enabled = false;
  CHECK(wanted_monitors(input.config, input.state, NodeId{1}).empty());
}
