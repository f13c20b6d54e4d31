// SPDX-License-Identifier: Apache-2.0
// What is worth a hint: what was there and has gone by itself, nothing else.
#include "daemon/execd/watches.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "platform/net/network.hpp"
#include "tests/unit/daemon/execd/fake_systemd.hpp"

namespace duet::execd {

namespace {

struct Bench {
  Bench() {
    settings.run_directory = systemd.directory() + "/run";
    std::filesystem::create_directories(settings.services());
  }
  ~Bench() { std::filesystem::remove_all(settings.run_directory); }

  RunAgent order(Action action) const {
    RunAgent made;
    made.resource = request.resource;
    made.agent = request.agent;
    made.parameters = request.parameters;
    made.action = action;
    return made;
  }
  void succeed(Action action) {
    watches.operation_began(order(action));
    watches.operation_ended(order(action), OpOutcome{});
    loop->run_for(50ms);
  }
  void watch() {
    watches.watch(request);
    loop->run_for(50ms);
  }

  std::unique_ptr<Loop> loop = std::move(*Loop::create());
  test::FakeSystemd systemd{*loop};
  Settings settings;
  LastStarts starts{systemd.directory() + "/run/services"};
  units::UnitManager units{*loop};
  std::vector<std::string> hints;
  Watches watches{*loop, &units, settings, starts, [this](const ResourceHint& hint) { hints.push_back(hint.what); }};
  WatchResource request{"r", AgentRef{"ocf", "test", "address"}, {{"ip", "192.0.2.77"}}};
};

}  // namespace

TEST_CASE("watches: an address that is not in this namespace gives no hint, however often its monitor succeeds",
          "[execd]") {
  Bench bench;
  bench.watch();
  bench.succeed(Action::start);
  for (int i = 0; i < 3; ++i) bench.succeed(Action::monitor);
  CHECK(bench.hints.empty());
}

TEST_CASE("watches: what is watched is the address of the last start, then the one of the next", "[execd]") {
  Bench bench;
  bench.request.parameters["ip"] = "127.0.0.1";
  REQUIRE(bench.starts.remember(bench.order(Action::start), ""));
  bench.request.parameters["ip"] = "192.0.2.77";
  bench.watch();
  bench.succeed(Action::monitor);
  REQUIRE(bench.starts.remember(bench.order(Action::start), ""));
  bench.succeed(Action::start);
  bench.succeed(Action::monitor);
  CHECK(bench.hints.empty());
}

TEST_CASE("watches: a unit that has gone before it was watched, or goes later, gives one hint", "[execd][L1]") {
  Bench bench;
  bench.request.agent = AgentRef{"systemd", "", "web"};
  auto& unit = bench.systemd.units["web.service"];
  SECTION("before") {
    bench.watch();
    CHECK(bench.hints.size() == 1);
  }
  SECTION("later") {
    unit.active_state = "active";
    bench.watch();
    CHECK(bench.hints.empty());
    bench.systemd.change("web.service", "failed");
    bench.loop->run_for(50ms);
    CHECK(bench.hints.size() == 1);
    bench.systemd.change("web.service", "inactive");
    bench.loop->run_for(50ms);
    CHECK(bench.hints.size() == 1);
  }
  SECTION("by our own stop") {
    unit.active_state = "active";
    bench.watch();
    bench.watches.operation_began(bench.order(Action::stop));
    bench.systemd.change("web.service", "inactive");
    bench.loop->run_for(50ms);
    bench.watches.operation_ended(bench.order(Action::stop), OpOutcome{});
    bench.loop->run_for(50ms);
    CHECK(bench.hints.empty());
  }
}

}  // namespace duet::execd
