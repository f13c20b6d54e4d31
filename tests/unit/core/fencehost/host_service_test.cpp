// SPDX-License-Identifier: Apache-2.0
// From the connection to the answer: proof after the lane, one winner of two, answers as the original gives them.
#include "core/fencehost/host_service.hpp"

#include "tests/unit/core/fencehost/host_bench.hpp"

namespace duet::fencehost {

using bench::Host;
using xvm::Operation;

TEST_CASE("host_service: a status goes from datagram to answer", "[fencehost]") {
  struct Row {
    OutcomeCode code;
    std::uint8_t state;
    int answer;
  };
  const auto row = GENERATE(values<Row>({{OutcomeCode::done, 1, 0},
                                         {OutcomeCode::done, 3, 0},
                                         {OutcomeCode::done, 5, 2},
                                         {OutcomeCode::done, 6, 2},
                                         {OutcomeCode::unknown_domain, 0, 1},
                                         {OutcomeCode::unreachable, 0, 1},
                                         {OutcomeCode::denied, 0, 3}}));
  CAPTURE(row.code, row.state);
  Host host;
  const auto calls = host.send(host.request(Operation::status, "vm1"));
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].port == 1229);
  CHECK(xvm::to_text(calls[0].address) == "192.0.2.1");
  host.agent_asks(calls[0].call);
  REQUIRE(host.agent_answers(calls[0].call));
  const Order order = host.order();
  CHECK(order.verb == Verb::status);
  CHECK(order.domain == "vm1");
  CHECK(xvm::to_text(order.source) == "192.0.2.1");
  host.outcome(order, row.code, 0, row.state);
  CHECK(host.answer(calls[0].call) == row.answer);
  CHECK(host.service.open_calls() == 0);
}

TEST_CASE("host_service: our response is right and comes before our challenge", "[fencehost]") {
  Host host;
  const CallId call = host.send(host.request(Operation::status, "vm1")).at(0).call;
  host.agent_asks(call);
  const auto sent = host.take<SendTo>();
  REQUIRE(sent.size() == 2);
  const xvm::Block right = xvm::respond(bench::key(), xvm::HashType::sha256, Host::agent_challenge(call));
  CHECK(sent[0].bytes == Bytes(right.begin(), right.end()));
  CHECK(sent[1].bytes.size() == 64);
}

TEST_CASE("host_service: power looks up, takes its lane, asks for proof, acts, answers", "[fencehost][S5]") {
  const auto operation = GENERATE(Operation::off, Operation::on, Operation::reboot);
  Host host;
  const CallId call = host.send(host.request(operation, "vm1")).at(0).call;
  host.agent_asks(call);
  const Order lookup = host.order();
  CHECK(lookup.verb == Verb::lookup);
  CHECK_FALSE(host.agent_answers(call));  // no challenge before the lane
  host.outcome(lookup, OutcomeCode::done, 4);
  REQUIRE(host.agent_answers(call));
  const auto asked = host.take<AskHelper>();
  REQUIRE(asked.size() == 1);
  CHECK(changes_power(asked[0].order.verb));
  CHECK(asked[0].with == call);  // the helper gets the connection
  host.outcome(asked[0].order, OutcomeCode::done);
  CHECK(host.answer(call) == 0);
  CHECK(host.service.lanes_held() == 0);
  CHECK(host.service.counters().power_done == 1);
}

TEST_CASE("host_service: of two nodes that fence each other one is served; the other has no chance to answer",
          "[fencehost][S5]") {
  Host host;
  const CallId first = host.send(host.request(Operation::off, "node2", "192.0.2.1")).at(0).call;
  const CallId second = host.send(host.request(Operation::off, "node1", "192.0.2.2")).at(0).call;
  host.agent_asks(first);
  const Order lookup1 = host.order();
  host.agent_asks(second);
  const Order lookup2 = host.order();
  host.outcome(lookup1, OutcomeCode::done, 0);
  host.outcome(lookup2, OutcomeCode::done, 0);
  REQUIRE(host.agent_answers(first));
  CHECK_FALSE(host.agent_answers(second));
  const Order off = host.order();
  host.wait(3s);
  host.outcome(off, OutcomeCode::done);
  CHECK(host.answer(first) == 0);
  // node2 is off: it is asked now, and 1 s later its request is dropped. The hypervisor hears nothing of it.
  host.wait(999ms);
  CHECK(host.service.open_calls() == 1);
  host.wait(1ms);
  CHECK(host.service.open_calls() == 0);
  CHECK(host.take<AskHelper>().empty());
  CHECK(host.service.counters().gone == 1);
  CHECK(host.service.lanes_held() == 0);
}

