// SPDX-License-Identifier: Apache-2.0
// What agents may use, and that nothing which matters waits because of it (SEC-AGENT 4, R42, L9).
#include <fcntl.h>

#include <catch2/catch.hpp>

#include "daemon/execd/agent_limits.hpp"
#include "platform/clock/clock.hpp"
#include "platform/process/read_file.hpp"
#include "tests/integration/execd/executor.hpp"

namespace duet::test {

using execd::agent_limits::parallel_looks;
using execd::agent_limits::tasks;

TEST_CASE("execd: what looks has a bound of memory and no core dump, a service inherits none", "[execd][SEC-AGENT]") {
  Executor executor;
  executor.install("ocf/test", "limits",
                   "ulimit -d > " + executor.scratch("$1") + "; ulimit -c >> " + executor.scratch("$1") + "; exit 0");
  executor.start();
  Client client{executor};
  REQUIRE(client.run(order(1, "limits", Action::monitor)).outcome.exit_code == 0);
  REQUIRE(client.run(order(2, "limits", Action::start)).outcome.exit_code == 0);
  REQUIRE(client.run(order(3, "limits", Action::stop)).outcome.exit_code == 0);
  CHECK(read_file(executor.scratch("monitor")) == "1048576\n0\n");
  CHECK_THAT(*read_file(executor.scratch("start")), Catch::StartsWith("unlimited\n"));
  CHECK_THAT(*read_file(executor.scratch("stop")), Catch::StartsWith("unlimited\n"));
}

TEST_CASE("execd: a monitor that takes too much memory fails", "[execd][SEC-AGENT]") {
  Executor executor;
  // tail keeps a line until its end comes.
  executor.install("ocf/test", "greedy", "head -c 1300000000 /dev/zero | tail -n 1 > /dev/null 2>&1 || exit 7");
  executor.start();
  Client client{executor};
  CHECK(client.run(order(1, "greedy", Action::monitor)).outcome.exit_code == 7);
}

TEST_CASE("execd: a monitor that forks without end is killed with all it forked", "[execd][SEC-AGENT]") {
  Executor executor;
  executor.install("ocf/test", "bomb",
                   "echo $$ > " + executor.scratch("self") + "\nfor i in {1..3000}; do sleep 1000 & echo $! > " +
                       executor.scratch("last") + "; done\nsleep 1000");
  executor.start();
  Client client{executor};
  RunAgent job = order(1, "bomb", Action::monitor);
  job.timeout = 60s;
  const RunEnded ended = client.run(job);
  CHECK(ended.outcome.status == OpStatus::error);
  CHECK(ended.outcome.reason == "Resource agent had more than " + std::to_string(tasks) + " processes and was killed");
  for (const char* who : {"self", "last"}) {
    const auto pid = static_cast<pid_t>(number_in(executor.scratch(who)));
    CHECK(eventually([&] { return !is_alive(pid); }));
  }
}

TEST_CASE("execd: monitors wait for their turn; starts, stops and fence agents never do", "[execd][L9][R42]") {
  Executor executor;
  const std::string gate = executor.scratch("gate");
  executor.install("ocf/test", "hung", "while [ ! -e " + gate + " ]; do sleep 0.1; done; exit 0");
  executor.install("ocf/test", "quick", "exit 0");
  executor.install("sbin", "fence_quick", "exit 0");
  executor.start();
  Client client{executor};
  constexpr std::uint64_t late = parallel_looks + 1;  // the first that must wait
  for (std::uint64_t run = 1; run <= late + 1; ++run) client.send(order(run, "hung", Action::monitor));
  for (std::uint64_t run = 1; run < late; ++run) client.wait_for_begin(run);
  CHECK(client.is_silent(200ms));

  const Instant begin = boot_now();
  client.send(RunFenceAgent{100, "fence_quick", "off", {}, 10s});
  CHECK(client.wait_for_end(100, 2s).outcome.exit_code == 0);
  CHECK(client.run(order(101, "quick", Action::stop)).outcome.exit_code == 0);
  CHECK(client.run(order(102, "quick", Action::start)).outcome.exit_code == 0);
  CHECK(boot_now() - begin < 2s);

  SECTION("what waits can be cancelled at once: a stop of its resource comes next") {
    client.send(CancelRun{late + 1});
    CHECK(client.wait_for_end(late + 1, 2s).outcome.status == OpStatus::cancelled);
  }
  SECTION("each that ends lets the next one begin") {
    client.send(CancelRun{1});
    CHECK(client.wait_for_end(1, 2s).outcome.status == OpStatus::cancelled);
    client.wait_for_begin(late);
    CHECK(replace_file(AT_FDCWD, gate, "open"));
    CHECK(client.wait_for_end(late + 1).outcome.exit_code == 0);
  }
}

}  // namespace duet::test
