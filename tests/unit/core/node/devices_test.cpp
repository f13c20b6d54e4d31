// SPDX-License-Identifier: Apache-2.0
// Health of fence devices: when they are checked, what both nodes know of it, and that nothing starts before one
// answered.
#include <catch2/catch.hpp>

#include "pair.hpp"

using namespace duet;
using namespace duet::test;

namespace {

const DeviceHealth* health(const ClusterView& view, NodeId node) {
  for (const DeviceHealth& one : view.devices) {
    if (one.device == "vmfence" && one.node == node) return &one;
  }
  return nullptr;
}

AdminReply point_elsewhere(Pair& pair) {
  UpdateResource update;
  update.id = "vmfence";
  update.parameters = {{"pcmk_host_map", "server1:vm1;server4:vm4;spare:vm5"}};
  return pair.edit(n1, {update});
}

}  // namespace

TEST_CASE("devices: a commit checks only the devices that it changes", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const int before = pair.node(n4).device_checks;
  REQUIRE(before > 0);
  REQUIRE_FALSE(pair.edit(n1, {CreateResource{primitive("other"), std::nullopt}}).error);
  CHECK(pair.node(n1).device_checks == before);
  CHECK(pair.node(n4).device_checks == before);
  REQUIRE_FALSE(point_elsewhere(pair).error);
  CHECK(pair.node(n1).device_checks == before + 1);
  CHECK(pair.node(n4).device_checks == before + 1);
  FenceDevice second;
  second.id = "second";
  second.agent = "fence_xvm";
  REQUIRE_FALSE(pair.edit(n1, {CreateDevice{second}}).error);
  CHECK(pair.node(n1).device_checks == before + 2);
  pair.advance(61s);
  CHECK(pair.node(n1).device_checks == before + 4);
}

TEST_CASE("devices: one that does not answer is asked again soon, then less and less often", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.fence_works = false;
  pair.advance(61s);
  const auto healthy = [&] { return health(pair.node(n1).core->view(pair.now, {}), n1)->healthy; };
  REQUIRE_FALSE(healthy());
  const int before = pair.node(n1).device_checks;
  pair.advance(13s);
  CHECK(pair.node(n1).device_checks - before <= 3);
  pair.advance(300s);
  const int later = pair.node(n1).device_checks;
  pair.advance(120s);
  CHECK(pair.node(n1).device_checks == later + 2);
  pair.fence_works = true;
  pair.advance(61s);
  CHECK(healthy());
}

TEST_CASE("devices: each node shows what both of them found, and how long ago", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.advance(12s);
  for (const NodeId seen_from : {n1, n4}) {
    const ClusterView view = pair.node(seen_from).core->view(pair.now, {});
    for (const NodeId checked_on : {n1, n4}) {
      const DeviceHealth* one = health(view, checked_on);
      REQUIRE(one != nullptr);
      CHECK(one->known);
      CHECK(one->healthy);
      CHECK(one->age_ms >= 12'000);
      CHECK(one->age_ms < 15'000);
    }
  }
}

TEST_CASE("devices: after a change nothing is proven until the next good answer", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.fence_works = false;
  REQUIRE_FALSE(point_elsewhere(pair).error);
  for (const NodeId seen_from : {n1, n4}) {
    const ClusterView view = pair.node(seen_from).core->view(pair.now, {});
    CHECK(health(view, n1)->known);
    CHECK_FALSE(health(view, n1)->healthy);
    CHECK_FALSE(health(view, n4)->healthy);
  }
  pair.fence_works = true;
  pair.advance(61s);
  CHECK(health(pair.node(n4).core->view(pair.now, {}), n1)->healthy);
}

TEST_CASE("devices: a member that joins is told the others' proofs and tells its own", "[node]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  pair.lose(n4);
  pair.advance(10s);
  pair.boot(n4, "second boot");
  pair.meet();
  CHECK(health(pair.node(n1).core->view(pair.now, {}), n4)->healthy);
  CHECK(health(pair.node(n4).core->view(pair.now, {}), n1)->healthy);
}

TEST_CASE("devices: nothing starts before a device has answered once; after that its silence stops nothing",
          "[node][S18]") {
  Pair pair;
  pair.fence_works = false;
  pair.meet();
  pair.tutorial();
  pair.advance(5s);
  CHECK_FALSE(pair.runs_on("VIP"));
  CHECK_FALSE(pair.state(n1).devices.at("vmfence").verified);
  pair.fence_works = true;
  pair.advance(9s);  // asked again after 2, 4, 8 s, not after a minute
  REQUIRE(pair.runs_on("VIP"));
  CHECK(pair.node(n1).disk.verified_devices == std::vector<ObjectId>{"vmfence"});
  CHECK(pair.node(n4).disk.verified_devices == std::vector<ObjectId>{"vmfence"});
  pair.fence_works = false;
  REQUIRE_FALSE(pair.edit(n1, {CreateResource{primitive("later"), std::nullopt}}).error);
  pair.advance(61s);
  CHECK(pair.runs_on("later"));
}

TEST_CASE("devices: once verified is remembered over a power cut of both nodes, and forgotten with the device",
          "[node][S18]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  SECTION("both boot while the fence host is away") {
    pair.fence_works = false;
    pair.lose(n4);
    pair.node(n1).up = false;
    pair.boot(n1, "next1");
    pair.boot(n4, "next4");
    pair.meet();
    pair.advance(5s);
    CHECK(pair.runs_on("VIP"));
  }
  SECTION("a device of the same name begins anew") {
    pair.fence_works = false;
    AdminRequest request;
    request.confirmed = true;  // nothing could be started any more
    request.body = std::vector<ConfigEdit>{DeleteObjects{{"vmfence"}, true}};
    const auto client = pair.ask(n1, std::move(request));
    REQUIRE_FALSE(pair.node(n1).answers.at(client).error);
    pair.advance(1s);
    CHECK(pair.node(n4).disk.verified_devices.empty());
    CHECK(pair.state(n4).devices.empty());
  }
}
