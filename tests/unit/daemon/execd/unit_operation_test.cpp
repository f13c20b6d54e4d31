// SPDX-License-Identifier: Apache-2.0
// Orders for units, against a systemd that says what the test wants: what counts as stopped, and as started.
#include "daemon/execd/unit_operation.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "tests/unit/daemon/execd/fake_systemd.hpp"

namespace duet::execd {

namespace {

struct Bench {
  Bench() { settings.drop_in_directory = systemd.directory() + "/system"; }

  OpOutcome run(Action action, Duration timeout = 5s) {
    RunAgent order;
    order.run = 1;
    order.resource = "web";
    order.agent = AgentRef{"systemd", "", "web"};
    order.action = action;
    order.timeout = timeout;
    std::optional<OpOutcome> outcome;
    const auto operation = UnitOperation::begin(*loop, units, settings, order, [&](OpOutcome ended) {
      outcome = std::move(ended);
      loop->stop();
    });
    loop->run_for(timeout + 2s);
    REQUIRE(outcome);
    return *outcome;
  }
  test::FakeSystemd::Unit& unit() { return systemd.units["web.service"]; }

  std::unique_ptr<Loop> loop = std::move(*Loop::create());
  test::FakeSystemd systemd{*loop};
  Settings settings;
  units::UnitManager units{*loop};
};

bool is_success(const OpOutcome& outcome) {
  return outcome.status == OpStatus::done && outcome.exit_code == 0;
}

}  // namespace

TEST_CASE("unit operation: start, monitor and stop of an ordinary unit", "[execd]") {
  Bench bench;
  bench.unit();
  CHECK(bench.run(Action::probe).exit_code == 7);
  CHECK(is_success(bench.run(Action::start)));
  CHECK(is_success(bench.run(Action::monitor)));
  CHECK(is_success(bench.run(Action::stop)));
  CHECK(bench.unit().active_state == "inactive");
}

TEST_CASE("unit operation: what runs without its file is running, and a stop ends it", "[execd][S1]") {
  const auto* const load_state = GENERATE("not-found", "error", "bad-setting");
  CAPTURE(load_state);
  Bench bench;
  bench.unit() = {load_state, "active"};
  CHECK(is_success(bench.run(Action::probe)));
  CHECK(is_success(bench.run(Action::start)));
  CHECK(is_success(bench.run(Action::stop)));
  CHECK(bench.systemd.calls_of("StopUnit") == 1);
  CHECK(bench.unit().active_state == "inactive");
}

TEST_CASE("unit operation: what has no file and does not run is not there", "[execd]") {
  Bench bench;
  CHECK(bench.run(Action::probe).status == OpStatus::not_installed);
  CHECK(bench.run(Action::start).status == OpStatus::not_installed);
  CHECK(is_success(bench.run(Action::stop)));
  CHECK(bench.systemd.calls_of("StopUnit") == 0);
}

TEST_CASE("unit operation: a stop that systemd says is of nothing succeeds only when nothing runs", "[execd][S1]") {
  Bench bench;
  bench.unit().active_state = "active";
  bench.systemd.errors["StopUnit"] = {"org.freedesktop.systemd1.NoSuchUnit"};
  CHECK(is_success(bench.run(Action::stop)));
  CHECK(bench.systemd.calls_of("StopUnit") == 2);
  CHECK(bench.unit().active_state == "inactive");
}

TEST_CASE("unit operation: a stop is asked for again after trouble of the bus, of systemd, or of other jobs",
          "[execd][S2]") {
  const auto* const name =
      GENERATE("org.freedesktop.DBus.Error.LimitsExceeded", "org.freedesktop.DBus.Error.NoMemory",
               "System.Error.ENOBUFS", "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.Failed");
  const auto* const member = GENERATE("LoadUnit", "GetAll", "StopUnit");
  CAPTURE(name, member);
  Bench bench;
  bench.unit().active_state = "active";
  bench.systemd.errors[member] = {name};
  CHECK(is_success(bench.run(Action::stop)));
  CHECK(bench.unit().active_state == "inactive");
}

TEST_CASE("unit operation: a stop whose job was cancelled is asked for again", "[execd][S2]") {
  Bench bench;
  bench.unit() = {.active_state = "active", .job_result = "canceled"};
  Timer relent{*bench.loop, [&] { bench.unit().job_result = "done"; }};
  relent.arm_in(50ms);
  CHECK(is_success(bench.run(Action::stop)));
  CHECK(bench.systemd.calls_of("StopUnit") >= 2);
}

TEST_CASE("unit operation: a monitor waits when the bus is short of room", "[execd]") {
  Bench bench;
  bench.unit().active_state = "active";
  bench.systemd.errors["GetAll"] = {"org.freedesktop.DBus.Error.LimitsExceeded"};
  CHECK(is_success(bench.run(Action::monitor)));
}

TEST_CASE("unit operation: a start after which nothing runs has failed", "[execd]") {
  const auto* const after = GENERATE("inactive", "failed");
  CAPTURE(after);
  Bench bench;
  bench.unit().after_start = after;
  const OpOutcome outcome = bench.run(Action::start);
  CHECK(outcome.status == OpStatus::done);
  CHECK(outcome.exit_code == 1);
  CHECK_THAT(outcome.reason, Catch::Contains(after));
}

TEST_CASE("unit operation: to a probe a unit whose start waits is not down", "[execd][S1]") {
  Bench bench;
  bench.unit().has_job = true;
  Timer runs{*bench.loop, [&] { bench.unit() = {.active_state = "active"}; }};
  runs.arm_in(50ms);
  CHECK(is_success(bench.run(Action::probe)));
}

TEST_CASE("unit operation: the end of a job is heard although systemd refused to send signals at first", "[execd]") {
  Bench bench;
  bench.systemd.errors["Subscribe"] = {"org.freedesktop.DBus.Error.NoMemory"};
  bench.unit().active_state = "active";
  CHECK(is_success(bench.run(Action::stop, 3s)));
  CHECK(bench.systemd.calls_of("Subscribe") == 2);
}

}  // namespace duet::execd
