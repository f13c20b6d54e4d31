// SPDX-License-Identifier: Apache-2.0
// Joins: who is donor, what is adopted, what is refused.
#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/codec/stream_codec.hpp"
#include "core/replica/chain.hpp"
#include "pair.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("join: a restarted duetd adopts what runs: no operation but probes, no fencing", "[node][S10][L6]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(active, LeaveReason::process_down);
  pair.node(active).operations.clear();
  pair.restart(active);
  pair.meet();
  pair.advance(10s);
  for (const std::string& operation : pair.node(active).operations) CHECK(operation.starts_with("probe"));
  CHECK(pair.runs_on("VIP") == active);
  CHECK(pair.node(other).fence_calls.empty());
  CHECK(pair.state(other).nodes.at(active).membership == Membership::joined);
  CHECK(pair.node(n1).core->state_digest() == pair.node(n4).core->state_digest());
}

TEST_CASE("join: a node that was away takes over the commits it missed", "[node][S3]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(other);
  pair.advance(10s);
  REQUIRE_FALSE(pair.edit(active, {SetAttributes{AttributeScope::properties, {{"stonith-timeout", "30s"}}}}).error);
  pair.boot(other, "boot-next");
  pair.meet();
  CHECK(pair.node(other).core->committed().hash == pair.node(active).core->committed().hash);
  CHECK(pair.runs_on("VIP") == active);
}

TEST_CASE("join: a node that learns that its living boot was fenced reboots at once", "[node][S6]") {
  Pair pair;
  pair.meet();
  pair.tutorial();
  const NodeId active = *pair.runs_on("VIP");
  pair.lose(active);
  pair.advance(10s);  // fenced, as the device says
  pair.node(active).up = true;
  pair.node(active).core = nullptr;
  pair.restart(active);
  pair.meet();
  CHECK(pair.node(active).rebooted);
  // duet-execd may have been restarting just then: it is told again.
  pair.node(active).rebooted = false;
  pair.advance(2s);
  CHECK(pair.node(active).rebooted);
}

TEST_CASE("join: what a boot may run that only counted as down is settled by its probes, so it can leave cleanly",
          "[node][S1][L11]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  static_cast<void>(pair.edit(n1, {SetAttributes{AttributeScope::properties, {{"stonith-enabled", "false"}}}}));
  pair.lose(other);
  pair.advance(2s);
  REQUIRE(pair.state(active).nodes.at(other).evidence);
  pair.restart(other);  // the same boot: it may run anything, until its probes have ended
  pair.meet();
  REQUIRE(pair.state(active).nodes.at(other).membership == Membership::joined);
  for (const char* resource : {"VIP", "haproxy"}) {
    CHECK_FALSE(pair.state(active).resources.at(resource).on.at(other).may_run);
  }
  pair.step(other, StopWanted{});
  pair.advance(2s);
  REQUIRE(pair.node(other).stopped);
  CHECK(pair.node(other).stopped->empty());
}

TEST_CASE("join: two chains that forked are shown and nothing is started", "[node][S3]") {
  Pair pair;
  pair.meet();
  REQUIRE_FALSE(pair.edit(n1, {SetAttributes{AttributeScope::properties, {{"stonith-timeout", "30s"}}}}).error);
  ConfigEntry& entry = pair.node(n4).disk.entries.back();
  ConfigChain other{StoreImage{}, pair.node(n4).core->committed().config};
  entry = other.next(pair.node(n4).core->committed().config, "root@server4", "another change", 0);
  pair.lose(n4, LeaveReason::process_down);
  pair.restart(n4);
  pair.meet();
  CHECK(pair.state(n1).fork);
  CHECK(pair.state(n4).fork);
}

namespace {

std::vector<ConfigEdit> change(const std::string& value) {
  return {SetAttributes{AttributeScope::properties, {{"stonith-timeout", value}}}};
}

/// The active node was fenced and is back with a new boot, joining: its probes hang. Returns {survivor, joiner}.
std::pair<NodeId, NodeId> joining(Pair& pair) {
  pair.meet();
  pair.tutorial();
  const NodeId joiner = *pair.runs_on("VIP");
  const NodeId survivor = joiner == n1 ? n4 : n1;
  pair.lose(joiner);
  pair.advance(10s);
  REQUIRE(pair.runs_on("VIP") == survivor);
  pair.powered_off.clear();
  pair.boot(joiner, "boot-again");
  pair.node(joiner).hanging.insert("VIP probe");
  pair.meet();
  REQUIRE(pair.state(survivor).nodes.at(joiner).membership == Membership::present);
  return {survivor, joiner};
}

}  // namespace

TEST_CASE("join: what proved that an earlier boot was down lets no joiner commit alone", "[node][S3]") {
  Pair pair;
  const auto [survivor, joiner] = joining(pair);
  REQUIRE(pair.state(joiner).solo);  // as the snapshot says
  pair.lose(survivor);
  CHECK_FALSE(pair.state(joiner).solo);
  CHECK(pair.edit(joiner, change("31s")).error);
}

