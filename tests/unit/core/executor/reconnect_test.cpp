// SPDX-License-Identifier: Apache-2.0
// A restart of duetd or of duet-execd loses no operation and no result (R12, R13).
#include <catch2/catch.hpp>

#include "core/executor/executor.hpp"
#include "executor_support.hpp"

using namespace duet;
using duet::test::ExecutorBench;
using duet::test::outcome;

TEST_CASE("executor: an operation that ran before duetd was restarted is adopted and its end reported",
          "[executor][L6]") {
  Executor executor;
  const OpId op{3, 7, NodeId{4}};
  executor.connected(ExecWelcome{1, BootId{"b"}, 2, {{41, op, "haproxy", Action::start, Duration{0}, std::nullopt}}},
                     Instant{1s});
  const auto report = executor.report();
  REQUIRE(report.size() == 1);
  CHECK(report[0].begun);
  CHECK_FALSE(report[0].outcome);
  executor.ended(41, outcome(0), Instant{2s});
  const auto results = executor.to_propose();
  REQUIRE(results.size() == 1);
  CHECK(results[0].id == op);
}

TEST_CASE("executor: what ended before the restart is reported with its result, monitors are ended", "[executor]") {
  Executor executor;
  executor.connected(ExecWelcome{1,
                                 BootId{"b"},
                                 2,
                                 {{41, OpId{3, 7, NodeId{4}}, "haproxy", Action::stop, Duration{0}, outcome(1)},
                                  {42, OpId{}, "VIP", Action::monitor, 10s, std::nullopt}}},
                     Instant{1s});
  const auto report = executor.report();
  REQUIRE(report.size() == 1);
  CHECK(report[0].outcome->exit_code == 1);
  bool cancelled = false;
  for (const ExecRequest& request : executor.advance(Instant{1s})) {
    if (const auto* cancel = std::get_if<CancelRun>(&request)) cancelled = cancel->run == 42;
  }
  CHECK(cancelled);
}

TEST_CASE("executor: an order that was lost with the connection is no failure", "[executor][S2][S12]") {
  ExecutorBench bench;
  const auto action = GENERATE(Action::stop, Action::probe, Action::start);
  CAPTURE(to_string(action));
  const OpId op = bench.order(action);
  const RunAgent lost = bench.run();
  bench.executor.lost();
  CHECK(bench.runs().empty());
  bench.executor.connected(ExecWelcome{1, BootId{"b"}, 1, {}}, bench.now);
  if (action == Action::start) {
    CHECK(bench.runs().empty());
    const auto results = bench.executor.to_propose();
    REQUIRE(results.size() == 1);
    CHECK(results[0].id == op);
    CHECK(results[0].outcome.status == OpStatus::voided);
    return;
  }
  CHECK(bench.executor.to_propose().empty());
  const RunAgent again = bench.run();
  CHECK(again.op == op);
  CHECK(again.action == action);
  CHECK(again.run != lost.run);
  bench.executor.ended(again.run, outcome(0), bench.now);
  CHECK(bench.executor.to_propose().at(0).outcome.status == OpStatus::done);
}

TEST_CASE("executor: a monitor that was lost with the connection is run again at once", "[executor]") {
  ExecutorBench bench;
  bench.monitors(10s);
  bench.run();
  bench.executor.lost();
  bench.executor.connected(ExecWelcome{1, BootId{"b"}, 1, {}}, bench.now);
  CHECK(bench.run().action == Action::monitor);
  CHECK(bench.executor.to_propose().empty());
}

TEST_CASE("executor: what duet-execd knows of after a lost connection goes on", "[executor]") {
  ExecutorBench bench;
  bench.order(Action::stop);
  const RunAgent run = bench.run();
  bench.executor.lost();
  SECTION("kept") {
    bench.executor.connected(
        ExecWelcome{1, BootId{"b"}, 1, {{run.run, run.op, "VIP", Action::stop, Duration{0}, outcome(0)}}}, bench.now);
    CHECK(bench.executor.to_propose().at(0).outcome.status == OpStatus::done);
  }
  SECTION("still running") {
    bench.executor.connected(
        ExecWelcome{1, BootId{"b"}, 1, {{run.run, run.op, "VIP", Action::stop, Duration{0}, std::nullopt}}}, bench.now);
    CHECK(bench.runs().empty());
    CHECK(bench.executor.to_propose().empty());
  }
}
