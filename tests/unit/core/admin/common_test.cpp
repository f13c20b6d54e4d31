// SPDX-License-Identifier: Apache-2.0
// Shared parts of the edits.
#include "core/admin/common.hpp"

#include "tests/unit/core/admin/sample.hpp"

using namespace duet;

TEST_CASE("merge: an empty value removes", "[admin]") {
  Attributes attributes{{"a", "1"}, {"b", "2"}};
  CHECK(admin::merge(attributes, {{"a", ""}, {"c", "3"}}));
  CHECK(attributes == Attributes{{"b", "2"}, {"c", "3"}});
  CHECK_FALSE(admin::merge(attributes, {{"b", "2"}, {"nothing", ""}}));
}

TEST_CASE("difference: every name that differs, control characters escaped", "[admin]") {
  admin::Difference difference;
  difference.attributes({{"a", "1"}, {"b", "2"}, {"c", "3"}}, {{"a", "1"}, {"b", "x\ny"}, {"d", "4"}});
  CHECK(difference.lines ==
        std::vector<std::string>{"b: 2 (now)  x\\ny (asked)", "c: 3 (now)  - (asked)", "d: - (now)  4 (asked)"});
  CHECK(difference.arguments == std::vector<std::string>{"b=x\\ny", "c=", "d=4"});
}

TEST_CASE("kind of: every kind of object", "[admin]") {
  ClusterConfig config = test::sample();
  config.orders.push_back({"o", "solo", "hagroup", {}, {}, {}, true});
  CHECK(admin::kind_of(config, "VIP") == "resource");
  CHECK(admin::kind_of(config, "hagroup") == "group");
  CHECK(admin::kind_of(config, "vmfence") == "fence device");
  CHECK(admin::kind_of(config, "o") == "constraint");
  CHECK(admin::kind_of(config, "x").empty());
}

TEST_CASE("operation text: as it is typed", "[admin]") {
  Operation operation = test::monitor(30s, 20s);
  operation.on_fail = OnFail::fence;
  operation.enabled = false;
  operation.extra["OCF_CHECK_LEVEL"] = "10";
  CHECK(admin::operation_text(operation) ==
        "monitor interval=30s timeout=20s on-fail=fence enabled=false OCF_CHECK_LEVEL=10");
}
