// SPDX-License-Identifier: Apache-2.0
// Which datagram leads to a call back: size, MAC, replay, groups, and whose turn it is under a flood.
#include "core/fencehost/host_service.hpp"
#include "tests/unit/core/fencehost/host_bench.hpp"

namespace duet::fencehost {

using bench::Host;
using xvm::Operation;

TEST_CASE("host_datagram: every other size is dropped, before anything else", "[fencehost][V33]") {
  Host host;
  const xvm::Datagram good = host.sign(host.request(Operation::off, "vm1"));
  Bytes bytes{good.begin(), good.end()};
  REQUIRE(host.send(bytes).size() == 1);
  bytes.resize(65'507);
  for (std::size_t size = 0; size <= bytes.size(); size = size < 1000 ? size + 1 : size + 997) {
    if (size != good.size()) CHECK(host.send(ByteView{bytes}.first(size)).empty());
  }
  CHECK(host.service.counters().datagrams == host.service.counters().wrong_size + 1);
}

TEST_CASE("host_datagram: no changed bit passes", "[fencehost][FZ8]") {
  Host host;
  const xvm::Datagram good = host.sign(host.request(Operation::off, "vm1"));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes bad{good.begin(), good.end()};
      bad[at] = static_cast<std::uint8_t>(bad[at] ^ (1U << bit));
      CHECK(host.send(bad).empty());
    }
  }
  CHECK(host.count<AskHelper>() == 0);
}

TEST_CASE("host_datagram: weaker hashes and unsigned requests are dropped", "[fencehost]") {
  Host host;
  auto request = host.request(Operation::off, "vm1");
  request.hash = xvm::HashType::sha1;
  CHECK(host.send(request).empty());
  request.hash = xvm::HashType::none;
  request.random = {};
  CHECK(host.send(request).empty());
  CHECK(host.service.counters().weak_hash == 2);
  auto strong = host.request(Operation::off, "vm1");
  strong.hash = xvm::HashType::sha512;
  CHECK(host.send(strong).size() == 1);
}

TEST_CASE("host_datagram: the same datagram is not served again, at no time and not after a restart",
          "[fencehost][V35]") {
  Host host;
  const xvm::Datagram off = host.sign(host.request(Operation::off, "vm1"));
  const auto calls = host.send(off);
  REQUIRE(calls.size() == 1);
  const auto slots = host.take<Persist>();
  REQUIRE(slots.size() == 1);
  host.service.ended(host.now, calls[0].call, "refused");
  for (const Duration later : {Duration{0s}, Duration{1s}, Duration{9s}, Duration{2s}, Duration{24h * 365}}) {
    host.wait(later);
    CHECK(host.send(off).empty());
  }
  ReplayMemory memory;
  memory.restore(slots[0].slot);
  Host restarted{bench::everybody(), {.secret = &bench::key()}, std::move(memory)};
  CHECK(restarted.send(off).empty());
  CHECK(restarted.service.counters().replayed == 1);
  // Queries are remembered too, but not for ever and not on disk.
  const xvm::Datagram status = host.sign(host.request(Operation::status, "vm1"));
  REQUIRE(host.send(status).size() == 1);
  CHECK(host.take<Persist>().empty());
  CHECK(host.send(status).empty());
}

TEST_CASE("host_datagram: a run of an agent is served once, by the first of its addresses that works", "[fencehost]") {
  Host host;
  auto request = host.request(Operation::status, "vm1", "192.0.2.1");
  const CallId dead = host.send(request).at(0).call;
  request.callback = *xvm::parse_address("192.0.2.2");
  request.random[1] = 1;
  const CallId good = host.send(request).at(0).call;
  request.random[1] = 2;
  CHECK(host.send(request).empty());  // a repetition while the call is under way
  host.agent_asks(good);
  REQUIRE(host.agent_answers(good));
  host.outcome(host.order(), OutcomeCode::done, 0, 1);
  CHECK(host.answer(good) == 0);
  request.random[1] = 3;
  CHECK(host.send(request).empty());
  host.agent_asks(dead);  // it answers after all: too late
  static_cast<void>(host.agent_answers(dead));
  CHECK(host.take<AskHelper>().empty());
  CHECK(host.answer(dead) == -1);
}

TEST_CASE("host_datagram: a failed call is tried again with the next datagram of the run", "[fencehost]") {
  Host host;
  auto request = host.request(Operation::off, "vm1");
  const CallId call = host.send(request).at(0).call;
  host.service.ended(host.now, call, "connection refused");
  CHECK(host.service.open_calls() == 0);
  request.random[1] = 1;
  CHECK(host.send(request).size() == 1);
}

