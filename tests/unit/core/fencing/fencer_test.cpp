// SPDX-License-Identifier: Apache-2.0
// From cause to verified off: what counts as success, what never does (S4, S7, S8).
#include "core/fencing/fencer.hpp"

#include <catch2/catch.hpp>

#include "fencer_support.hpp"

using namespace duet;
using duet::test::FencerBench;

TEST_CASE("fencer: off and a status of 'off' are success, then the node is switched on", "[fencing][S7]") {
  FencerBench bench;
  bench.want();
  bench.switch_off();
  const auto success = bench.fencer.take_success();
  REQUIRE(success);
  CHECK(success->boot == BootId{"b4"});
  CHECK_FALSE(bench.fencer.take_success());
  bench.want_nothing();
  CHECK(bench.call().action == "on");
}

TEST_CASE("fencer: nothing but exit 0 of off followed by exit 2 of status is success", "[fencing][S7]") {
  struct Row {
    const char* name;
    OpStatus off_status;
    std::int32_t off_code;
    OpStatus status_status;
    std::int32_t status_code;
  };
  const auto row = GENERATE(values<Row>({
      {"off fails", OpStatus::done, 1, OpStatus::done, 2},
      {"off times out", OpStatus::timed_out, 0, OpStatus::done, 2},
      {"off is killed", OpStatus::error, 0, OpStatus::done, 2},
      {"still on", OpStatus::done, 0, OpStatus::done, 0},
      {"state unknown", OpStatus::done, 0, OpStatus::done, 1},
      {"status times out", OpStatus::done, 0, OpStatus::timed_out, 2},
  }));
  CAPTURE(row.name);
  FencerBench bench;
  bench.want();
  bench.end(bench.call(), row.off_code, row.off_status);
  for (const ExecRequest& request : bench.advance()) {
    bench.end(std::get<RunFenceAgent>(request), row.status_code, row.status_status);
  }
  CHECK_FALSE(bench.fencer.take_success());
  CHECK(bench.fencer.next_wakeup());
}

