// SPDX-License-Identifier: Apache-2.0
// --wait: what counts as done, as impossible, as under way.
#include "cli/commands/wait.hpp"

#include <catch2/catch.hpp>

#include "cli/render/status_model.hpp"
#include "tests/unit/cli/fixture.hpp"

namespace duet::cli::test {

namespace {

Standing judge(const ClusterView& view, const Goal& goal) {
  return standing(view, plan_of(view), goal);
}

}  // namespace

TEST_CASE("wait: a running resource has arrived, a starting one is working", "[cli][wait]") {
  const Goal goal{.ids = {"VIP", "haproxy"}, .named = "hagroup"};
  CHECK(judge(tutorial_view(), goal).progress == Progress::reached);
  CHECK(judge(states().at("starting")(), goal).progress == Progress::working);
  CHECK(steps_under_way(states().at("starting")(), goal) == std::vector<std::string>{"VIP: starting on server1"});
  CHECK(judge(states().at("standby-moving")(), {}).progress == Progress::working);
}

TEST_CASE("wait: what may run nowhere is unreachable, with the reason", "[cli][wait]") {
  const auto verdict = judge(states().at("nowhere")(), {.ids = {"VIP"}, .named = "VIP"});
  CHECK(verdict.progress == Progress::unreachable);
  CHECK(verdict.why.find("keeps VIP away from server1") != std::string::npos);
  const auto device = judge(states().at("no-device")(), {.ids = {"VIP"}, .named = "VIP"});
  CHECK(device.progress == Progress::unreachable);
  CHECK(device.why.find("STONITH") != std::string::npos);
}

TEST_CASE("wait: a pending fencing is under way, it may still succeed", "[cli][wait]") {
  CHECK(judge(states().at("down-unfenced")(), {.ids = {"VIP"}, .named = "VIP"}).progress == Progress::working);
}

TEST_CASE("wait: disabled resources have arrived when they are stopped", "[cli][wait]") {
  CHECK(judge(states().at("disabled")(), {.ids = {"VIP"}, .stopped = true}).progress == Progress::reached);
  CHECK(judge(states().at("disabled")(), {.ids = {"VIP"}}).progress == Progress::reached);
}

TEST_CASE("wait: prints each step once and where it runs at the end", "[cli][wait]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  int turn = 0;
  daemon.later = [&](ClusterView& view) {
    ++turn;
    if (turn == 1) view.state.resources["haproxy"].on[server1].pending = PendingOp{{1, 9, server1}, Action::stop, ""};
    if (turn == 4) {
      run_on(view, "VIP", server4);
      run_on(view, "haproxy", server4);
    }
  };
  const auto done = duet(daemon, "resource move hagroup server4 --wait");
  CHECK(done.code == 0);
  CHECK(done.err == "haproxy: stopping on server1\n");
  CHECK(done.out == "resource 'hagroup' is running on node 'server4'\n");
}

TEST_CASE("wait: ends with 124 and what is still under way", "[cli][wait]") {
  FakeDaemon daemon;
  daemon.view = states().at("starting")();
  const auto late = duet(daemon, "resource meta hagroup priority=1 --wait=20");
  CHECK(late.code == 124);
  CHECK(late.err.find("Error: not done after 20s\n  Why:  still VIP: starting on server1\n") != std::string::npos);
}

TEST_CASE("wait: ends at once with 1 and the reason when it is impossible", "[cli][wait]") {
  FakeDaemon daemon;
  daemon.view = states().at("nowhere")();
  const auto never = duet(daemon, "resource meta VIP priority=1 --wait");
  CHECK(never.code == 1);
  CHECK(never.err.find("Error: resource 'VIP' is not running on any node\n  Why:  ") != std::string::npos);
  CHECK(never.err.find("Fix:  duet why VIP\n") != std::string::npos);
  CHECK(daemon.questions < 10);
}

TEST_CASE("wait: on a terminal one live line is redrawn and removed", "[cli][wait]") {
  FakeDaemon daemon;
  daemon.view = states().at("starting")();
  daemon.later = [n = 0](ClusterView& view) mutable {
    if (++n == 3) {
      run_on(view, "VIP", server1);
      run_on(view, "haproxy", server1);
    }
  };
  const auto done = duet(daemon, "resource meta hagroup priority=1 --wait=20", {.err_terminal = true});
  CHECK(done.code == 0);
  CHECK(done.err.find("\rVIP: starting on server1 ... 0.0 s (limit 20s)") != std::string::npos);
  CHECK(done.err.back() == '\r');
}

}  // namespace duet::cli::test
