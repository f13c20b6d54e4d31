// SPDX-License-Identifier: Apache-2.0
// Requests and replies: both kinds of body, and what is refused.
#include "core/codec/admin_wire.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/unit/core/codec/fields.hpp"
#include "tests/unit/core/codec/refusals.hpp"

using namespace duet;
using test::why_refused;

TEST_CASE("admin wire: a fixed action of each kind comes back as it was", "[codec]") {
  const std::vector<ClusterAction> actions = {
      MoveResource{"web", NodeId{4}},
      CleanupResource{"VIP", NodeId{1}, true, true},
      CleanupResource{},
      FenceNode{NodeId{4}, FenceAction::off},
      ConfirmFenced{NodeId{4}},
      ClearFenceHistory{NodeId{1}},
      ClearFenceHistory{},
      LeaveCluster{},
  };
  for (const ClusterAction& action : actions) {
    CAPTURE(action.index());
    v1::ClusterAction wire;
    put(wire, action);
    v1::Check check;
    ClusterAction copy;
    take(check, wire, copy);
    CHECK(check.ok());
    CHECK(test::same(copy, action));
  }
}

TEST_CASE("admin wire: a request without a known body is refused", "[codec]") {
  v1::AdminRequest wire;
  CHECK(why_refused<AdminRequest>(wire) == "body: '' is not a request that is known here");
  wire.mutable_action();
  CHECK(why_refused<AdminRequest>(wire) == "action: '' is not an action that is known here");
  wire.mutable_action()->mutable_fence_node()->set_target(4);
  CHECK(why_refused<AdminRequest>(wire) == "action.fence_node.action: '0' is not a known value of this enumeration");
  wire.mutable_action()->mutable_fence_node()->set_action(v1::FENCE_ACTION_OFF);
  CHECK(why_refused<AdminRequest>(wire).empty());
}

TEST_CASE("admin wire: more edits than one commit may have are refused", "[codec]") {
  v1::AdminRequest wire;
  for (std::size_t i = 0; i < limits::edits_per_request; ++i) {
    wire.mutable_edits()->add_edits()->mutable_delete_constraints()->add_ids("x");
  }
  CHECK(why_refused<AdminRequest>(wire).empty());
  wire.mutable_edits()->add_edits()->mutable_delete_constraints();
  CHECK(why_refused<AdminRequest>(wire) == "edits: 1001 is above the limit of 1000");
}

TEST_CASE("admin wire: a typed command that is too long is cut, not refused", "[codec]") {
  AdminRequest request;
  request.command = std::string(9000, 'x');
  v1::AdminRequest wire;
  put(wire, request);
  CHECK(wire.command().size() == 8192);
  CHECK(why_refused<AdminRequest>(wire).empty());
}

TEST_CASE("admin wire: an error without a known code is refused", "[codec]") {
  v1::AdminReply wire;
  CHECK(why_refused<AdminReply>(wire).empty());
  wire.mutable_error();
  CHECK(why_refused<AdminReply>(wire) == "error.code: '0' is not a known value of this enumeration");
  wire.mutable_error()->set_code(static_cast<v1::ErrorCode>(20));
  CHECK(why_refused<AdminReply>(wire) == "error.code: '20' is not a known value of this enumeration");
}
