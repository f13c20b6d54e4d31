// SPDX-License-Identifier: Apache-2.0
// What --dry-run says.
#include "tests/unit/core/admin/sample.hpp"

using namespace duet;
using namespace duet::test;

namespace {

ClusterState running_on_first() {
  ClusterState state;
  state.devices["vmfence"].verified = true;
  for (const std::uint32_t id : {1U, 4U}) {
    NodeState& node = state.nodes[NodeId{id}];
    node.membership = Membership::joined;
    node.reported = true;
    node.incarnation = {BootId{"b" + std::to_string(id)}, 1};
    for (const auto* resource : {"VIP", "haproxy", "solo"}) {
      ResourceOnNode& place = state.resources[resource].on[NodeId{id}];
      place.probed = true;
      place.activity = id == 1 ? Activity::running : Activity::stopped;
      if (id == 1) place.may_run = MayRun{node.incarnation.boot, {}};
    }
  }
  return state;
}

}  // namespace

TEST_CASE("preview: standby moves everything, in order", "[admin]") {
  const ClusterConfig after = good(sample(), SetNodeAttributes{{NodeId{1}}, {{"standby", "on"}}});
  CHECK(preview(sample(), after, running_on_first()) ==
        "Stop solo server1\nStop haproxy server1\nStop VIP server1\nStart solo server4\nStart VIP server4\n"
        "Start haproxy server4\nVIP would move from server1 to server4\nhaproxy would move from server1 to server4\n"
        "solo would move from server1 to server4\n");
}

TEST_CASE("preview: nothing is said to happen when nothing would", "[admin]") {
  const ClusterConfig after = good(sample(), UpdateResource{"VIP", {}, {{"priority", "3"}}, {}});
  CHECK(preview(sample(), after, running_on_first()) == "Nothing would start, stop or move.\n");
}

TEST_CASE("preview: a service that would stay down, and why", "[admin][S18]") {
  const auto after = apply_edit(sample(), DeleteObjects{{"vmfence"}, false}, true);
  REQUIRE(after);
  const ClusterConfig more = good(*after, CreateResource{dummy("web"), {}});
  const std::string text = preview(sample(), more, running_on_first());
  CHECK(text.find("Waits: Start web server4: Resource start-up disabled since no STONITH") != std::string::npos);
  const ClusterConfig off = good(sample(), UpdateResource{"VIP", {}, {{"target-role", "Stopped"}}, {}});
  CHECK(preview(sample(), off, running_on_first()) ==
        "Stop haproxy server1\nStop VIP server1\nVIP would not run any more\nhaproxy would not run any more\n");
}

TEST_CASE("preview: a resource that is deleted while it runs", "[admin]") {
  const ClusterConfig after = good(sample(), DeleteObjects{{"solo"}, false});
  CHECK(preview(sample(), after, running_on_first()) == "solo is deleted while it is active on server1\n");
}

TEST_CASE("preview: move of a group and of one resource", "[admin]") {
  CHECK(preview(sample(), running_on_first(), MoveResource{"hagroup", NodeId{4}})
            .find("Stop haproxy server1\nStop VIP server1\nStart VIP server4\nStart haproxy server4\n") == 0);
  CHECK(preview(sample(), running_on_first(), MoveResource{"solo", NodeId{1}}) ==
        "Nothing would start, stop or move.\n");
}