TEST_CASE("fencer: failures are retried for ever after 1, 2, 4 ... 60 s", "[fencing][L5]") {
  FencerBench bench;
  bench.want();
  for (const Duration wait : {0s, 1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
    if (wait > Duration{0}) CHECK(bench.advance(wait - 1ms).empty());
    bench.end(bench.call(wait > Duration{0} ? 1ms : 0ms), 1);
    CHECK(bench.advance().empty());
  }
  bench.switch_off(60s);
  CHECK(bench.fencer.take_success());
}

TEST_CASE("fencer: a message of the target after the dispatch means that off is repeated", "[fencing][S8]") {
  FencerBench bench;
  bench.want();
  const auto off = bench.call();
  bench.now = bench.now + 1s;
  bench.fencer.heard_from_target();
  bench.end(off, 0);
  bench.end(bench.call(), 2);
  CHECK_FALSE(bench.fencer.take_success());
  bench.switch_off(1s);
  CHECK(bench.fencer.take_success());
}

TEST_CASE("fencer: a cause that goes away cancels the request and kills its agent", "[fencing][S4]") {
  FencerBench bench;
  bench.want();
  const auto off = bench.call();
  bench.want_nothing();
  const auto requests = bench.advance();
  REQUIRE(requests.size() == 1);
  CHECK(std::get<CancelRun>(requests[0]).run == off.run);
  OpOutcome late;
  CHECK_FALSE(bench.fencer.ended(off.run, late, bench.now));
  CHECK_FALSE(bench.fencer.take_success());
}

TEST_CASE("fencer: a newer boot ends everything, switching on too", "[fencing][S8]") {
  FencerBench bench;
  bench.want();
  bench.switch_off();
  bench.fencer.newer_boot_appeared();
  CHECK_FALSE(bench.fencer.take_success());
  bench.want_nothing();
  CHECK(bench.advance().empty());
}

TEST_CASE("fencer: the node that is not favoured goes at once only if the target is off", "[fencing][S5]") {
  FencerBench bench;
  bench.request.delayed = true;
  bench.request.wait = 5s;
  bench.want();
  const auto asked = bench.call();
  CHECK(asked.action == "status");
  CHECK(asked.timeout == 1s);
  SECTION("off") {
    bench.end(asked, 2);
    CHECK(bench.call().action == "off");
  }
  SECTION("running: it waits, counted from the cause, and asks again as long as the answer cannot prolong that") {
    bench.now = bench.now + 300ms;
    bench.end(asked, 0);
    CHECK(bench.advance(499ms).empty());
    for (int turn = 0; turn < 7; ++turn) {  // 0.8 s, 1.3 s .. 3.8 s after the cause
      const auto again = bench.call(turn == 0 ? 1ms : 500ms);
      CHECK(again.action == "status");
      bench.end(again, turn % 2 == 0 ? 0 : 1);  // it runs, or nothing is known
    }
    CHECK(bench.fencer.next_wakeup() == Instant{100s} + 5s);
    CHECK(bench.advance(1199ms).empty());
    CHECK(bench.call(1ms).action == "off");
  }
  SECTION("off after a moment, because its host had to tidy up: no more waiting") {
    bench.end(asked, 0);
    const auto again = bench.call(500ms);
    bench.end(again, 2);
    CHECK(bench.call().action == "off");
  }
  SECTION("an administrator asks while it asks again: no more waiting, whatever the answer is") {
    bench.end(asked, 0);
    const auto again = bench.call(500ms);
    bench.request.delayed = false;
    bench.want();
    bench.end(again, 0);
    CHECK(bench.call().action == "off");
  }
  SECTION("the peer is back while it waits: nothing is dispatched") {
    bench.end(asked, 0);
    bench.want_nothing();
    CHECK(bench.advance(10s).empty());
    CHECK_FALSE(bench.fencer.next_wakeup());
  }
  SECTION("an administrator asks meanwhile: no more waiting") {
    bench.end(asked, 0);
    bench.request.delayed = false;
    bench.request.cause = CauseKind::administrator;
    bench.want();
    CHECK(bench.call().action == "off");
  }
}

TEST_CASE("fencer: a target with two supplies counts as off only if both are", "[fencing][S5]") {
  FencerBench bench;
  const DeviceStep psu1{.device = "psu1", .agent = "fence_apc", .parameters = {{"plug", "1"}}};
  const DeviceStep psu2{.device = "psu2", .agent = "fence_apc", .parameters = {{"plug", "2"}}};
  bench.levels = {{1, {psu1, psu2}}};
  bench.request.delayed = true;
  bench.request.wait = 5s;
  bench.want();
  bench.end(bench.call(), 2);
  const auto second = bench.call();
  CHECK(second.action == "status");
  CHECK(second.parameters.at("plug") == "2");
  SECTION("the second is on: wait") {
    bench.end(second, 0);
    CHECK(bench.advance(4s).empty());  // two questions of 1 s each would take too long by now
    CHECK(bench.fencer.next_wakeup() == Instant{100s} + 5s);
    const auto off = bench.call(1s);
    CHECK(off.action == "off");
    CHECK(off.parameters.at("plug") == "1");
  }
  SECTION("the second goes off, too: at once") {
    bench.end(second, 0);
    bench.end(bench.call(500ms), 2);
    bench.end(bench.call(), 2);
    CHECK(bench.call().action == "off");
  }
  SECTION("both are off: at once, both are switched") {
    bench.end(second, 2);
    CHECK(bench.call().action == "off");
  }
}

TEST_CASE("fencer: a level succeeds only if all of its devices do, then the next level is tried", "[fencing][F34]") {
  FencerBench bench;
  const DeviceStep psu1{.device = "psu1", .agent = "fence_apc", .parameters = {{"plug", "1"}}};
  const DeviceStep psu2{.device = "psu2", .agent = "fence_apc", .parameters = {{"plug", "2"}}};
  bench.levels = {{1, {psu1, psu2}}, {2, {DeviceStep{.device = "vmfence", .agent = "fence_xvm", .parameters = {}}}}};
  bench.want();
  bench.switch_off();
  CHECK_FALSE(bench.fencer.take_success());
  const auto second = bench.call();
  CHECK(second.parameters.at("plug") == "2");
  bench.end(second, 1);
  const auto next_level = bench.call();
  CHECK(next_level.agent == "fence_xvm");
  bench.end(next_level, 0);
  bench.end(bench.call(), 2);
  CHECK(bench.fencer.take_success());
}
