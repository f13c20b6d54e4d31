// SPDX-License-Identifier: Apache-2.0
// What messages of the stream may not contain.
#include "core/codec/replica_wire.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/codec/refusals.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using test::why_refused;

namespace {

/// The generated form of the sample that holds a `Model`.
template <class Wire, class Model>
Wire sample() {
  Wire wire;
  for (const auto& [name, message] : test::sample_stream()) {
    if (const auto* body = std::get_if<Model>(&message.body)) put(wire, *body);
  }
  return wire;
}

template <class Model, class Wire, class Spoil>
std::string spoiled(Spoil spoil) {
  Wire wire = sample<Wire, Model>();
  spoil(wire);
  return why_refused<Model>(wire);
}

}  // namespace

TEST_CASE("replica wire: an order names its operation, resource, node and action", "[codec]") {
  const auto order = [](auto spoil) { return spoiled<Order, v1::Order>(spoil); };
  CHECK(order([](auto&) {}).empty());
  CHECK(order([](auto& o) { o.clear_id(); }).starts_with("id.sequence: '0' is not"));
  CHECK(order([](auto& o) { o.mutable_id()->set_giver(0); }).starts_with("id.giver: "));
  CHECK(order([](auto& o) { o.clear_resource(); }).starts_with("resource: "));
  CHECK(order([](auto& o) { o.clear_node(); }).starts_with("node: "));
  CHECK(order([](auto& o) { o.clear_action(); }).starts_with("action: '0' is not a known value"));
  CHECK(
      order([](auto& o) { o.set_action(static_cast<v1::Action>(5)); }).starts_with("action: '5' is not a known value"));
}

TEST_CASE("replica wire: a result needs an outcome, but an operation id only if it answers an order", "[codec]") {
  const auto result = [](auto spoil) { return spoiled<OpResult, v1::OpResult>(spoil); };
  CHECK(result([](auto& r) { r.clear_id(); }).empty());
  CHECK(result([](auto& r) { r.clear_outcome(); }).starts_with("outcome.status: '0' is not"));
  CHECK(result([](auto& r) { r.set_interval_ns(-5); }).starts_with("interval: -5 is not within"));
}

TEST_CASE("replica wire: a hello has a version, a name and hashes", "[codec]") {
  const auto hello = [](auto spoil) { return spoiled<Hello, v1::Hello>(spoil); };
  CHECK(hello([](auto&) {}).empty());
  CHECK(hello([](auto& h) { h.set_major(0); }).starts_with("major: 0 is not within 1 .. 65535"));
  CHECK(hello([](auto& h) { h.set_major(65'536); }).starts_with("major: "));
  CHECK(hello([](auto& h) { h.set_node_name("a b"); }).starts_with("node_name: "));
  CHECK(hello([](auto& h) { h.mutable_committed()->set_hash("1"); }).starts_with("committed.hash: "));
  CHECK(hello([](auto& h) { h.mutable_committed()->clear_hash(); }).empty());  // no commit yet
  CHECK(hello([](auto& h) { h.mutable_prepared()->set_hash("1"); }).starts_with("prepared.hash: "));
  CHECK(
      hello([](auto& h) { h.mutable_evidence_against_you()->set_node(0); }).starts_with("evidence_against_you.node: "));
}

TEST_CASE("replica wire: an entry that is durable is named by its hash", "[codec]") {
  const auto prepared = [](auto spoil) { return spoiled<Prepared, v1::Prepared>(spoil); };
  CHECK(prepared([](auto& p) { p.clear_hash(); }).empty());  // the sample has an error
  CHECK(prepared([](auto& p) { p.clear_error(); }).empty());
  CHECK(prepared([](auto& p) {
          p.clear_error();
          p.clear_hash();
        }).starts_with("hash: "));
}

TEST_CASE("replica wire: a tick with a digest says of which sender's tick", "[codec]") {
  const auto tick = [](auto spoil) { return spoiled<Tick, v1::Tick>(spoil); };
  CHECK(tick([](auto& t) { t.set_digest_sender(0); }).starts_with("digest_sender: "));
  CHECK(tick([](auto& t) {
          t.set_digest_sender(0);
          t.set_digest_number(0);
        }).empty());
}

TEST_CASE("replica wire: members and nodes are never 0", "[codec]") {
  CHECK(spoiled<JoinRecorded, v1::JoinRecorded>([](auto& m) { m.set_member(0); }).starts_with("member: "));
  CHECK(spoiled<LeaveRecorded, v1::LeaveRecorded>([](auto& m) { m.set_member(0); }).starts_with("member: "));
  CHECK(spoiled<NodeLost, v1::NodeLost>([](auto& m) { m.set_node(0); }).starts_with("node: "));
  CHECK(spoiled<FailureExpired, v1::FailureExpired>([](auto& m) { m.set_node(0); }).starts_with("node: "));
  CHECK(spoiled<JoinRefused, v1::JoinRefused>([](auto& m) { m.set_member(0); }).starts_with("member: "));
}