TEST_CASE("host_service: an agent that gives up while it waits leaves the queue of its lane", "[fencehost][S8]") {
  Host host;
  const CallId first = host.send(host.request(Operation::off, "a", "192.0.2.1")).at(0).call;
  const CallId second = host.send(host.request(Operation::off, "b", "192.0.2.2")).at(0).call;
  host.agent_asks(first);
  const Order lookup1 = host.order();
  host.outcome(lookup1, OutcomeCode::done, 0);
  host.agent_asks(second);
  host.outcome(host.order(), OutcomeCode::done, 0);
  host.service.ended(host.now, second, "closed");
  REQUIRE(host.agent_answers(first));
  host.outcome(host.order(), OutcomeCode::done);
  CHECK(host.answer(first) == 0);
  CHECK_FALSE(host.agent_answers(second));
  CHECK(host.service.lanes_held() == 0);
}

TEST_CASE("host_service: the other addresses of an agent that is served are no trouble worth a warning",
          "[fencehost]") {
  Host host;
  xvm::Request request = host.request(Operation::off, "a", "192.0.2.1");
  const CallId first = host.send(request).at(0).call;
  request.callback = *xvm::parse_address("192.0.2.100");
  request.random[1] = 7;  // each datagram has its own
  const CallId second = host.send(request).at(0).call;
  host.agent_asks(first);
  host.outcome(host.order(), OutcomeCode::done, 0);
  host.agent_asks(second);
  host.outcome(host.order(), OutcomeCode::done, 0);
  REQUIRE(host.agent_answers(first));
  host.outcome(host.order(), OutcomeCode::done);
  CHECK(host.answer(first) == 0);
  host.service.ended(host.now, second, "broke off");
  CHECK(host.service.open_calls() == 0);
  CHECK(host.service.counters().gone == 0);
  for (const Say& said : host.take<Say>()) {
    CHECK((said.weight == Weight::debug || said.weight == Weight::notice));
  }
}

TEST_CASE("host_service: a requester that is gone before the hypervisor is called is not answered", "[fencehost][S8]") {
  Host host;
  const CallId call = host.send(host.request(Operation::off, "a")).at(0).call;
  host.agent_asks(call);
  host.outcome(host.order(), OutcomeCode::done, 0);
  REQUIRE(host.agent_answers(call));
  host.outcome(host.order(), OutcomeCode::requester_gone);
  CHECK(host.answer(call) == -1);
  CHECK(host.service.lanes_held() == 0);
  CHECK(host.service.counters().gone == 1);
}

TEST_CASE("host_service: the lane stays taken when the requester leaves while the hypervisor works",
          "[fencehost][S5]") {
  Host host;
  const CallId call = host.send(host.request(Operation::off, "a")).at(0).call;
  host.agent_asks(call);
  host.outcome(host.order(), OutcomeCode::done, 0);
  REQUIRE(host.agent_answers(call));
  const Order off = host.order();
  host.service.ended(host.now, call, "closed");
  CHECK(host.service.lanes_held() == 1);
  host.outcome(off, OutcomeCode::done);
  CHECK(host.service.lanes_held() == 0);
}

