// SPDX-License-Identifier: Apache-2.0
// Fence devices and levels.
#include "tests/unit/core/admin/sample.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("device: created, same again, other settings, bad map", "[admin][E07][E15]") {
  FenceDevice device{"second", "fence_xvm", {{"pcmk_host_map", "server1:Node1;server4:Node4"}}, {monitor(30s)}, {}};
  const ClusterConfig config = good(sample(), CreateDevice{device});
  CHECK(config.devices.size() == 2);
  CHECK(is_unchanged(config, CreateDevice{device}));
  device.parameters["timeout"] = "9";
  CHECK(bad(config, CreateDevice{device}).fix == "duet stonith update second timeout=9");
  device.id = "third";
  device.parameters["pcmk_host_map"] = "server1:Node1 server4:Node4";
  const Error error = bad(config, CreateDevice{device});
  CHECK(error.what == "pcmk_host_map \"server1:Node1 server4:Node4\" has no ';'");
  CHECK(error.fix == "\"server1:Node1;server4:Node4\"");
  device.id = "VIP";
  CHECK(bad(config, CreateDevice{device}).code == Errc::exists);
}

TEST_CASE("levels: kept in order, same again, other devices, unknown ones", "[admin]") {
  ClusterConfig config = sample();
  config.devices.push_back({"second", "fence_xvm", {}, {}, {}});
  config = good(config, AddLevel{{NodeId{4}, 1, {"vmfence"}}});
  config = good(config, AddLevel{{NodeId{1}, 2, {"second"}}});
  config = good(config, AddLevel{{NodeId{1}, 1, {"vmfence"}}});
  REQUIRE(config.levels.size() == 3);
  CHECK(config.levels[0] == FenceLevel{NodeId{1}, 1, {"vmfence"}});
  CHECK(config.levels[1] == FenceLevel{NodeId{1}, 2, {"second"}});
  CHECK(is_unchanged(config, AddLevel{{NodeId{1}, 1, {"vmfence"}}}));
  CHECK(bad(config, AddLevel{{NodeId{1}, 1, {"second"}}}).code == Errc::exists);
  CHECK(bad(config, AddLevel{{NodeId{1}, 3, {"third"}}}).code == Errc::not_found);
  CHECK(bad(config, AddLevel{{NodeId{9}, 1, {"second"}}}).code == Errc::not_found);
  CHECK(bad(config, AddLevel{{NodeId{1}, 10, {"second"}}}).code == Errc::invalid_argument);
  CHECK(good(config, DeleteLevels{NodeId{1}, {}, {}}).levels.size() == 1);
  CHECK(good(config, DeleteLevels{NodeId{1}, 2, {}}).levels.size() == 2);
  CHECK(good(config, DeleteLevels{{}, {}, {"vmfence"}}).levels.size() == 1);
  CHECK(good(config, DeleteLevels{}).levels.empty());
  CHECK(bad(config, DeleteLevels{NodeId{4}, 2, {}}).code == Errc::not_found);
  CHECK(is_unchanged(sample(), DeleteLevels{}));
}
