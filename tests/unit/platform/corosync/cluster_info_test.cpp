// SPDX-License-Identifier: Apache-2.0
// Names of corosync's nodes.
#include "platform/corosync/cluster_info.hpp"

#include <catch2/catch.hpp>

namespace duet::corosync {

TEST_CASE("cluster info: a node without a name is called by its first address, if that can be a name", "[corosync]") {
  CHECK(node_name("server1", "fd00::1").value() == "server1");
  CHECK(node_name(std::nullopt, "10.0.0.1").value() == "10.0.0.1");
  CHECK(node_name(std::nullopt, "server1").value() == "server1");
  const auto refused = node_name(std::nullopt, "fd00::1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_config);
  CHECK(refused.error().what == "node fd00::1");
  CHECK_THAT(refused.error().fix, Catch::Contains("a name"));
}

}  // namespace duet::corosync
