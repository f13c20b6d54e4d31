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

TEST_CASE("executor: an operation that duet-execd forgot over its own restart is an error, not a success",
          "[executor][S2]") {
  ExecutorBench bench;
  bench.order(Action::stop);
  const RunAgent run = bench.run();
  bench.executor.lost();
  CHECK(bench.runs().empty());
  SECTION("forgotten") {
    bench.executor.connected(ExecWelcome{1, BootId{"b"}, 1, {}}, bench.now);
    const auto results = bench.executor.to_propose();
    REQUIRE(results.size() == 1);
    CHECK(results[0].outcome.status == OpStatus::error);
  }
  SECTION("kept") {
    bench.executor.connected(
        ExecWelcome{1, BootId{"b"}, 1, {{run.run, run.op, "VIP", Action::stop, Duration{0}, outcome(0)}}}, bench.now);
    CHECK(bench.executor.to_propose().at(0).outcome.status == OpStatus::done);
  }
  SECTION("still running") {
    bench.executor.connected(
        ExecWelcome{1, BootId{"b"}, 1, {{run.run, run.op, "VIP", Action::stop, Duration{0}, std::nullopt}}}, bench.now);
    CHECK(bench.executor.to_propose().empty());
  }
}
