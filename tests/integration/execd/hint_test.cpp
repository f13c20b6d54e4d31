// SPDX-License-Identifier: Apache-2.0
// Hints: what goes away by itself is told at once, what we end ourselves is not. Units and addresses are tested in the
// lab's nodes, where ending them harms nobody.
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>

#include "platform/process/cgroup.hpp"
#include "tests/integration/execd/executor.hpp"

namespace duet::test {

namespace {

bool is_hint(const ExecReply& reply) {
  return std::holds_alternative<ResourceHint>(reply);
}

/// Hints for agents' services come from cgroup.events of version 2.
bool have_cgroup_events() {
  auto tree = CgroupTree::create("duet-test-probe");
  const bool have = tree && tree->hierarchy() == "unified";
  if (tree) CgroupTree::remove(tree->path("x").substr(0, tree->path("x").size() - 2));
  constexpr const char* missing = "no cgroup of version 2 here: nothing to test";
  if (!have && std::getenv("DUET_TEST_STRICT") != nullptr) FAIL(missing);
  if (!have) WARN(missing);
  return have;
}

void install_service(const Executor& executor) {
  const std::string pid = executor.scratch("service");
  executor.install("ocf/test", "service",
                   "case $1 in\n"
                   "start) setsid sleep 1000 >/dev/null 2>&1 & echo $! > " +
                       pid +
                       ";;\n"
                       "stop) kill $(cat " +
                       pid +
                       ") 2>/dev/null;;\n"
                       "monitor) kill -0 $(cat " +
                       pid +
                       ") 2>/dev/null || exit 7;;\n"
                       "esac; exit 0");
}

}  // namespace

TEST_CASE("execd: the end of an agent's service is told at once", "[execd][L1]") {
  if (!have_cgroup_events()) return;
  Executor executor;
  install_service(executor);
  executor.start();
  Client client{executor};
  REQUIRE(client.run(order(1, "service", Action::start)).outcome.exit_code == 0);
  client.send(WatchResource{"r", AgentRef{"ocf", "test", "service"}, {}});
  REQUIRE(client.run(order(2, "service", Action::monitor)).outcome.exit_code == 0);
  CHECK(client.is_silent(50ms));
  kill(static_cast<pid_t>(number_in(executor.scratch("service"))), SIGKILL);
  const auto hint = std::get<ResourceHint>(client.wait_for(is_hint, 2s));
  CHECK(hint.resource == "r");
  CHECK_FALSE(hint.what.empty());
}

TEST_CASE("execd: the end of a service's main process is told, also by an executor that did not start it",
          "[execd][L1]") {
  Executor executor;
  const std::string main = executor.scratch("main");
  executor.install("ocf/test", "forking",
                   "[ $1 = start ] || exit 0\n"
                   "setsid bash -c 'echo $$ > " +
                       main +
                       "; sleep 1000 & sleep 1000; :' >/dev/null 2>&1 &\n"
                       "while [ ! -s " +
                       main + " ]; do sleep 0.01; done; sleep 0.1; exit 0");
  executor.start();
  {
    Client client{executor};
    REQUIRE(client.run(order(1, "forking", Action::start)).outcome.exit_code == 0);
  }
  executor.stop(SIGKILL);
  executor.start();
  Client client{executor};
  client.send(WatchResource{"r", AgentRef{"ocf", "test", "forking"}, {}});
  REQUIRE(client.run(order(2, "forking", Action::monitor)).outcome.exit_code == 0);
  kill(static_cast<pid_t>(number_in(main)), SIGKILL);
  const auto hint = std::get<ResourceHint>(client.wait_for(is_hint, 2s));
  CHECK(hint.resource == "r");
  CHECK_THAT(hint.what, Catch::Contains("main process"));
}

TEST_CASE("execd: what our own stop ends gives no hint", "[execd]") {
  Executor executor;
  install_service(executor);
  executor.start();
  Client client{executor};
  REQUIRE(client.run(order(1, "service", Action::start)).outcome.exit_code == 0);
  client.send(WatchResource{"r", AgentRef{"ocf", "test", "service"}, {}});
  REQUIRE(client.run(order(2, "service", Action::stop)).outcome.exit_code == 0);
  CHECK(client.is_silent(100ms));
}

}  // namespace duet::test
