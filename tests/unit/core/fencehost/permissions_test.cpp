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
  CHECK(open.lane_of(vm1) == common_lane);
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

TEST_CASE("permissions: a cluster in one group has a lane of its own", "[fencehost][S5]") {
  const Permissions permissions{std::vector<Group>{{"a", {at("192.0.2.1"), at("192.0.2.2")}, {"vm1", "VM2"}},
                                                   {"b", {at("192.0.2.3"), at("192.0.2.4")}, {"vm3", "vm4"}}}};
  CHECK(permissions.lane_of(vm1) == permissions.lane_of(vm2));
  CHECK(permissions.lane_of(vm1) != common_lane);
  CHECK(permissions.lane_of({"vm3", "x"}) == permissions.lane_of({"vm4", "y"}));
  CHECK(permissions.lane_of({"vm3", "x"}) != permissions.lane_of(vm1));
  CHECK(permissions.lane_of({"unlisted", "x"}) == common_lane);
  CHECK(permissions.shared_lanes().empty());
}

TEST_CASE("permissions: the halves of one cluster have one lane, however its groups are written", "[fencehost][S5]") {
  const xvm::Address a = at("192.0.2.1");
  const xvm::Address b = at("192.0.2.2");
  const xvm::Address admin = at("192.0.2.9");
  const std::vector<std::vector<Group>> ways{
      {{"a fences b", {a}, {"vm2"}}, {"b fences a", {b}, {"vm1"}}},
      {{"a fences b", {a}, {"vm2", vm2.uuid}}, {"b fences a", {b}, {"vm1", vm1.uuid}}},
      {{"cluster", {a, b}, {"vm1", "vm2"}}, {"admin", {admin}, {"vm2"}}},
      {{"cluster", {a, b}, {"vm1", "vm2"}}, {"admin", {admin}, {vm2.uuid, "other"}}},
      {{"one", {a, b}, {"vm1", "x"}}, {"two", {b, a}, {"vm2", "y"}}},
      {{"one", {a}, {"vm2", "vm3"}}, {"two", {b}, {"vm1", "vm3"}}, {"three", {admin}, {"vm1", "vm2"}}},
      {{"one", {a}, {"vm1", "p"}}, {"two", {a, admin}, {"q", "r"}}, {"three", {admin}, {"vm2", "s"}}},
  };
  for (const auto& groups : ways) {
    const Permissions permissions{groups};
    CAPTURE(groups.front().name, groups.back().name);
    CHECK(permissions.lane_of(vm1) == permissions.lane_of(vm2));
    CHECK(permissions.shared_lanes().size() == groups.size());
  }
}

TEST_CASE("permissions: what is in several groups has the common lane, and so have its neighbours", "[fencehost][S5]") {
  const Permissions permissions{std::vector<Group>{{"a", {at("192.0.2.1")}, {"vm1", "both"}},
                                                   {"b", {at("192.0.2.2")}, {"vm2", "both"}},
                                                   {"c", {at("192.0.2.3")}, {"vm3", "vm4"}}}};
  for (const char* name : {"vm1", "vm2", "both"}) CHECK(permissions.lane_of({name, "x"}) == common_lane);
  CHECK(permissions.lane_of({"vm3", "x"}) != common_lane);
  CHECK(permissions.shared_lanes().size() == 2);
}

}  // namespace duet::fencehost
