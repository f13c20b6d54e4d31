// SPDX-License-Identifier: Apache-2.0
// What requests and replies of the local IPC may not contain.
#include "core/codec/ipc_wire.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/codec/refusals.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using test::why_refused;

TEST_CASE("ipc wire: a request or reply that is not known here is refused", "[codec]") {
  CHECK(why_refused<IpcRequest>(v1::IpcRequest{}) == "body: '' is not a request that is known here");
  CHECK(why_refused<IpcReply>(v1::IpcReply{}) == "body: '' is not a reply that is known here");
}

TEST_CASE("ipc wire: the effective configuration travels only where it differs from the committed one", "[codec]") {
  IpcReply reply = test::sample_ipc_replies()[0].second;
  v1::IpcReply wire;
  put(wire, reply);
  CHECK(wire.cluster().has_effective());
  auto& view = std::get<ClusterView>(reply.body);
  view.effective = view.committed.config;
  v1::IpcReply shorter;
  put(shorter, reply);
  CHECK_FALSE(shorter.cluster().has_effective());
  v1::Check check;
  IpcReply copy;
  take(check, shorter, copy);
  CHECK(check.ok());
  CHECK(std::get<ClusterView>(copy.body).effective == view.committed.config);
}

TEST_CASE("ipc wire: a view is refused by the field that is wrong", "[codec]") {
  v1::IpcReply wire;
  put(wire, test::sample_ipc_replies()[0].second);
  v1::IpcReply other = wire;
  other.mutable_cluster()->mutable_fencing(0)->set_target(0);
  CHECK(why_refused<IpcReply>(other).starts_with("cluster.fencing[0].target: "));
  other = wire;
  other.mutable_cluster()->mutable_devices(0)->set_age_ms(-1);
  CHECK(why_refused<IpcReply>(other).starts_with("cluster.devices[0].age_ms: "));
  other = wire;
  other.mutable_cluster()->set_warnings(0, std::string(5000, 'x'));
  CHECK(why_refused<IpcReply>(other) == "cluster.warnings[0]: 5000 is above the limit of 4096");
}