TEST_CASE("host_service: a hypervisor that hangs is a failure after 2 s for a query and 20 s for power",
          "[fencehost][V40]") {
  Host host;
  const CallId query = host.send(host.request(Operation::status, "a")).at(0).call;
  host.agent_asks(query);
  REQUIRE(host.agent_answers(query));
  const Order late = host.order();
  host.wait(2s);
  CHECK(host.answer(query) == 1);
  host.outcome(late, OutcomeCode::done, 0, 5);
  CHECK(host.answers.size() == 1);

  const CallId unknown = host.send(host.request(Operation::off, "a")).at(0).call;
  host.agent_asks(unknown);
  static_cast<void>(host.order());
  host.wait(2s);  // the look-up hangs
  REQUIRE(host.agent_answers(unknown));
  CHECK(host.answer(unknown) == 1);

  const CallId power = host.send(host.request(Operation::off, "a")).at(0).call;
  host.agent_asks(power);
  host.outcome(host.order(), OutcomeCode::done, 0);
  REQUIRE(host.agent_answers(power));
  const Order hangs = host.order();
  host.wait(19s);
  CHECK(host.answer(power) == -1);
  CHECK_FALSE(host.service.idle());
  host.wait(1s);
  CHECK(host.answer(power) == 1);
  CHECK(host.service.idle());             // nobody waits for it,
  CHECK(host.service.lanes_held() == 1);  // but what hangs may still happen
  CHECK_FALSE(host.service.next_wakeup());
  host.outcome(hangs, OutcomeCode::done);
  CHECK(host.service.lanes_held() == 0);
  CHECK(host.service.open_calls() == 0);
}

TEST_CASE("host_service: nobody else gets the lane while the hypervisor may still carry out an old order",
          "[fencehost][S5]") {
  Host host;
  const CallId first = host.send(host.request(Operation::off, "node2", "192.0.2.1")).at(0).call;
  host.agent_asks(first);
  host.outcome(host.order(), OutcomeCode::done, 0);
  REQUIRE(host.agent_answers(first));
  const Order hangs = host.order();
  const CallId second = host.send(host.request(Operation::off, "node1", "192.0.2.2")).at(0).call;
  host.agent_asks(second);
  host.outcome(host.order(), OutcomeCode::done, 0);
  host.wait(20s);
  CHECK(host.answer(first) == 1);
  CHECK_FALSE(host.agent_answers(second));  // refused: it is alive and would prove it
  CHECK(host.take<HangUp>().size() == 1);
  const CallId third = host.send(host.request(Operation::off, "node1", "192.0.2.2")).at(0).call;
  host.agent_asks(third);
  host.outcome(host.order(), OutcomeCode::done, 0);
  CHECK_FALSE(host.agent_answers(third));
  CHECK(host.take<HangUp>().size() == 1);
  CHECK(host.take<AskHelper>().empty());
  host.service.ended(host.now, first, "closed");  // it has its answer; the lane does not care
  CHECK(host.service.lanes_held() == 1);
  host.wait(60s);
  host.outcome(hangs, OutcomeCode::done);
  const CallId fourth = host.send(host.request(Operation::off, "node2", "192.0.2.1")).at(0).call;
  host.agent_asks(fourth);
  host.outcome(host.order(), OutcomeCode::done, 0);
  CHECK(host.agent_answers(fourth));
}

TEST_CASE("host_service: a pause of this process closes no lane for ever", "[fencehost]") {
  Host host;
  const CallId call = host.send(host.request(Operation::off, "a")).at(0).call;
  host.agent_asks(call);
  host.outcome(host.order(), OutcomeCode::done, 0);
  host.wait(30s);  // our challenge is not answered yet
  CHECK(host.service.open_calls() == 0);
  CHECK(host.service.lanes_held() == 0);
}

TEST_CASE("host_service: a reboot that is off and slow to start is a success, and keeps its lane", "[fencehost][S7]") {
  Host host;
  const CallId call = host.send(host.request(Operation::reboot, "a")).at(0).call;
  host.agent_asks(call);
  host.outcome(host.order(), OutcomeCode::done, 0);
  REQUIRE(host.agent_answers(call));
  const Order reboot = host.order();
  host.outcome(reboot, OutcomeCode::off_verified);
  CHECK(host.answer(call) == -1);  // it may still be on in time
  host.wait(20s);
  CHECK(host.answer(call) == 0);
  CHECK(host.service.lanes_held() == 1);
  CHECK(host.service.counters().power_failed == 0);
  host.outcome(reboot, OutcomeCode::done);
  CHECK(host.service.lanes_held() == 0);
}

