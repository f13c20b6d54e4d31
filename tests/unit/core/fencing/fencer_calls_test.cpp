// SPDX-License-Identifier: Apache-2.0
// Which call comes next and what is told about it.
#include <catch2/catch.hpp>

#include "core/fencing/fencer.hpp"
#include "fencer_support.hpp"

using namespace duet;
using duet::test::FencerBench;

TEST_CASE("fencer: without a usable device it waits, says so, and uses a repaired one at the next try",
          "[fencing][L5]") {
  FencerBench bench;
  const auto repaired = std::exchange(bench.levels, {});
  bench.want();
  CHECK(bench.advance().empty());
  REQUIRE(bench.fencer.progress(bench.now));
  CHECK(bench.fencer.progress(bench.now)->last_error == "no usable fence device covers it");
  bench.levels = repaired;
  bench.fencer.retry_now(bench.now);
  bench.want();
  CHECK(bench.call().action == "off");
}

TEST_CASE("fencer: an agent without status is believed, an agent without on is not asked to", "[fencing][S7]") {
  FencerBench bench;
  bench.fencer.know_agent("fence_xvm", {"off", "reboot"});
  bench.want();
  bench.end(bench.call(), 0);
  CHECK(bench.fencer.take_success());
  bench.want_nothing();
  CHECK(bench.advance().empty());
}

TEST_CASE("fencer: stonith-action off leaves the node off", "[fencing]") {
  FencerBench bench;
  bench.request.action = FenceAction::off;
  bench.want();
  bench.switch_off();
  CHECK(bench.fencer.take_success());
  bench.want_nothing();
  CHECK(bench.advance().empty());
}

TEST_CASE("fencer: switching on is tried three times, and its failure changes no success", "[fencing]") {
  FencerBench bench;
  bench.want();
  bench.switch_off();
  CHECK(bench.fencer.take_success());
  bench.want_nothing();
  int tries = 0;
  for (int second = 0; second < 60; ++second) {
    for (const ExecRequest& request : bench.advance(1s)) {
      CHECK(std::get<RunFenceAgent>(request).action == "on");
      bench.end(std::get<RunFenceAgent>(request), 1);
      ++tries;
    }
  }
  CHECK(tries == 3);
}

TEST_CASE("fencer: an agent that was lost with the executor has failed", "[fencing][S7]") {
  FencerBench bench;
  bench.want();
  static_cast<void>(bench.call());
  bench.fencer.executor_lost(bench.now);
  CHECK_FALSE(bench.fencer.take_success());
  CHECK(bench.call(1s).action == "off");
}

TEST_CASE("fencer: whether it is off is asked for as long as the device is allowed to take", "[fencing]") {
  FencerBench bench;
  bench.levels[0].steps[0].status_timeout = 25s;
  bench.want();
  bench.end(bench.call(), 0);
  const auto verify = bench.call();
  CHECK(verify.action == "status");
  CHECK(verify.timeout == 25s);
}
