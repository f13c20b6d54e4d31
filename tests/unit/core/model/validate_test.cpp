// SPDX-License-Identifier: Apache-2.0
// The whole: complete, and errors first.
#include <catch2/catch.hpp>

#include "tests/unit/core/model/valid.hpp"

using namespace duet;

TEST_CASE("validate: a good configuration and an empty one have no findings", "[model]") {
  CHECK(validate(test::valid_config()).empty());
  CHECK(validate({}).empty());
}

TEST_CASE("validate: everything is found at once, errors first", "[model]") {
  ClusterConfig config = test::valid_config();
  config.primitives[0].meta["is-managed"] = "perhaps";
  config.properties["nonsense"] = "1";
  config.groups.push_back({"H", {"B"}, {}});
  config.orders.push_back({"o", "A", "X", {}, {}, {}, true});
  const auto findings = validate(config);
  REQUIRE(findings.size() == 4);
  CHECK(findings[0].error);
  CHECK(findings[1].error);
  CHECK(findings[2].error);
  CHECK_FALSE(findings[3].error);
}