TEST_CASE("host_service: denied and unknown are told after the proof, without a lane", "[fencehost]") {
  Host host;
  const CallId call = host.send(host.request(Operation::reboot, "a")).at(0).call;
  host.agent_asks(call);
  host.outcome(host.order(), OutcomeCode::denied);
  CHECK(host.answer(call) == -1);
  CHECK(host.service.lanes_held() == 0);
  REQUIRE(host.agent_answers(call));
  CHECK(host.answer(call) == 3);
  const CallId other = host.send(host.request(Operation::off, "b")).at(0).call;
  host.agent_asks(other);
  host.outcome(host.order(), OutcomeCode::unknown_domain);
  REQUIRE(host.agent_answers(other));
  CHECK(host.answer(other) == 1);
}

TEST_CASE("host_service: who is denied takes the run from nobody who is not", "[fencehost][V37]") {
  for (const Operation operation : {Operation::off, Operation::status}) {
    Host host;
    xvm::Request request = host.request(operation, "a", "192.0.2.1");
    const CallId denied = host.send(request).at(0).call;
    request.callback = *xvm::parse_address("192.0.2.2");
    request.random[1] = 7;
    const CallId allowed = host.send(request).at(0).call;
    const bool power = operation == Operation::off;
    host.agent_asks(denied);
    if (power) host.outcome(host.order(), OutcomeCode::denied);
    REQUIRE(host.agent_answers(denied));
    if (!power) host.outcome(host.order(), OutcomeCode::denied);
    CHECK(host.answer(denied) == 3);
    // The permitted one, and also one that comes later.
    request.callback = *xvm::parse_address("192.0.2.3");
    request.random[1] = 8;
    if (!power) host.service.ended(host.now, allowed, "closed");
    const CallId served = power ? allowed : host.send(request).at(0).call;
    host.agent_asks(served);
    if (power) host.outcome(host.order(), OutcomeCode::done, 0);
    REQUIRE(host.agent_answers(served));
    host.outcome(host.order(), OutcomeCode::done, 0, 1);
    CHECK(host.answer(served) == 0);
  }
}

TEST_CASE("host_service: calls to other addresses end when one is served, not when their lane is free", "[fencehost]") {
  Host host;
  xvm::Request request = host.request(Operation::off, "a", "192.0.2.1");
  const CallId first = host.send(request).at(0).call;
  request.callback = *xvm::parse_address("192.0.2.100");
  request.random[1] = 7;
  const CallId twin = host.send(request).at(0).call;
  for (const CallId call : {first, twin}) {
    host.agent_asks(call);
    host.outcome(host.order(), OutcomeCode::done, 0);
  }
  REQUIRE(host.agent_answers(first));
  const auto hung_up = host.take<HangUp>();
  REQUIRE(hung_up.size() == 1);
  CHECK(hung_up[0].call == twin);
  host.outcome(host.order(), OutcomeCode::done);
  CHECK(host.answer(first) == 0);
  CHECK(host.service.lanes_held() == 0);
}

TEST_CASE("host_service: null and unknown operations are answered with failure", "[fencehost]") {
  Host host;
  for (const std::uint8_t operation : std::initializer_list<std::uint8_t>{0, 7, 8, 9, 99, 255}) {
    auto request = host.request(Operation::null, "a");
    request.operation = operation;
    const CallId call = host.send(request).at(0).call;
    host.agent_asks(call);
    REQUIRE(host.agent_answers(call));
    CHECK(host.answer(call) == 1);
  }
  CHECK(host.take<AskHelper>().empty());
}

TEST_CASE("host_service: monitor asks the hypervisor, and for the domain if it names one", "[fencehost][V39]") {
  Host host;
  const CallId plain = host.send(host.request(Operation::monitor, "")).at(0).call;
  host.agent_asks(plain);
  REQUIRE(host.agent_answers(plain));
  const Order probe = host.order();
  CHECK(probe.verb == Verb::probe);
  host.outcome(probe, OutcomeCode::unreachable);
  CHECK(host.answer(plain) == 1);
  const CallId named = host.send(host.request(Operation::monitor, "vm1")).at(0).call;
  host.agent_asks(named);
  REQUIRE(host.agent_answers(named));
  const Order status = host.order();
  CHECK(status.verb == Verb::status);
  host.outcome(status, OutcomeCode::done, 0, 5);
  CHECK(host.answer(named) == 0);  // it exists; whether it is on is not the question
}

