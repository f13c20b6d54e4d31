// SPDX-License-Identifier: Apache-2.0
// What stays when a node leaves: what is out of our hands, and what cannot be stopped before it.
#include "core/policy/leaving.hpp"

#include "tests/unit/core/policy/helpers.hpp"

using namespace duet;
using duet::test::Scene;

namespace {

constexpr NodeId server4{4};
using Ids = std::vector<ObjectId>;

Ids left(const std::string& text) {
  const Scene scene{text};
  return left_running(PolicyInput{scene.input.config, scene.input.state, true, {}}, server4);
}

}  // namespace

TEST_CASE("leaving: what is managed is stopped, what is not managed stays if it runs there", "[policy][S11]") {
  CHECK(left("primitive A\nprimitive B is-managed=false\nprimitive C is-managed=false\n"
             "on A server4 running\non B server4 running\non C server1 running\n") == Ids{"B"});
}

TEST_CASE("leaving: in maintenance everything stays", "[policy][S11]") {
  const std::string scene = "primitive A\nprimitive B\non A server4 running\non B server4 running\n";
  CHECK(left(scene).empty());
  CHECK(left("property maintenance-mode=true\n" + scene) == Ids{"A", "B"});
  CHECK(left("node server4 maintenance=on\n" + scene) == Ids{"A", "B"});
  CHECK(left("node server1 maintenance=on\n" + scene).empty());
}

TEST_CASE("leaving: what must be stopped after something that stays, stays too, also over one that is down",
          "[policy][S11][S14]") {
  CHECK(left("primitive A\nprimitive B\nprimitive C is-managed=false\nprimitive D\ngroup G A B C D\n"
             "on A server4 running\non C server4 running\non D server4 running\n") == Ids{"A", "C"});
  CHECK(left("primitive A\nprimitive B is-managed=false\norder o A then B\n"
             "on A server4 running\non B server1 running\n") == Ids{"A"});
  CHECK(left("primitive A\nprimitive B is-managed=false\norder o A then B symmetrical=false\n"
             "on A server4 running\non B server1 running\n")
            .empty());
}

TEST_CASE("leaving: a blocked resource stays, a failed stop is not left behind", "[policy][S2]") {
  CHECK(left("primitive A op monitor interval=10s on-fail=block\n"
             "on A server4 failed fail=monitor:10s:1:1\n") == Ids{"A"});
  CHECK(left("nodevice\nprimitive A op stop interval=0s on-fail=block\n"
             "on A server4 failed stop-failed fail=stop:0s:1000000:1\n")
            .empty());
}