TEST_CASE("host_datagram: addresses that mean nothing, or are in no group, are not called", "[fencehost][X8]") {
  const Permissions permissions{std::vector<Group>{{"g", {*xvm::parse_address("192.0.2.1")}, {"vm1"}}}};
  Host host{permissions};
  CHECK(host.send(host.request(Operation::status, "vm1", "192.0.2.9")).empty());
  CHECK(host.service.counters().not_listed == 1);
  CHECK(host.send(host.request(Operation::status, "vm1", "192.0.2.1")).size() == 1);
  Host open;
  for (const char* address :
       {"127.0.0.1", "0.0.0.0", "0.0.0.1", "225.0.0.12", "::1", "ff05::1", "::ffff:127.0.0.1", "::ffff:192.0.2.1"}) {
    CAPTURE(address);
    CHECK(open.send(open.request(Operation::status, "vm1", address)).empty());
  }
  const xvm::Datagram local = open.sign(open.request(Operation::status, "vm1", "127.0.0.1"));
  CHECK(open.send(local, {.from = *xvm::parse_address("127.0.0.1"), .from_here = true}).size() == 1);
}

TEST_CASE("host_datagram: at most four unproven calls, one for each address", "[fencehost][X3]") {
  Host host;
  for (int i = 1; i <= 6; ++i) {
    host.service.datagram(host.now, host.sign(host.request(Operation::status, "vm1", "192.0.2." + std::to_string(i))),
                          {});
  }
  CHECK(host.take<ConnectTo>().size() == 4);
  Host same;
  for (int i = 1; i <= 6; ++i) same.service.datagram(same.now, same.sign(same.request(Operation::status, "vm1")), {});
  const auto one = same.take<ConnectTo>();
  REQUIRE(one.size() == 1);
  same.service.ended(same.now, one[0].call, "refused");
  CHECK(same.take<ConnectTo>().size() == 1);
}

TEST_CASE("host_datagram: dead addresses hold up a request for less than 1 s", "[fencehost][V34]") {
  // The original: eight of these made a valid request take 24.6 s.
  Host host;
  for (int i = 1; i <= 200; ++i) {
    host.service.datagram(host.now, host.sign(host.request(Operation::status, "x", "198.51.100." + std::to_string(i))),
                          {});
  }
  const Instant began = host.now;
  const auto wanted = *xvm::parse_address("192.0.2.1");
  host.service.datagram(host.now, host.sign(host.request(Operation::off, "vm1")), {});
  bool called = false;
  while (!called && host.now - began < 10s) {
    for (const ConnectTo& connect : host.take<ConnectTo>()) called = called || connect.address == wanted;
    const auto wake = host.service.next_wakeup();
    REQUIRE(wake);
    if (!called) host.wait(std::max<Duration>(*wake - host.now, 1ns));
  }
  CHECK(called);
  CHECK(host.now - began <= 500ms);
}

TEST_CASE("host_datagram: an address with a dead port is still served on another port", "[fencehost][V34]") {
  Host host;
  const CallId dead = host.send(host.request(Operation::status, "x", "192.0.2.1", 9)).at(0).call;
  host.service.datagram(host.now, host.sign(host.request(Operation::off, "vm1", "192.0.2.1", 1229)), {});
  CHECK(host.take<ConnectTo>().empty());
  host.wait(patience);
  const auto calls = host.take<ConnectTo>();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].port == 1229);
  CHECK(calls[0].call != dead);
}

TEST_CASE("host_datagram: memory does not grow with what comes in", "[fencehost][S22]") {
  Host host;
  for (int i = 0; i < 5000; ++i) {
    host.service.datagram(
        host.now,
        host.sign(host.request(Operation::status, "vm" + std::to_string(i),
                               "198.51." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1))),
        {});
    static_cast<void>(host.service.take());
  }
  CHECK(host.service.open_calls() <= unproven_calls_max);
  CHECK(host.service.counters().overflow == 5000 - queue_max - unproven_calls_max);
}

TEST_CASE("host_datagram: junk is counted, and told once a second", "[fencehost][V34]") {
  Host host;
  Bytes junk(xvm::request_bytes, 0x5A);
  junk[1] = 2;
  for (int i = 0; i < 10'000; ++i) host.service.datagram(host.now, junk, {});
  CHECK(host.service.counters().bad_mac == 10'000);
  CHECK(host.take<Say>().size() == 1);
  host.wait(1s);
  host.service.datagram(host.now, junk, {});
  const auto said = host.take<Say>();
  REQUIRE(said.size() == 1);
  CHECK_THAT(said[0].text, Catch::Contains("9999 more"));
}

TEST_CASE("host_datagram: a lost newline at the end of the key is found out", "[fencehost]") {
  const auto with_newline = xvm::Secret::from_file(as_bytes("a key of enough bytes for these tests\n"));
  REQUIRE(with_newline);
  Host host{bench::everybody(), {.secret = &*with_newline}};
  CHECK(host.send(host.request(Operation::off, "vm1")).empty());
  const auto said = host.take<Say>();
  REQUIRE(said.size() == 1);
  CHECK_THAT(said[0].text, Catch::Contains("newline"));
}

TEST_CASE("host_datagram: foreign text in the log is escaped", "[fencehost][V14]") {
  Host host;
  CHECK(host.send(host.request(Operation::off, "a\nb\x1b[2J", "127.0.0.1")).empty());
  const auto said = host.take<Say>();
  REQUIRE(said.size() == 1);
  CHECK(said[0].text.find('\n') == std::string::npos);
  CHECK(said[0].text.find('\x1b') == std::string::npos);
}

}  // namespace duet::fencehost