TEST_CASE("host_service: a list comes whole or not at all", "[fencehost]") {
  Host host;
  const CallId call = host.send(host.request(Operation::list, "")).at(0).call;
  host.agent_asks(call);
  REQUIRE(host.agent_answers(call));
  const Order order = host.order();
  host.service.helper_said(host.now, ListPart{order.id, {{"a", "u1", 1}, {"b", "u2", 5}}});
  host.service.helper_said(host.now, ListPart{order.id, {{"c", "u3", 1}}});
  host.outcome(order, OutcomeCode::done);
  REQUIRE(host.answer(call) == 253);
  CHECK(host.answers.back().bytes == xvm::encode_host_list({{"a", "u1", 1}, {"b", "u2", 5}, {"c", "u3", 1}}));
  const CallId failed = host.send(host.request(Operation::list, "")).at(0).call;
  host.agent_asks(failed);
  REQUIRE(host.agent_answers(failed));
  host.outcome(host.order(), OutcomeCode::unreachable);
  CHECK(host.answer(failed) == 1);
}

TEST_CASE("host_service: a wrong response is hung up on and may be followed by a right one", "[fencehost]") {
  Host host;
  auto request = host.request(Operation::off, "a");
  const CallId call = host.send(request).at(0).call;
  host.agent_asks(call);
  host.outcome(host.order(), OutcomeCode::done, 0);
  host.service.received(host.now, call, xvm::Block{});
  CHECK(host.take<HangUp>().size() == 1);
  CHECK(host.service.lanes_held() == 0);
  CHECK(host.service.counters().wrong_proof == 1);
  request.random[1] = 9;  // the next datagram of the same run
  CHECK(host.send(request).size() == 1);
}

TEST_CASE("host_service: nobody gets our own challenge answered by us", "[fencehost][X5]") {
  Host host;
  const CallId first = host.send(host.request(Operation::status, "a", "192.0.2.1")).at(0).call;
  host.agent_asks(first);
  xvm::Block ours{};
  ours[0] = static_cast<std::uint8_t>(first);
  ours[1] = 0xC2;
  const CallId second = host.send(host.request(Operation::status, "a", "192.0.2.2")).at(0).call;
  static_cast<void>(host.take<SendTo>());
  host.service.connected(host.now, second, xvm::Block{1, 2, 3});
  host.service.received(host.now, second, ours);
  CHECK(host.take<SendTo>().empty());
  CHECK(host.take<HangUp>().size() == 1);
}

TEST_CASE("host_service: with auth none the order follows the connection", "[fencehost]") {
  Host host{bench::everybody(), {.auth = xvm::HashType::none, .secret = &bench::key()}};
  const CallId call = host.send(host.request(Operation::off, "a")).at(0).call;
  host.service.connected(host.now, call, xvm::Block{});
  host.outcome(host.order(), OutcomeCode::done, 0);
  host.outcome(host.order(), OutcomeCode::done);
  CHECK(host.answer(call) == 0);
  CHECK(host.take<SendTo>().empty());
}

TEST_CASE("host_service: it always knows when it wants to be woken", "[fencehost]") {
  Host host;
  CHECK_FALSE(host.service.next_wakeup());
  const CallId call = host.send(host.request(Operation::off, "a")).at(0).call;
  CHECK(host.service.next_wakeup() == host.now + callback_limit);
  host.agent_asks(call);
  CHECK(host.service.next_wakeup() == host.now + query_limit);
  host.outcome(host.order(), OutcomeCode::done, 0);
  CHECK(host.service.next_wakeup() == host.now + proof_limit);
  REQUIRE(host.agent_answers(call));
  CHECK(host.service.next_wakeup() == host.now + lane_limit);
  host.outcome(host.order(), OutcomeCode::done);
  CHECK_FALSE(host.service.next_wakeup());
}

}  // namespace duet::fencehost
