// SPDX-License-Identifier: Apache-2.0
// Groups: who may do what to whom, and which lane that is.
#include "core/fencehost/permissions.hpp"

#include <catch2/catch.hpp>

namespace duet::fencehost {

namespace {

xvm::Address at(std::string_view text) {
  return *xvm::parse_address(text);
}

const DomainId vm1{"vm1", "44179d3f-6c63-474f-a212-20c8b4b25b16"};
const DomainId vm2{"vm2", "44179d3f-6c63-474f-a212-20c8b4b25b17"};

Permissions two_groups() {
  return Permissions{std::vector<Group>{
      {"a", {at("192.0.2.1"), at("fd99::1")}, {"44179D3F-6C63-474F-A212-20C8B4B25B16", "shared"}},
      {"b", {at("192.0.2.2")}, {"VM2", "shared"}},
  }};
}

}  // namespace

TEST_CASE("permissions: without groups everything is allowed", "[fencehost]") {
  const Permissions open{std::nullopt};
  CHECK(open.open());
  CHECK(open.knows(at("192.0.2.9")));
  CHECK(open.allows(at("192.0.2.9"), vm1));
  CHECK_FALSE(open.only_group_of(vm1));
}

TEST_CASE("permissions: a domain is known by UUID and by name, whatever the agent said", "[fencehost]") {
  const Permissions permissions = two_groups();
  CHECK(permissions.allows(at("192.0.2.1"), vm1));
  CHECK(permissions.allows(at("fd99:0::1"), vm1));
  CHECK(permissions.allows(at("192.0.2.2"), vm2));
  CHECK_FALSE(permissions.allows(at("192.0.2.2"), vm1));
  CHECK_FALSE(permissions.allows(at("192.0.2.1"), vm2));
  CHECK_FALSE(permissions.allows(at("192.0.2.1"), {"other", ""}));
  CHECK(permissions.knows(at("192.0.2.2")));
  CHECK_FALSE(permissions.knows(at("192.0.2.3")));
}

TEST_CASE("permissions: an empty list of groups denies everything", "[fencehost][V37]") {
  const Permissions closed{std::vector<Group>{}};
  CHECK_FALSE(closed.open());
  CHECK_FALSE(closed.knows(at("192.0.2.1")));
  CHECK_FALSE(closed.allows(at("192.0.2.1"), vm1));
}

TEST_CASE("permissions: a lane of its own only for what is in exactly one group", "[fencehost][S5]") {
  const Permissions permissions = two_groups();
  CHECK(permissions.only_group_of(vm1) == 0U);
  CHECK(permissions.only_group_of(vm2) == 1U);
  CHECK_FALSE(permissions.only_group_of({"shared", "x"}));
  CHECK_FALSE(permissions.only_group_of({"unlisted", "x"}));
}

}  // namespace duet::fencehost
