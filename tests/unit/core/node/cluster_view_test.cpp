// SPDX-License-Identifier: Apache-2.0
// What status is given.
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("view: grows its number with every change and carries devices, warnings and history", "[node]") {
  Pair pair;
  pair.meet();
  const auto before = pair.node(n1).core->generation();
  pair.tutorial();
  const NodeCore& core = *pair.node(n1).core;
  CHECK(core.generation() > before);
  const ClusterView view = core.view(pair.now, {});
  CHECK(view.node_name == "server1");
  CHECK(view.quorate);
  REQUIRE(view.devices.size() == 2);  // as each of the nodes sees it
  CHECK(view.devices[0].healthy);
  CHECK(view.devices[1].healthy);
  CHECK(view.warnings.empty());
  const auto history = core.history(20);
  REQUIRE(history.size() == 2);
  CHECK(history[1].command == "tutorial");
  CHECK(history[1].author == "root@server1");
}