TEST_CASE("join: of a node that serves and one that was joining, the one that serves survives a cut", "[node][S5]") {
  SECTION("the joiner waits") {
    Pair pair;
    const auto [survivor, joiner] = joining(pair);
    pair.lose(survivor);
    pair.node(survivor).up = true;  // cut off, not dead
    pair.advance(3s);
    CHECK(pair.powered_off.empty());
  }
  SECTION("the other one does not") {
    Pair pair;
    const auto [survivor, joiner] = joining(pair);
    pair.lose(joiner);
    pair.advance(2s);
    CHECK(pair.powered_off.contains(joiner));
    CHECK(pair.runs_on("VIP") == survivor);
  }
}

TEST_CASE("join: a node that is in the group and says nothing is fenced as silent", "[node][S4]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.lose(active, LeaveReason::process_down);
  pair.meet();  // its duetd is in the group again, and waits for its duet-execd for ever
  pair.advance(25s);
  CHECK(pair.powered_off.empty());
  pair.advance(15s);
  CHECK(pair.powered_off.contains(active));
  CHECK(pair.runs_on("VIP") == other);
}

TEST_CASE("join: nobody counts on a node whose disk did not take the snapshot", "[node][S3]") {
  Serving pair;
  const auto [other, joiner] = std::pair{pair.active, pair.other};
  pair.lose(joiner);
  pair.advance(10s);
  REQUIRE_FALSE(pair.edit(other, change("31s")).error);
  pair.boot(joiner, "boot-again");
  pair.node(joiner).disk_fails = true;
  pair.meet();
  pair.advance(5s);
  CHECK(pair.state(other).nodes.at(joiner).membership == Membership::present);
  pair.node(joiner).disk_fails = false;
  pair.advance(3s);
  CHECK(pair.state(other).nodes.at(joiner).membership == Membership::joined);
  CHECK(pair.node(joiner).disk.entries.back().hash == pair.node(other).core->committed().hash);
}

TEST_CASE("join: a node that is back before the record of its fencing is on disk joins all the same", "[node][L6]") {
  Serving pair;
  const auto [active, other] = std::pair{pair.active, pair.other};
  pair.node(other).disk_slow = true;
  pair.lose(active);
  for (int i = 0; i < 100 && !pair.powered_off.contains(active); ++i) pair.advance(100ms);
  REQUIRE(pair.powered_off.contains(active));
  pair.boot(active, "boot-again");
  pair.meet();
  pair.node(other).disk_slow = false;
  pair.flush_disk(other);
  pair.advance(5s);
  for (const NodeId id : {n1, n4}) CHECK(pair.state(other).nodes.at(id).membership == Membership::joined);
  CHECK(pair.runs_on("VIP"));
}

TEST_CASE("join: the report of a node with 1,000 resources fits into messages whatever its results say",
          "[node][S15]") {
  Pair pair;
  ExecWelcome welcome{1, BootId{pair.node(n4).boot}, 2, {}};
  for (std::size_t i = 0; i < limits::resources; ++i) {
    KeptRun kept;
    kept.run = i + 1;
    kept.op = OpId{7, static_cast<std::uint32_t>(i + 1), n1};
    kept.resource = fmt::format("{:a>60}{:04}", "", i);
    kept.action = Action::stop;
    kept.outcome = OpOutcome{OpStatus::done, 1, std::string(limits::reason_length, 'x'), 1'700'000'000'000, 20'000};
    welcome.runs.push_back(kept);
  }
  std::vector<JoinReport> parts;
  pair.spy = [&](const StreamMessage& message) {
    const auto* report = std::get_if<JoinReport>(&message.body);
    if (report == nullptr || message.sender != n4) return;
    CHECK(encode(message).size() <= stream_message_max);
    CHECK(decode_stream(encode(message)));
    parts.push_back(*report);
  };
  pair.node(n4).core = nullptr;
  pair.restart(n4, welcome);
  pair.meet();
  REQUIRE(parts.size() > 1);
  std::size_t operations = 0;
  std::size_t failed = 0;
  for (const JoinReport& part : parts) {
    CHECK(part.more == (&part != &parts.back()));
    operations += part.operations.size();
    failed += part.stop_failed.size();
  }
  CHECK(operations == limits::resources);
  CHECK(failed == limits::resources);
  CHECK(pair.state(n1).nodes.at(n4).membership == Membership::joined);
}

TEST_CASE("join: the end of the donor's earlier boot is on the joiner's disk, too", "[node][S1][S20]") {
  Pair pair;
  pair.meet();
  const BootId before = pair.state(n4).nodes.at(n1).incarnation.boot;
  pair.separate();
  pair.boot(n1, "boot1-again");
  pair.boot(n4, "boot4-again");
  pair.meet();  // n1 is the donor, by its lower id
  const auto& evidence = pair.node(n4).disk.evidence;
  CHECK(std::any_of(evidence.begin(), evidence.end(), [&](const Evidence& record) {
    return record.kind == EvidenceKind::new_boot && record.node == n1 && record.boot == before;
  }));
}
