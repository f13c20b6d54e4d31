// SPDX-License-Identifier: Apache-2.0
// One operation per resource, orders before monitors, results until the stream has them (S9).
#include "core/executor/executor.hpp"

#include <catch2/catch.hpp>

#include "executor_support.hpp"

using namespace duet;
using duet::test::ExecutorBench;
using duet::test::outcome;

TEST_CASE("executor: resources do not wait for each other, operations of one resource do", "[executor][S9]") {
  ExecutorBench bench;
  bench.order(Action::start, "slow");
  bench.order(Action::start, "VIP");
  CHECK(bench.runs().size() == 2);
  bench.order(Action::stop, "VIP");
  CHECK(bench.runs().empty());
}

TEST_CASE("executor: an order that is delivered twice runs once", "[executor][S9]") {
  ExecutorBench bench;
  bench.order(Action::start);
  CHECK(bench.runs().size() == 1);
  --bench.sequence;
  bench.order(Action::start);
  CHECK(bench.runs().empty());
}

TEST_CASE("executor: a start that waited longer than its freshness is voided, not begun", "[executor][S12]") {
  ExecutorBench bench;
  bench.monitors(10s);
  const RunAgent monitor = bench.run();
  const OpId start = bench.order(Action::start, "VIP", bench.now + 1s);
  bench.now = bench.now + 2s;
  bench.executor.ended(monitor.run, outcome(0, OpStatus::cancelled), bench.now);
  CHECK(bench.runs().empty());
  const auto results = bench.executor.to_propose();
  REQUIRE(results.size() == 1);
  CHECK(results[0].id == start);
  CHECK(results[0].outcome.status == OpStatus::voided);
}

TEST_CASE("executor: a running monitor is cancelled for an order and its result is not used", "[executor]") {
  ExecutorBench bench;
  bench.monitors(10s);
  const RunAgent monitor = bench.run();
  bench.order(Action::stop);
  const auto requests = bench.executor.advance(bench.now);
  REQUIRE(requests.size() == 1);
  CHECK(std::get<CancelRun>(requests[0]).run == monitor.run);
  bench.executor.ended(monitor.run, outcome(7), bench.now);
  CHECK(bench.executor.to_propose().empty());
  CHECK(bench.run().action == Action::stop);
}

TEST_CASE("executor: the next monitor comes an interval after the last one ended, only changes are reported",
          "[executor]") {
  ExecutorBench bench;
  bench.monitors(10s);
  bench.executor.ended(bench.run().run, outcome(0), bench.now);
  auto first = bench.executor.to_propose();
  REQUIRE(first.size() == 1);
  bench.executor.delivered(first[0]);
  CHECK(bench.runs(9s).empty());
  bench.executor.ended(bench.run(1s).run, outcome(0), bench.now);
  CHECK(bench.executor.to_propose().empty());
  bench.executor.ended(bench.run(10s).run, outcome(7), bench.now);
  CHECK(bench.executor.to_propose().size() == 1);
}

TEST_CASE("executor: a hint runs the monitor now", "[executor]") {
  ExecutorBench bench;
  bench.monitors(60s);
  bench.executor.ended(bench.run().run, outcome(0), bench.now);
  CHECK(bench.runs(1s).empty());
  bench.executor.hint("VIP", bench.now);
  CHECK(bench.run().action == Action::monitor);
}

TEST_CASE("executor: a result is proposed again when the epoch took its message away", "[executor]") {
  ExecutorBench bench;
  bench.order(Action::stop);
  bench.executor.ended(bench.run().run, outcome(0), bench.now);
  CHECK(bench.executor.to_propose().size() == 1);
  CHECK(bench.executor.to_propose().empty());
  bench.executor.forget_in_flight();
  const auto again = bench.executor.to_propose();
  REQUIRE(again.size() == 1);
  bench.executor.delivered(again[0]);
  bench.executor.forget_in_flight();
  CHECK(bench.executor.to_propose().empty());
}

TEST_CASE("executor: a change of epoch voids what was not begun and leaves what runs", "[executor]") {
  ExecutorBench bench;
  bench.order(Action::stop, "VIP");
  const RunAgent running = bench.run();
  bench.order(Action::start, "VIP");
  bench.executor.void_unbegun(false, "epoch");
  CHECK(bench.executor.to_propose().size() == 1);
  bench.executor.ended(running.run, outcome(0), bench.now);
  CHECK(bench.executor.to_propose().size() == 1);
}
