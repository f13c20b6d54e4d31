// SPDX-License-Identifier: Apache-2.0
// What a shared state may not contain.
#include "core/codec/state_wire.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/codec/refusals.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using test::why_refused;

namespace {

template <class Spoil>
std::string spoiled(Spoil spoil) {
  v1::ClusterState wire;
  put(wire, test::sample_state());
  spoil(wire);
  return why_refused<ClusterState>(wire);
}

}  // namespace

TEST_CASE("state wire: each refused value is named with its place", "[codec]") {
  CHECK(spoiled([](auto&) {}).empty());
  CHECK(spoiled([](auto& s) { s.mutable_nodes(0)->set_membership(v1::MEMBERSHIP_UNSPECIFIED); }) ==
        "nodes[0].membership: '0' is not a known value of this enumeration");
  CHECK(spoiled([](auto& s) {
          s.mutable_nodes(0)->mutable_incarnation()->set_boot("xyz");
        }).starts_with("nodes[0].incarnation.boot: 'xyz' is not"));
  CHECK(spoiled([](auto& s) {
          s.mutable_nodes(0)->mutable_evidence()->set_kind(static_cast<v1::EvidenceKind>(1));
        }).starts_with("nodes[0].evidence.kind: '1' is not a known value"));
  CHECK(spoiled([](auto& s) {
          s.mutable_nodes(0)->mutable_evidence()->set_kind(static_cast<v1::EvidenceKind>(99));
        }).starts_with("nodes[0].evidence.kind: '99' is not a known value"));
  CHECK(spoiled([](auto& s) {
          s.mutable_nodes(0)->mutable_evidence()->clear_id();
        }).starts_with("nodes[0].evidence.id: "));
  CHECK(spoiled([](auto& s) {
          s.mutable_resources(0)->mutable_on(0)->clear_activity();
        }).starts_with("resources[0].on[0].activity: "));
  CHECK(spoiled([](auto& s) {
          s.mutable_resources(0)->mutable_on(0)->mutable_pending()->clear_id();
        }).starts_with("resources[0].on[0].pending.id.sequence: '0' is not"));
  CHECK(spoiled([](auto& s) {
          s.mutable_resources(0)->mutable_on(0)->mutable_highest_op()->set_giver(0);
        }).starts_with("resources[0].on[0].highest_op.giver: "));
  CHECK(spoiled([](auto& s) {
          s.mutable_resources(0)->mutable_on(0)->mutable_failures(0)->set_count(-1);
        }).starts_with("resources[0].on[0].failures[0].count: -1 is not within 0 .. 1000000"));
  CHECK(spoiled([](auto& s) {
          s.mutable_fencing(0)->set_cause(static_cast<v1::CauseKind>(8));
        }).starts_with("fencing[0].cause: '8' is not"));
  CHECK(spoiled([](auto& s) { s.mutable_fencing(0)->set_target(0); }).starts_with("fencing[0].target: "));
  CHECK(spoiled([](auto& s) { s.mutable_prepared()->set_origin(0); }).starts_with("prepared.origin: "));
  CHECK(spoiled([](auto& s) { s.mutable_prepared()->set_acked(0, 0); }).starts_with("prepared.acked[0]: "));
  CHECK(spoiled([](auto& s) { s.set_fork(std::string(4097, 'x')); }) == "fork: 4097 is above the limit of 4096");
}

TEST_CASE("state wire: keys are strictly ascending, so that a state has one form only", "[codec][S16]") {
  CHECK(spoiled([](auto& s) { *s.add_nodes() = s.nodes(0); }).starts_with("nodes[1].node: '4' is not after"));
  CHECK(spoiled([](auto& s) {
          *s.add_resources() = s.resources(0);
        }).starts_with("resources[1].resource: 'VIP' is not after"));
  CHECK(spoiled([](auto& s) {
          *s.mutable_resources(0)->add_on() = s.resources(0).on(0);
        }).starts_with("resources[0].on[1].node: '1' is not after"));
}

TEST_CASE("state wire: an exit reason that is too long or not text is cut, and the result survives", "[codec]") {
  v1::OpOutcome wire;
  put(wire,
      OpOutcome{.status = OpStatus::done, .exit_code = 1, .reason = std::string(600, 'x'), .unix_ms = 0, .took_ms = 0});
  CHECK(wire.reason().size() == 512);
  CHECK(why_refused<OpOutcome>(wire).empty());
  put(wire, OpOutcome{.status = OpStatus::done, .exit_code = 1, .reason = "\xFF", .unix_ms = 0, .took_ms = 0});
  CHECK(why_refused<OpOutcome>(wire).empty());
  wire.set_exit_code(256);
  CHECK(why_refused<OpOutcome>(wire) == "exit_code: 256 is not within -1 .. 255");
}
