// SPDX-License-Identifier: Apache-2.0
// The loop's handles: what is destroyed is not called, timers come in order and not early, threads can hand in work.
#include "platform/loop/loop.hpp"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <optional>
#include <thread>

#include "platform/clock/clock.hpp"

namespace duet {

namespace {

struct Pipe {
  UniqueFd out;
  UniqueFd in;
};

Pipe make_pipe() {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

std::unique_ptr<Loop> make_loop() {
  auto loop = Loop::create();
  REQUIRE(loop);
  return std::move(*loop);
}

}  // namespace

TEST_CASE("loop: timers expire in the order of their times and never early", "[loop]") {
  auto loop = make_loop();
  std::vector<int> order;
  const Instant begin = boot_now();
  Timer second{*loop, [&] {
                 CHECK(boot_now() - begin >= 4ms);
                 order.push_back(2);
                 loop->stop();
               }};
  Timer first{*loop, [&] { order.push_back(1); }};
  Timer never{*loop, [&] { order.push_back(9); }};
  second.arm(begin + 4ms);
  first.arm(begin + 2ms);
  never.arm(begin + 3ms);
  never.cancel();
  loop->run();
  CHECK(order == std::vector{1, 2});
  CHECK_FALSE(first.armed());
}

TEST_CASE("loop: a timer that arms itself for the past does not starve descriptors", "[loop]") {
  auto loop = make_loop();
  const Pipe pipe = make_pipe();
  int turns = 0;
  std::optional<Timer> busy;
  busy.emplace(*loop, [&] {
    ++turns;
    busy->arm(Instant{});
  });
  busy->arm(Instant{});
  auto watch = loop->watch(pipe.out.get(), POLLIN, [&](short) { loop->stop(); });
  REQUIRE(watch);
  REQUIRE(write(pipe.in.get(), "x", 1) == 1);
  loop->run();
  CHECK(turns < 100);
}

TEST_CASE("loop: a watch may destroy itself and others from its callback", "[loop]") {
  auto loop = make_loop();
  const Pipe a = make_pipe();
  const Pipe b = make_pipe();
  FdWatch first;
  FdWatch second;
  int calls = 0;
  const auto both_end = [&](short) {
    ++calls;
    first.reset();
    second.reset();
  };
  first = std::move(*loop->watch(a.out.get(), POLLIN, both_end));
  second = std::move(*loop->watch(b.out.get(), POLLIN, both_end));
  REQUIRE(write(a.in.get(), "x", 1) == 1);
  REQUIRE(write(b.in.get(), "x", 1) == 1);
  loop->run_for(20ms);
  CHECK(calls == 1);
}

TEST_CASE("loop: a descriptor can be watched again after its watch ended", "[loop]") {
  auto loop = make_loop();
  const Pipe pipe = make_pipe();
  REQUIRE(write(pipe.in.get(), "x", 1) == 1);
  int calls = 0;
  for (int i = 0; i < 3; ++i) {
    auto watch = loop->watch(pipe.out.get(), POLLIN, [&](short) {
      ++calls;
      loop->stop();
    });
    REQUIRE(watch);
    loop->run();
  }
  CHECK(calls == 3);
}

TEST_CASE("loop: interest in events can be switched off and on", "[loop]") {
  auto loop = make_loop();
  const Pipe pipe = make_pipe();
  REQUIRE(write(pipe.in.get(), "x", 1) == 1);
  int calls = 0;
  FdWatch watch;
  watch = std::move(*loop->watch(pipe.out.get(), POLLIN, [&](short) {
    ++calls;
    watch.set_events(0);
  }));
  loop->run_for(10ms);
  CHECK(calls == 1);
  watch.set_events(POLLIN);
  loop->run_for(10ms);
  CHECK(calls == 2);
}

TEST_CASE("loop: work posted by another thread runs in the loop's thread and in order", "[loop]") {
  auto loop = make_loop();
  std::vector<int> order;
  std::thread::id ran_in;
  std::thread other{[&] {
    for (int i = 0; i < 100; ++i) loop->post([&order, i] { order.push_back(i); });
    loop->post([&] {
      ran_in = std::this_thread::get_id();
      loop->stop();
    });
  }};
  loop->run();
  other.join();
  CHECK(ran_in == std::this_thread::get_id());
  REQUIRE(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("loop: a signal is reported from the loop", "[loop]") {
  auto loop = make_loop();
  int received = 0;
  auto watch = loop->watch_signal(SIGUSR1, [&] {
    ++received;
    loop->stop();
  });
  REQUIRE(watch);
  loop->post([] { REQUIRE(raise(SIGUSR1) == 0); });
  loop->run();
  CHECK(received == 1);
}

}  // namespace duet
