// SPDX-License-Identifier: Apache-2.0
// Which clusters a store fits.
#include "daemon/duetd/cluster_check.hpp"

#include <catch2/catch.hpp>

namespace duet {
namespace {

corosync::ClusterInfo running() {
  corosync::ClusterInfo info;
  info.name = "tutorial";
  info.self = NodeId{1};
  info.nodes = {{NodeId{1}, "server1", "10.0.0.1"}, {NodeId{2}, "server4", "10.0.0.4"}};
  return info;
}

StoreImage stored() {
  ConfigEntry old;
  old.position = {1, 1};
  old.config.name = "something else";
  old.config.nodes = {{NodeId{9}, "old", {}}};
  ConfigEntry entry;
  entry.position = {1, 2};
  entry.config.name = "tutorial";
  entry.config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{2}, "server4", {}}};
  StoreImage image;
  image.entries = {old, entry};
  image.committed = entry.position;
  return image;
}

TEST_CASE("cluster check: the newest committed configuration is what counts", "[duetd][A10]") {
  CHECK(cluster_mismatch(running(), stored()).empty());
  CHECK(names_differ(running(), stored()).empty());
}

TEST_CASE("cluster check: a new store fits every cluster", "[duetd][A10]") {
  CHECK(cluster_mismatch(running(), {}).empty());
  CHECK(names_differ(running(), {}).empty());
}

TEST_CASE("cluster check: another cluster's name or other node ids are refused", "[duetd][A10]") {
  corosync::ClusterInfo info = running();
  SECTION("name") {
    info.name = "other";
    CHECK(cluster_mismatch(info, stored()).find("'other'") != std::string::npos);
  }
  SECTION("ids") {
    info.nodes[1].id = NodeId{3};
    CHECK(cluster_mismatch(info, stored()).find("1, 2") != std::string::npos);
  }
  SECTION("a third node") {
    info.nodes.push_back({NodeId{3}, "third", "10.0.0.3"});
    CHECK_FALSE(cluster_mismatch(info, stored()).empty());
  }
}

TEST_CASE("cluster check: a node with another name is shown, and may join", "[duetd]") {
  corosync::ClusterInfo info = running();
  info.nodes[1].name = "renamed";
  CHECK(cluster_mismatch(info, stored()).empty());
  CHECK(names_differ(info, stored()).find("renamed") != std::string::npos);
}

}  // namespace
}  // namespace duet
