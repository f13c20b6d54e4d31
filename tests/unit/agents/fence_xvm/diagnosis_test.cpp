// SPDX-License-Identifier: Apache-2.0
// Each cause of a failure has its own words; the first line is the original's where it has one.
#include "agents/fence_xvm/diagnosis.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace duet;
using namespace duet::xvm;

namespace {

std::string text(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

AgentOptions options() {
  AgentOptions o;
  o.domain = "vm1";
  o.group = *parse_address("225.0.0.12");
  return o;
}

Outcome ended(SessionEnd::Kind kind, SessionPhase phase) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.end.kind = kind;
  outcome.end.phase = phase;
  outcome.peer = *parse_address("10.0.0.1");
  return outcome;
}

Outcome answered(std::uint8_t answer) {
  Outcome outcome = ended(SessionEnd::Kind::answered, SessionPhase::answer);
  outcome.kind = Outcome::Kind::answered;
  outcome.end.answer = answer;
  return outcome;
}

Outcome silence() {
  Outcome outcome;
  outcome.kind = Outcome::Kind::no_callback;
  outcome.tried = {{.address = *parse_address("10.0.0.2"), .interface = "eth0"}};
  outcome.rounds = 15;
  outcome.callback_port = 40000;
  return outcome;
}

const Secret& secret() {
  static const Secret key = std::move(*Secret::from_file(as_bytes("key of a test, long enough to be good")));
  return key;
}

}  // namespace

TEST_CASE("fence_xvm diagnosis: every cause has its own words", "[xvm]") {
  std::vector<Lines> all;
  const AgentOptions o = options();
  all.push_back(explain_no_answer(silence(), o, &secret()));
  Outcome blocked = silence();
  blocked.blocked = parse_address("10.0.0.1");
  all.push_back(explain_no_answer(blocked, o, &secret()));
  Outcome not_sent;
  not_sent.errors = {"eth0 10.0.0.2: send: Network is unreachable"};
  all.push_back(explain_no_answer(not_sent, o, &secret()));
  for (const SessionPhase phase :
       {SessionPhase::response, SessionPhase::challenge, SessionPhase::answer, SessionPhase::records}) {
    all.push_back(explain_no_answer(ended(SessionEnd::Kind::closed, phase), o, &secret()));
    all.push_back(explain_no_answer(ended(SessionEnd::Kind::silent, phase), o, &secret()));
  }
  all.push_back(explain_no_answer(ended(SessionEnd::Kind::broken_list, SessionPhase::records), o, &secret()));
  Outcome wrong = ended(SessionEnd::Kind::wrong_response, SessionPhase::response);
  all.push_back(explain_no_answer(wrong, o, &secret()));
  for (const auto key :
       {ResponseClue::Key::same, ResponseClue::Key::without_newline, ResponseClue::Key::with_newline}) {
    wrong.clue = ResponseClue{HashType::sha512, key};
    all.push_back(explain_no_answer(wrong, o, &secret()));
  }
  for (const std::uint8_t answer : Bytes{1, 3, 4, 255}) all.push_back(explain_answer(answered(answer), o));
  all.push_back(explain_unknown_domain(o, {}, *parse_address("10.0.0.1")));
  std::set<std::string> different;
  for (const Lines& lines : all) {
    CHECK_FALSE(lines.empty());
    different.insert(text(lines));
  }
  CHECK(different.size() == all.size());
}

TEST_CASE("fence_xvm diagnosis: silence gives what there is to compare", "[xvm]") {
  const std::string told = text(explain_no_answer(silence(), options(), &secret()));
  CHECK(told.starts_with("Timed out waiting for response\n"));
  for (const std::string& fact : {std::string{"225.0.0.12 UDP port 1229"}, std::string{"10.0.0.2 (eth0)"},
                                  std::string{"TCP port 40000"}, "fingerprint " + secret().fingerprint()}) {
    CHECK(told.find(fact) != std::string::npos);
  }
}

TEST_CASE("fence_xvm diagnosis: a host without authentication may have acted", "[xvm]") {
  Outcome outcome = ended(SessionEnd::Kind::closed, SessionPhase::response);
  outcome.end.bytes_in_phase = 1;
  CHECK(text(explain_no_answer(outcome, options(), &secret())).find("it may have acted") != std::string::npos);
}

TEST_CASE("fence_xvm diagnosis: unknown answers are shown as the original does", "[xvm]") {
  CHECK(text(explain_answer(answered(254), options())) == "Unknown response (-2)\n");
  CHECK(text(explain_answer(answered(127), options())) == "Unknown response (127)\n");
  CHECK(explain_answer(answered(3), options())[0] == "Permission denied");
}

TEST_CASE("fence_xvm diagnosis: names of others cannot write on the terminal", "[xvm]") {
  const auto lines = explain_unknown_domain(options(), {{"evil\x1b[2J\n", "u", 1}}, *parse_address("10.0.0.1"));
  CHECK(text(lines).find('\x1b') == std::string::npos);
}
