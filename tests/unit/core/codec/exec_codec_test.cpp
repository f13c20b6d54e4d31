// SPDX-License-Identifier: Apache-2.0
// Orders to duet-execd and its replies.
#include "core/codec/exec_codec.hpp"

#include "tests/unit/core/codec/exchange.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("exec codec: every order and reply comes back as it was", "[codec]") {
  Variation variation;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    for (std::size_t alternative = 0; alternative < std::variant_size_v<ExecRequest>; ++alternative) {
      CAPTURE(alternative, seed);
      const ExecRequest request = Generator{seed}.exec_request(alternative);
      REQUIRE(request.index() == alternative);
      round_trip(request, decode_exec_request);
      variation.see(request);
    }
    for (std::size_t alternative = 0; alternative < std::variant_size_v<ExecReply>; ++alternative) {
      CAPTURE(alternative, seed);
      const ExecReply reply = Generator{seed}.exec_reply(alternative);
      REQUIRE(reply.index() == alternative);
      round_trip(reply, decode_exec_reply);
      variation.see(reply);
    }
  }
  CHECK(variation.never_varied() == std::vector<std::string>{});
}

TEST_CASE("exec codec: lengths and bytes of every order and reply", "[codec]") {
  for (const auto& [name, request] : sample_exec_requests()) {
    CAPTURE(name);
    const Bytes bytes = round_trip(request, decode_exec_request);
    refuses_other_lengths(bytes, decode_exec_request);
    check_vector("exec.hex", "request-" + name, bytes);
  }
  for (const auto& [name, reply] : sample_exec_replies()) {
    CAPTURE(name);
    const Bytes bytes = round_trip(reply, decode_exec_reply);
    refuses_other_lengths(bytes, decode_exec_reply);
    check_vector("exec.hex", "reply-" + name, bytes);
  }
}

TEST_CASE("exec codec: the largest welcome and the largest output fit into a body", "[codec]") {
  ExecWelcome welcome;
  welcome.boot = BootId{std::string(64, 'a')};
  const KeptRun kept{1ULL << 60,
                     {1U << 30, 1U << 30, NodeId{1U << 30}},
                     std::string(64, 'r'),
                     Action::monitor,
                     30s,
                     OpOutcome{OpStatus::done, 7, std::string(512, 'x'), 1'700'000'000'000, 20'000}};
  welcome.runs.assign(3 * limits::resources, kept);
  const Bytes bytes = encode(ExecReply{welcome});
  CHECK(bytes.size() > 1024 * 1024);
  CHECK(decode_exec_reply(bytes));
  RunEnded ended{1, kept.outcome.value(), std::string(limits::agent_output_large, '\xFF')};
  CHECK(decode_exec_reply(encode(ExecReply{ended})));
  ended.output.push_back('x');
  CHECK(refusal(decode_exec_reply(encode(ExecReply{ended}))) ==
        "run_ended.output: 1048577 is above the limit of 1048576");
}
