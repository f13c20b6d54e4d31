// SPDX-License-Identifier: Apache-2.0
// Cycles and contradictions of constraints.
#include <catch2/catch.hpp>

#include "tests/unit/core/model/valid.hpp"

using namespace duet;
using test::finds;

namespace {

OrderConstraint order(const char* id, const char* first, const char* then) {
  OrderConstraint item;
  item.id = id;
  item.first = first;
  item.then = then;
  return item;
}

}  // namespace

TEST_CASE("validate: orders without a cycle are good", "[model]") {
  ClusterConfig config = test::valid_config();
  config.orders = {order("o1", "A", "D"), order("o2", "D", "G")};
  CHECK(validate(config).empty());
}

TEST_CASE("validate: a cycle of orders is named", "[model]") {
  ClusterConfig config = test::valid_config();
  config.orders = {order("o1", "A", "D"), order("o2", "D", "A")};
  CHECK(finds(config, "A then D then A", true));
  config.orders[1].kind = OrderKind::serialize;
  CHECK(validate(config).empty());
}

TEST_CASE("validate: an order against the order of a group is a cycle", "[model]") {
  ClusterConfig config = test::valid_config();
  config.orders = {order("o1", "C", "B")};
  CHECK(finds(config, "wait for each other", true));
  config.orders = {order("o1", "G", "A"), order("o2", "A", "B")};
  CHECK(finds(config, "wait for each other", true));
  config.orders = {order("o1", "C", "A"), order("o2", "A", "B")};
  CHECK(finds(config, "wait for each other", true));
}

TEST_CASE("validate: stop orders count the other way round", "[model]") {
  ClusterConfig config = test::valid_config();
  OrderConstraint stops = order("o2", "D", "A");
  stops.first_action = stops.then_action = OrderAction::stop;
  config.orders = {order("o1", "A", "D"), stops};
  CHECK(validate(config).empty());
  stops.first = "A";
  stops.then = "D";
  config.orders[1] = stops;
  CHECK(finds(config, "wait for each other", true));
}

TEST_CASE("validate: colocation cycles and contradictions", "[model]") {
  ClusterConfig config = test::valid_config();
  config.colocations = {{"c1", "A", "D", Score::infinity()}, {"c2", "D", "A", Score{5}}};
  CHECK(finds(config, "is placed after the next one", true));
  config.colocations = {{"c1", "A", "D", Score::infinity()}, {"c2", "A", "D", Score::minus_infinity()}};
  CHECK(finds(config, "contradict each other", true));
  config.colocations = {{"c1", "C", "B", Score::minus_infinity()}};
  CHECK(finds(config, "keeps two members of group G apart", true));
  config.colocations = {{"c1", "A", "A", Score{5}}};
  CHECK(finds(config, "cannot be placed with itself", true));
  config.colocations = {{"c1", "A", "G", Score::infinity()}, {"c2", "D", "A", Score::infinity()}};
  CHECK(validate(config).empty());
}

TEST_CASE("validate: a chain of 1,000 orders is walked without deep recursion", "[model][S15]") {
  ClusterConfig config = test::valid_config();
  for (int i = 0; i < 900; ++i) {
    config.primitives.push_back({"R" + std::to_string(i), {"ocf", "duet", "Dummy"}, {}, {}, {}});
    if (i == 0) continue;
    config.orders.push_back(order(("o" + std::to_string(i)).c_str(), ("R" + std::to_string(i - 1)).c_str(),
                                  ("R" + std::to_string(i)).c_str()));
  }
  CHECK(validate(config).empty());
  config.orders.push_back(order("back", "R899", "R0"));
  CHECK(finds(config, "wait for each other", true));
}
