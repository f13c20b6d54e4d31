// SPDX-License-Identifier: Apache-2.0
// Constraint edits.
#include "tests/unit/core/admin/sample.hpp"

using namespace duet;
using namespace duet::test;

namespace {

AddLocation location(const char* id, const char* resource, std::uint32_t node, Score score) {
  return {{id, resource, NodeId{node}, score}};
}
AddOrder order(const char* id, const char* first, const char* then, OrderKind kind = OrderKind::mandatory) {
  OrderConstraint item;
  item.id = id;
  item.first = first;
  item.then = then;
  item.kind = kind;
  return {item};
}

}  // namespace

TEST_CASE("location: added, unchanged, replaced by a new wish for the same pair", "[admin]") {
  const ClusterConfig one = good(sample(), location("location-VIP-server1-100", "VIP", 1, Score{100}));
  CHECK(one.locations.size() == 1);
  CHECK(is_unchanged(one, location("location-VIP-server1-100", "VIP", 1, Score{100})));
  CHECK(is_unchanged(one, location("another-id", "VIP", 1, Score{100})));
  const ClusterConfig two = good(one, location("location-VIP-server1-200", "VIP", 1, Score{200}));
  REQUIRE(two.locations.size() == 1);
  CHECK(two.locations[0].score.value() == 200);
  CHECK(good(two, location("x", "VIP", 4, Score{200})).locations.size() == 2);
}

TEST_CASE("location: what a ban made stays beside a wish", "[admin]") {
  const ClusterConfig banned = good(sample(), location("cli-ban-VIP-on-server1", "VIP", 1, Score::minus_infinity()));
  const ClusterConfig both = good(banned, location("l", "VIP", 1, Score{5}));
  CHECK(both.locations.size() == 2);
  CHECK(good(both, ClearResource{"VIP", NodeId{1}}).locations.size() == 1);
  CHECK(is_unchanged(both, ClearResource{"VIP", NodeId{4}}));
  CHECK(good(both, ClearResource{"VIP", {}}).locations[0].id == "l");
  CHECK(is_unchanged(sample(), ClearResource{"VIP", {}}));
  CHECK(bad(sample(), ClearResource{"nothing", {}}).code == Errc::not_found);
}

TEST_CASE("constraints: what they name must exist", "[admin]") {
  CHECK(bad(sample(), location("l", "nothing", 1, Score{1})).code == Errc::not_found);
  CHECK(bad(sample(), location("l", "VIP", 2, Score{1})).code == Errc::not_found);
  CHECK(bad(sample(), AddColocation{{"c", "VIP", "nothing", Score{1}}}).code == Errc::not_found);
  CHECK(bad(sample(), order("o", "nothing", "VIP")).code == Errc::not_found);
}

TEST_CASE("colocation and order: same again, same pair otherwise, id in use", "[admin]") {
  const AddColocation with{{"c", "solo", "hagroup", Score::infinity()}};
  const ClusterConfig one = good(sample(), with);
  CHECK(is_unchanged(one, with));
  CHECK(is_unchanged(one, AddColocation{{"other", "solo", "hagroup", Score::infinity()}}));
  const Error error = bad(one, AddColocation{{"other", "solo", "hagroup", Score{5}}});
  CHECK(error.code == Errc::exists);
  CHECK(error.why == "score: INFINITY (now)  5 (asked)");
  CHECK(error.fix == "duet constraint delete c");
  CHECK(bad(one, AddColocation{{"c", "VIP", "solo", Score{5}}}).code == Errc::exists);
  CHECK(bad(one, AddColocation{{"VIP", "hagroup", "solo", Score{5}}}).code == Errc::exists);
  const ClusterConfig two = good(sample(), order("o", "solo", "hagroup"));
  CHECK(is_unchanged(two, order("o", "solo", "hagroup")));
  CHECK(is_unchanged(two, order("p", "solo", "hagroup")));
  CHECK(bad(two, order("p", "solo", "hagroup", OrderKind::optional)).code == Errc::exists);
}

TEST_CASE("constraints: one that makes a cycle is refused and nothing changes", "[admin][S14]") {
  const ClusterConfig one = good(sample(), order("o", "solo", "hagroup"));
  const Error error = bad(one, order("p", "haproxy", "solo"));
  CHECK(error.code == Errc::invalid_argument);
  CHECK(error.what.find("wait for each other") != std::string::npos);
}

TEST_CASE("constraints: deleted by id, all or none", "[admin]") {
  ClusterConfig config = good(sample(), location("l", "VIP", 1, Score{1}));
  config = good(config, order("o", "solo", "hagroup"));
  config = good(config, AddColocation{{"c", "solo", "hagroup", Score{1}}});
  const ClusterConfig after = good(config, DeleteConstraints{{"l", "o", "c"}});
  CHECK(after == sample());
  CHECK(bad(config, DeleteConstraints{{"l", "x"}}).code == Errc::not_found);
}
