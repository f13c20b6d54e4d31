// SPDX-License-Identifier: Apache-2.0
// What survives the end of duetd, of duet-execd and of both (protocol.md 9).
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "platform/clock/clock.hpp"
#include "tests/integration/execd/executor.hpp"

namespace duet::test {

namespace {

const KeptRun* find(const ExecWelcome& welcome, std::uint64_t run) {
  for (const KeptRun& kept : welcome.runs) {
    if (kept.run == run) return &kept;
  }
  return nullptr;
}

/// An agent that waits for the file "go", then ends with 0.
void install_waiting(const Executor& executor) {
  executor.install("ocf/test", "wait",
                   "echo $$ > " + executor.scratch("agent") + "; echo $PPID > " + executor.scratch("supervisor") +
                       "\necho $1 >> " + executor.scratch("calls") + "\nwhile [ ! -e " + executor.scratch("go") +
                       " ]; do sleep 0.02; done; exit 0");
}

void let_go(const Executor& executor) {
  std::filesystem::create_directory(executor.scratch("go"));
}

std::size_t operations_left(const Executor& executor) {
  const std::filesystem::directory_iterator entries{executor.directory() + "/ops"};
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

TEST_CASE("execd: a result is kept while duetd is away, and forgotten once acknowledged", "[execd]") {
  Executor executor;
  install_waiting(executor);
  executor.start();
  {
    Client client{executor};
    CHECK(client.welcome.duetd_start == 1);
    CHECK(client.welcome.runs.empty());
    CHECK(client.welcome.boot.get().size() == 64);
    client.send(order(5, "wait", Action::start));
    client.wait_for_begin(5);
  }
  {
    Client client{executor};
    CHECK(client.welcome.duetd_start == 2);
    const KeptRun* kept = find(client.welcome, 5);
    REQUIRE(kept != nullptr);
    CHECK_FALSE(kept->outcome);
    CHECK(kept->resource == "r");
    CHECK(kept->action == Action::start);
    CHECK(kept->op == order(5, "wait", Action::start).op);
    let_go(executor);
    CHECK(client.wait_for_end(5).outcome.exit_code == 0);
  }
  {
    Client client{executor};
    const KeptRun* kept = find(client.welcome, 5);
    REQUIRE(kept != nullptr);
    REQUIRE(kept->outcome);
    CHECK(kept->outcome->exit_code == 0);
    client.send(AckResult{5});
  }
  Client client{executor};
  CHECK(client.welcome.runs.empty());
  CHECK(operations_left(executor) == 0);
}

TEST_CASE("execd: a running agent survives the end of the executor and is adopted", "[execd]") {
  const int signal = GENERATE(SIGTERM, SIGKILL);
  CAPTURE(signal);
  Executor executor;
  install_waiting(executor);
  executor.start();
  std::string boot;
  {
    Client client{executor};
    boot = client.welcome.boot.get();
    client.send(order(7, "wait", Action::start));
    client.wait_for_begin(7);
    REQUIRE(eventually([&] { return number_in(executor.scratch("agent")) > 1; }));
  }
  executor.stop(signal);
  CHECK(is_alive(static_cast<pid_t>(number_in(executor.scratch("agent")))));
  executor.start();
  Client client{executor};
  CHECK(client.welcome.boot.get() == boot);
  const KeptRun* kept = find(client.welcome, 7);
  REQUIRE(kept != nullptr);
  CHECK_FALSE(kept->outcome);
  let_go(executor);
  const RunEnded ended = client.wait_for_end(7);
  CHECK(ended.outcome.status == OpStatus::done);
  CHECK(ended.outcome.exit_code == 0);
}

TEST_CASE("execd: a result that came while the executor was away is taken", "[execd]") {
  Executor executor;
  install_waiting(executor);
  executor.start();
  {
    Client client{executor};
    client.send(order(7, "wait", Action::monitor));
    client.wait_for_begin(7);
    REQUIRE(eventually([&] { return number_in(executor.scratch("agent")) > 1; }));
  }
  executor.stop(SIGKILL);
  const auto supervisor = static_cast<pid_t>(number_in(executor.scratch("supervisor")));
  let_go(executor);
  REQUIRE(eventually([&] { return !is_alive(supervisor); }));
  executor.start();
  REQUIRE(eventually([&] {
    Client client{executor};
    const KeptRun* kept = find(client.welcome, 7);
    REQUIRE(kept != nullptr);
    return kept->outcome && kept->outcome->exit_code == 0 && kept->outcome->status == OpStatus::done;
  }));
}

TEST_CASE("execd: the time-out holds while the executor is away", "[execd]") {
  Executor executor;
  install_waiting(executor);
  executor.start();
  {
    Client client{executor};
    RunAgent job = order(7, "wait", Action::start);
    job.timeout = 500ms;
    client.send(job);
    client.wait_for_begin(7);
    REQUIRE(eventually([&] { return number_in(executor.scratch("agent")) > 1; }));
  }
  executor.stop(SIGKILL);
  const auto agent = static_cast<pid_t>(number_in(executor.scratch("agent")));
  REQUIRE(eventually([&] { return !is_alive(agent); }));
  executor.start();
  REQUIRE(eventually([&] {
    Client client{executor};
    const KeptRun* kept = find(client.welcome, 7);
    REQUIRE(kept != nullptr);
    return kept->outcome && kept->outcome->status == OpStatus::timed_out;
  }));
}

TEST_CASE("execd: a lost result is no failure: a probe is asked for, and a stop is done again", "[execd][S2]") {
  const Action action = GENERATE(Action::start, Action::monitor, Action::probe, Action::stop);
  CAPTURE(static_cast<int>(action));
  Executor executor;
  install_waiting(executor);
  executor.start();
  {
    Client client{executor};
    client.send(order(9, "wait", action));
    client.wait_for_begin(9);
    REQUIRE(eventually([&] { return number_in(executor.scratch("agent")) > 1; }));
  }
  executor.stop(SIGKILL);
  const auto agent = static_cast<pid_t>(number_in(executor.scratch("agent")));
  kill(static_cast<pid_t>(number_in(executor.scratch("supervisor"))), SIGKILL);
  REQUIRE(eventually([&] { return !is_alive(static_cast<pid_t>(number_in(executor.scratch("supervisor")))); }));
  CHECK(is_alive(agent));
  executor.start();
  CHECK(eventually([&] { return !is_alive(agent); }));  // what is left of it is killed
  let_go(executor);
  std::optional<OpOutcome> outcome;
  REQUIRE(eventually([&] {
    Client client{executor};
    const KeptRun* kept = find(client.welcome, 9);
    REQUIRE(kept != nullptr);
    outcome = kept->outcome;
    return outcome.has_value();
  }));
  if (action == Action::stop) {
    CHECK(outcome->status == OpStatus::done);
    CHECK(outcome->exit_code == 0);
  } else {
    CHECK(outcome->status == OpStatus::cancelled);
    CHECK_THAT(outcome->reason, Catch::Contains("lost"));
  }
}

TEST_CASE("execd: until the next start a resource is stopped and looked at with what its last start was given",
          "[execd][S1][S10]") {
  const bool restart = GENERATE(false, true);
  CAPTURE(restart);
  Executor executor;
  const std::string calls = executor.scratch("calls");
  executor.install("ocf/test", "address",
                   "echo $1 $OCF_RESKEY_ip >> " + calls + "\nup=" + executor.scratch("up-") +
                       "$OCF_RESKEY_ip\n"
                       "case $1 in start) mkdir $up;; stop) rmdir $up 2>/dev/null;; monitor) [ -d $up ] || exit 7;; "
                       "esac; exit 0");
  executor.start();
  const auto with = [](std::uint64_t run, Action action, const std::string& ip) {
    RunAgent job = order(run, "address", action);
    job.parameters["ip"] = ip;
    return job;
  };
  {
    Client client{executor};
    REQUIRE(client.run(with(1, Action::start, "old")).outcome.exit_code == 0);
    CHECK_FALSE(client.run(with(2, Action::monitor, "old")).outcome.other_parameters);
  }
  if (restart) {
    executor.stop(SIGKILL);
    executor.start();
  }
  Client client{executor};
  const OpOutcome seen = client.run(with(3, Action::probe, "new")).outcome;
  CHECK(seen.exit_code == 0);
  CHECK(seen.other_parameters);
  CHECK(client.run(with(4, Action::stop, "new")).outcome.exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(executor.scratch("up-old")));
  CHECK(client.run(with(5, Action::probe, "new")).outcome.exit_code == 7);
  CHECK(client.run(with(6, Action::start, "new")).outcome.exit_code == 0);
  CHECK_FALSE(client.run(with(7, Action::monitor, "new")).outcome.other_parameters);
  CHECK(std::filesystem::exists(executor.scratch("up-new")));
}

TEST_CASE("execd: a fence agent ends with the duetd that asked for it", "[execd]") {
  Executor executor;
  executor.install("sbin", "fence_slow", "echo $$ > " + executor.scratch("agent") + "; sleep 1000");
  executor.start();
  {
    Client client{executor};
    client.send(RunFenceAgent{3, "fence_slow", "off", {{"port", "x"}}, 60s});
    REQUIRE(eventually([&] { return number_in(executor.scratch("agent")) > 1; }));
  }
  const auto agent = static_cast<pid_t>(number_in(executor.scratch("agent")));
  CHECK(eventually([&] { return !is_alive(agent); }));
  Client client{executor};
  CHECK(client.welcome.runs.empty());
  CHECK(client.is_silent(50ms));
  CHECK(eventually([&] { return operations_left(executor) == 0; }));
}

TEST_CASE("execd: a fence agent of a former executor is ended", "[execd]") {
  Executor executor;
  executor.install("sbin", "fence_slow", "echo $$ > " + executor.scratch("agent") + "; sleep 1000");
  executor.start();
  Client old{executor};
  old.send(RunFenceAgent{3, "fence_slow", "off", {{"port", "x"}}, 60s});
  REQUIRE(eventually([&] { return number_in(executor.scratch("agent")) > 1; }));
  executor.stop(SIGKILL);
  executor.start();
  CHECK(eventually([&] { return !is_alive(static_cast<pid_t>(number_in(executor.scratch("agent")))); }));
  CHECK(eventually([&] { return operations_left(executor) == 0; }));
}

TEST_CASE("execd: only one duetd is served, and not before it says hello", "[execd]") {
  Executor executor;
  executor.start();
  const Client first{executor};
  auto second = ipc::Client::connect(executor.socket(), {geteuid()});
  REQUIRE(second);
  auto nothing = second->receive(boot_now() + 5s);
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code == Errc::disconnected);
}

}  // namespace duet::test
