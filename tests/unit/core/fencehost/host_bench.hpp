// SPDX-License-Identifier: Apache-2.0
// A HostService with a key, a clock and agents that answer right: what its two test files share.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "core/fencehost/host_service.hpp"

namespace duet::fencehost::bench {

inline const xvm::Secret& key() {
  static const xvm::Secret secret = *xvm::Secret::from_file(as_bytes("a key of enough bytes for these tests"));
  return secret;
}

inline const Permissions& everybody() {
  static const Permissions open{std::nullopt};
  return open;
}

struct Host {
  Instant now{1000s};
  HostService service;
  std::vector<HostCommand> done;  ///< all commands so far
  std::uint32_t seqno = 1;
  std::uint8_t random = 0;

  explicit Host(const Permissions& permissions = everybody(), HostRules rules = {.secret = &key()},
                ReplayMemory memory = ReplayMemory{})
      : service{rules, permissions, std::move(memory)} {}

  xvm::Request request(xvm::Operation operation, std::string domain, std::string_view from = "192.0.2.1",
                       std::uint16_t port = 1229) {
    xvm::Request made;
    made.operation = static_cast<std::uint8_t>(operation);
    made.domain = std::move(domain);
    made.callback = *xvm::parse_address(from);
    made.port = port;
    made.seqno = ++seqno;
    made.random[0] = ++random;
    return made;
  }
  xvm::Datagram sign(const xvm::Request& made) { return xvm::encode_request(made, &key()); }

  /// Gives a datagram; returns the connections that the service wants for it.
  std::vector<ConnectTo> send(ByteView bytes, Arrival arrival = {.from = *xvm::parse_address("192.0.2.1")}) {
    service.datagram(now, bytes, arrival);
    return take<ConnectTo>();
  }
  std::vector<ConnectTo> send(const xvm::Request& made) { return send(sign(made)); }

  /// The commands of one kind since the last call of this function.
  template <class Command>
  std::vector<Command> take() {
    for (auto& command : service.take()) {
      done.push_back(command);
      fresh.push_back(std::move(command));
    }
    std::vector<Command> found;
    std::erase_if(fresh, [&](const HostCommand& command) {
      const auto* wanted = std::get_if<Command>(&command);
      if (wanted != nullptr) found.push_back(*wanted);
      return wanted != nullptr;
    });
    return found;
  }
  template <class Command>
  std::size_t count() {
    static_cast<void>(take<Persist>());
    return static_cast<std::size_t>(std::count_if(
        done.begin(), done.end(), [](const HostCommand& command) { return std::holds_alternative<Command>(command); }));
  }

  /// The agent behind a connection: asks its challenge. Afterwards our response is in the commands.
  void agent_asks(CallId call) {
    xvm::Block random_block{};
    random_block[0] = static_cast<std::uint8_t>(call);
    random_block[1] = 0xC2;
    service.connected(now, call, random_block);
    const xvm::Block challenge = agent_challenge(call);
    service.received(now, call, challenge);
  }
  static xvm::Block agent_challenge(CallId call) {
    xvm::Block block{};
    block[0] = static_cast<std::uint8_t>(call);
    block[1] = 0xC1;
    return block;
  }
  /// The agent answers our challenge, if it was asked; says whether it was.
  bool agent_answers(CallId call) {
    for (const SendTo& sent : take<SendTo>()) {
      sent_to.push_back(sent);
    }
    xvm::Block ours{};
    ours[0] = static_cast<std::uint8_t>(call);
    ours[1] = 0xC2;
    const Bytes wanted{ours.begin(), ours.end()};
    const bool asked = std::any_of(sent_to.begin(), sent_to.end(),
                                   [&](const SendTo& sent) { return sent.call == call && sent.bytes == wanted; });
    if (asked) service.received(now, call, xvm::respond(key(), xvm::HashType::sha256, ours));
    return asked;
  }
  /// Order that the helper got last.
  Order order() {
    const auto orders = take<AskHelper>();
    REQUIRE(orders.size() == 1);
    return orders[0].order;
  }
  void outcome(const Order& order, OutcomeCode code, std::uint32_t lane = 0, std::uint8_t state = 0) {
    service.helper_said(now, Outcome{order.id, code, lane, state, {}});
  }
  /// The answer byte for a call, or -1.
  int answer(CallId call) {
    for (const AnswerTo& answer : take<AnswerTo>()) answers.push_back(answer);
    for (const AnswerTo& given : answers) {
      if (given.call == call) return given.bytes.at(0);
    }
    return -1;
  }
  void wait(Duration time) {
    now = now + time;
    service.time_passed(now);
  }

  std::vector<HostCommand> fresh;
  std::vector<SendTo> sent_to;
  std::vector<AnswerTo> answers;
};

}  // namespace duet::fencehost::bench
