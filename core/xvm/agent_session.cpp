// SPDX-License-Identifier: Apache-2.0
// The agent's side of one call-back: collects the bytes of each step, then takes the step.
#include "core/xvm/agent_session.hpp"

#include <algorithm>
#include <utility>

#include "core/base/invariant.hpp"

namespace duet::xvm {

AgentSession::AgentSession(const Setup& setup) : setup_{setup} {
  DUET_INVARIANT(setup.secret != nullptr || setup.auth == HashType::none);
  if (setup.auth == HashType::none) {
    phase_ = SessionPhase::answer;
    trusted_ = true;
    return;
  }
  output_.assign(setup.challenge.begin(), setup.challenge.end());
}

Bytes AgentSession::take_output() {
  return std::exchange(output_, {});
}

std::size_t AgentSession::wanted() const {
  switch (phase_) {
    case SessionPhase::response:
    case SessionPhase::challenge:
      return sizeof(Block);
    case SessionPhase::answer:
      return 1;
    case SessionPhase::records:
      return host_record_bytes;
    case SessionPhase::ended:
      return 0;
  }
  return 0;
}

void AgentSession::receive(ByteView bytes) {
  while (!ended() && !bytes.empty()) {
    const std::size_t missing = wanted() - input_.size();
    const ByteView piece = bytes.first(std::min(missing, bytes.size()));
    input_.insert(input_.end(), piece.begin(), piece.end());
    bytes = bytes.subspan(piece.size());
    if (input_.size() < wanted()) return;
    const Bytes complete = std::exchange(input_, {});
    take(complete);
  }
}

void AgentSession::take(ByteView complete) {
  Block block{};
  if (complete.size() == block.size()) std::copy(complete.begin(), complete.end(), block.begin());
  switch (phase_) {
    case SessionPhase::response:
      if (!response_is_right(*setup_.secret, setup_.auth, setup_.challenge, block)) {
        end_.response = block;
        return finish(SessionEnd::Kind::wrong_response);
      }
      trusted_ = true;
      phase_ = SessionPhase::challenge;
      return;
    case SessionPhase::challenge: {
      const Block response = respond(*setup_.secret, setup_.auth, block);
      output_.insert(output_.end(), response.begin(), response.end());
      phase_ = SessionPhase::answer;
      return;
    }
    case SessionPhase::answer:
      return take_answer(complete[0]);
    case SessionPhase::records:
      return take_record(complete);
    case SessionPhase::ended:
      return;
  }
}

void AgentSession::take_answer(std::uint8_t answer) {
  end_.answer = answer;
  if (setup_.wants_list && answer == static_cast<std::uint8_t>(Answer::list_follows)) {
    phase_ = SessionPhase::records;
    return;
  }
  finish(SessionEnd::Kind::answered);
}

void AgentSession::take_record(ByteView record) {
  auto read = decode_host_record(record);
  if (std::holds_alternative<EndOfList>(read)) return finish(SessionEnd::Kind::answered);
  if (end_.hosts.size() == hosts_max) return finish(SessionEnd::Kind::broken_list);
  end_.hosts.push_back(std::move(std::get<HostRecord>(read)));
}

void AgentSession::close() {
  finish(SessionEnd::Kind::closed);
}

void AgentSession::time_out() {
  finish(SessionEnd::Kind::silent);
}

void AgentSession::finish(SessionEnd::Kind kind) {
  if (ended()) return;
  end_.kind = kind;
  end_.phase = phase_;
  end_.bytes_in_phase = input_.size();
  phase_ = SessionPhase::ended;
}

const SessionEnd& AgentSession::end() const {
  DUET_INVARIANT(ended());
  return end_;
}

std::optional<ResponseClue> explain_response(const Secret& secret, const Block& challenge, const Block& response) {
  const auto made_by = [&](const Secret& key, ResponseClue::Key form) -> std::optional<ResponseClue> {
    for (const HashType type : {HashType::sha256, HashType::sha512, HashType::sha1}) {
      if (response_is_right(key, type, challenge, response)) return ResponseClue{type, form};
    }
    return std::nullopt;
  };
  if (const auto clue = made_by(secret, ResponseClue::Key::same)) return clue;
  if (const auto shorter = secret.without_newline()) {
    if (const auto clue = made_by(*shorter, ResponseClue::Key::without_newline)) return clue;
  }
  if (const auto longer = secret.with_newline()) return made_by(*longer, ResponseClue::Key::with_newline);
  return std::nullopt;
}

}  // namespace duet::xvm
