// SPDX-License-Identifier: Apache-2.0
// Group edits.
#include "tests/unit/core/admin/sample.hpp"

using namespace duet;
using namespace duet::test;

namespace {

using Ids = std::vector<ObjectId>;
GroupAdd add(const char* group, Ids members, std::optional<ObjectId> before = {}, std::optional<ObjectId> after = {}) {
  return {{group, std::move(before), std::move(after)}, std::move(members)};
}

}  // namespace

TEST_CASE("group add: makes, extends, places, takes from another group", "[admin]") {
  CHECK(good(sample(), add("hagroup", {"solo"})).groups[0].members == Ids{"VIP", "haproxy", "solo"});
  CHECK(good(sample(), add("hagroup", {"solo"}, "haproxy")).groups[0].members == Ids{"VIP", "solo", "haproxy"});
  CHECK(good(sample(), add("hagroup", {"solo"}, {}, "VIP")).groups[0].members == Ids{"VIP", "solo", "haproxy"});
  const ClusterConfig moved = good(sample(), add("new", {"solo", "haproxy"}));
  CHECK(moved.group("new")->members == Ids{"solo", "haproxy"});
  CHECK(moved.group("hagroup")->members == Ids{"VIP"});
  CHECK(good(sample(), add("new", {"VIP", "haproxy"})).groups.size() == 1);
}

TEST_CASE("group add: the same again is unchanged; reorder needs a place", "[admin]") {
  CHECK(is_unchanged(sample(), add("hagroup", {"VIP", "haproxy"})));
  CHECK(is_unchanged(sample(), add("hagroup", {"haproxy"})));
  CHECK(is_unchanged(sample(), add("hagroup", {"VIP"}, "haproxy")));
  CHECK(good(sample(), add("hagroup", {"haproxy"}, "VIP")).groups[0].members == Ids{"haproxy", "VIP"});
  CHECK(bad(sample(), add("hagroup", {"haproxy", "VIP"})).code == Errc::exists);
  CHECK(bad(sample(), add("hagroup", {"VIP", "solo"})).code == Errc::exists);
}

TEST_CASE("group add: mistakes", "[admin][E06]") {
  const Error missing = bad(sample(), add("hagroup", {"nginx"}));
  CHECK(missing.code == Errc::not_found);
  CHECK(missing.what == "cannot add 'nginx' to group hagroup: no such resource");
  CHECK(missing.fix == "create it first: duet resource create nginx AGENT");
  CHECK(bad(sample(), add("hagroup", {"vmfence"})).code == Errc::invalid_argument);
  CHECK(bad(sample(), add("new", {"hagroup"})).code == Errc::invalid_argument);
  CHECK(bad(sample(), add("VIP", {"solo"})).code == Errc::exists);
  CHECK(bad(sample(), add("hagroup", {"solo", "solo"})).code == Errc::invalid_argument);
  CHECK(bad(sample(), add("hagroup", {})).code == Errc::invalid_argument);
  CHECK(bad(sample(), add("hagroup", {"solo"}, "nginx")).code == Errc::not_found);
  CHECK(bad(sample(), add("hagroup", {"solo"}, "solo")).code == Errc::not_found);
  CHECK(bad(sample(), add("hagroup", {"solo"}, "VIP", "VIP")).code == Errc::invalid_argument);
  CHECK(bad(sample(), add("1group", {"solo"})).code == Errc::invalid_argument);
}

TEST_CASE("group remove: members stay as resources; an empty group goes with its constraints", "[admin]") {
  ClusterConfig config = sample();
  config.locations = {{"l", "hagroup", NodeId{1}, Score{1}}};
  const ClusterConfig one = good(config, GroupRemove{"hagroup", {"VIP"}});
  CHECK(one.groups[0].members == Ids{"haproxy"});
  CHECK(one.primitives.size() == 3);
  CHECK(one.locations.size() == 1);
  const ClusterConfig none = good(config, GroupRemove{"hagroup", {}});
  CHECK(none.groups.empty());
  CHECK(none.locations.empty());
  CHECK(none.primitives.size() == 3);
  CHECK(bad(config, GroupRemove{"hagroup", {"solo"}}).code == Errc::not_found);
  CHECK(bad(config, GroupRemove{"hagruop", {}}).fix == "did you mean 'hagroup'?");
}
