// SPDX-License-Identifier: Apache-2.0
// The agent's side of a call-back against the recorded sessions, cut at every place, and against hosts that misbehave.
#include "core/xvm/agent_session.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/xvm/vectors.hpp"

using namespace duet;
using namespace duet::xvm;

namespace {

Block block(const Bytes& bytes) {
  REQUIRE(bytes.size() == 64);
  Block out{};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

bool has_list(const test::SessionVector& vector) {
  return std::any_of(vector.steps.begin(), vector.steps.end(), [](const auto& s) { return s.what == "records"; });
}

AgentSession begin(const test::SessionVector& vector, const Secret& secret) {
  AgentSession::Setup setup{&secret, vector.auth, has_list(vector), {}};
  if (vector.auth != HashType::none) setup.challenge = block(vector.steps[0].bytes);
  return AgentSession{setup};
}

/// Plays a session; the host's bytes come in pieces of `piece`.
AgentSession play(const test::SessionVector& vector, const Secret& secret, std::size_t piece) {
  AgentSession session = begin(vector, secret);
  Bytes sent = session.take_output();
  for (const test::Step& step : vector.steps) {
    if (step.from_agent) {
      CHECK(sent == step.bytes);
      sent.clear();
      continue;
    }
    for (std::size_t at = 0; at < step.bytes.size(); at += piece) {
      session.receive(ByteView{step.bytes}.subspan(at, std::min(piece, step.bytes.size() - at)));
    }
    const Bytes more = session.take_output();
    sent.insert(sent.end(), more.begin(), more.end());
  }
  return session;
}

struct Host {
  Secret secret = test::secret("key32");
  AgentSession session;
  explicit Host(bool wants_list = false) : session{{&secret, HashType::sha256, wants_list, Block{1, 2, 3}}} {}
  void prove() { session.receive(respond(secret, HashType::sha256, Block{1, 2, 3})); }
};

}  // namespace

TEST_CASE("xvm session: recorded sessions end as they did, however the stream is cut", "[xvm][golden]") {
  const std::size_t piece =
      GENERATE(std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65}, std::size_t{4096});
  for (const test::SessionVector& vector : test::sessions()) {
    CAPTURE(vector.name, piece);
    const Secret secret = test::secret(vector.key);
    const AgentSession session = play(vector, secret, piece);
    REQUIRE(session.ended());
    CHECK(session.end().kind == SessionEnd::Kind::answered);
    CHECK(session.trusted());
    if (has_list(vector)) {
      std::string printed;
      for (const HostRecord& host : session.end().hosts) printed += host_line(host) + "\n";
      CHECK(printed == vector.output);
    } else if (vector.exit_status >= 0) {
      CHECK(session.end().answer == vector.exit_status);
    }
  }
}

TEST_CASE("xvm session: everything in one piece is served, too", "[xvm]") {
  for (const test::SessionVector& vector : test::sessions()) {
    const Secret secret = test::secret(vector.key);
    AgentSession session = begin(vector, secret);
    Bytes host;
    for (const test::Step& step : vector.steps) {
      if (!step.from_agent) host.insert(host.end(), step.bytes.begin(), step.bytes.end());
    }
    session.receive(host);
    CHECK(session.ended());
  }
}

TEST_CASE("xvm session: a host without the key is not trusted and gets nothing signed", "[xvm]") {
  Host host;
  CHECK(host.session.take_output().size() == 64);
  host.session.receive(Block{9});
  REQUIRE(host.session.ended());
  CHECK(host.session.end().kind == SessionEnd::Kind::wrong_response);
  CHECK_FALSE(host.session.trusted());
  CHECK(host.session.take_output().empty());
  host.session.receive(Bytes(200, 0));  // no later byte changes that
  CHECK(host.session.end().kind == SessionEnd::Kind::wrong_response);
}

TEST_CASE("xvm session: an answer before the proof is no answer", "[xvm]") {
  Host host;
  const Bytes success{0};
  host.session.receive(success);
  host.session.close();
  CHECK(host.session.end().kind == SessionEnd::Kind::closed);
  CHECK(host.session.end().phase == SessionPhase::response);
  CHECK(host.session.end().bytes_in_phase == 1);
}

TEST_CASE("xvm session: where it stopped is told", "[xvm]") {
  Host host;
  host.prove();
  CHECK(host.session.trusted());
  SECTION("before the second challenge") {
    host.session.time_out();
    CHECK(host.session.end().phase == SessionPhase::challenge);
    CHECK(host.session.end().kind == SessionEnd::Kind::silent);
  }
  SECTION("before the answer") {
    host.session.receive(Block{});
    CHECK(host.session.phase() == SessionPhase::answer);
    host.session.close();
    CHECK(host.session.end().phase == SessionPhase::answer);
  }
}

TEST_CASE("xvm session: any answer byte is handed on; a list only to who asked for one", "[xvm]") {
  for (int answer = 0; answer < 256; ++answer) {
    Host host;
    host.prove();
    host.session.receive(Block{});
    const Bytes byte{static_cast<std::uint8_t>(answer)};
    host.session.receive(byte);
    REQUIRE(host.session.ended());
    CHECK(host.session.end().answer == answer);
  }
}

TEST_CASE("xvm session: a list that is cut off is no list", "[xvm]") {
  const Bytes list = encode_host_list({{"a", "u", 1}, {"b", "v", 5}});
  for (std::size_t size = 1; size < list.size() - 1; ++size) {
    Host host{true};
    host.prove();
    host.session.receive(Block{});
    host.session.receive(ByteView{list}.first(size));
    CHECK_FALSE(host.session.ended());
    host.session.close();
    CHECK(host.session.end().kind == SessionEnd::Kind::closed);
  }
}

TEST_CASE("xvm session: a list without end is given up", "[xvm]") {
  Host host{true};
  host.prove();
  host.session.receive(Block{});
  const Bytes follows{253};
  host.session.receive(follows);
  const Bytes record(host_record_bytes, 'x');
  for (std::size_t i = 0; i <= hosts_max; ++i) host.session.receive(record);
  REQUIRE(host.session.ended());
  CHECK(host.session.end().kind == SessionEnd::Kind::broken_list);
}

TEST_CASE("xvm session: with auth none there is no proof", "[xvm]") {
  AgentSession session{{nullptr, HashType::none, false, {}}};
  CHECK(session.take_output().empty());
  CHECK(session.trusted());
  const Bytes off{2};
  session.receive(off);
  CHECK(session.end().answer == 2);
}

TEST_CASE("xvm session: a wrong response is explained when it can be", "[xvm]") {
  const Secret secret = test::secret("key32");
  const Secret text = test::secret("keytxt");
  const Block challenge{5};
  const auto other_type = explain_response(secret, challenge, respond(secret, HashType::sha512, challenge));
  REQUIRE(other_type);
  CHECK(other_type->type == HashType::sha512);
  CHECK(other_type->key == ResponseClue::Key::same);
  const auto shorter = text.without_newline();
  const auto lost = explain_response(text, challenge, respond(*shorter, HashType::sha256, challenge));
  REQUIRE(lost);
  CHECK(lost->key == ResponseClue::Key::without_newline);
  const auto added = explain_response(*shorter, challenge, respond(text, HashType::sha1, challenge));
  REQUIRE(added);
  CHECK(added->key == ResponseClue::Key::with_newline);
  CHECK(added->type == HashType::sha1);
  CHECK_FALSE(explain_response(secret, challenge, respond(text, HashType::sha256, challenge)));
  CHECK_FALSE(explain_response(secret, challenge, Block{}));
}
