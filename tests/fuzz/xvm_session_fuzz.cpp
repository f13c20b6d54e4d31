// SPDX-License-Identifier: Apache-2.0
// The agent's side of a call-back. First byte: 1 auth none, 2 a list is asked for, 4 the host proves that it has the
// key (the fuzzer could not), 8 it stays silent in the end instead of closing. Second byte: size of the pieces.
#include <algorithm>

#include "core/xvm/agent_session.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace duet;
using namespace duet::xvm;

const Secret& secret() {
  static const Secret key = std::move(*Secret::from_file(as_bytes("the key of the fuzzer, 32 bytes..")));
  return key;
}

SessionEnd play(const AgentSession::Setup& setup, ByteView bytes, std::size_t piece, bool silent) {
  AgentSession session{setup};
  std::size_t sent = session.take_output().size();
  while (!bytes.empty()) {
    const ByteView part = bytes.first(std::min(piece, bytes.size()));
    session.receive(part);
    bytes = bytes.subspan(part.size());
    sent += session.take_output().size();
  }
  DUET_INVARIANT(sent <= 2 * sizeof(Block));  // a challenge and one response, whatever is asked
  if (silent) {
    session.time_out();
  } else {
    session.close();
  }
  const SessionEnd& end = session.end();
  DUET_INVARIANT(end.kind != SessionEnd::Kind::answered || session.trusted());
  DUET_INVARIANT(end.hosts.empty() || (setup.wants_list && session.trusted()));
  DUET_INVARIANT(end.hosts.size() <= hosts_max);
  for (const HostRecord& host : end.hosts) {
    DUET_INVARIANT(host_line(host).find('\n') == std::string::npos);
    DUET_INVARIANT(host.name.size() <= 63 && host.uuid.size() <= 63);
  }
  return end;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  AgentSession::Setup setup{
      &secret(), (data[0] & 1U) != 0 ? HashType::none : HashType::sha256, (data[0] & 2U) != 0, {}};
  setup.challenge[0] = 7;
  Bytes bytes;
  if ((data[0] & 4U) != 0 && setup.auth != HashType::none) {
    const Block proof = respond(secret(), setup.auth, setup.challenge);
    bytes.assign(proof.begin(), proof.end());
  }
  bytes.insert(bytes.end(), data + 2, data + size);
  const bool silent = (data[0] & 8U) != 0;
  const SessionEnd pieces = play(setup, bytes, std::max<std::size_t>(data[1], 1), silent);
  const SessionEnd whole = play(setup, bytes, std::max<std::size_t>(bytes.size(), 1), silent);
  DUET_INVARIANT(pieces.kind == whole.kind && pieces.phase == whole.phase && pieces.answer == whole.answer);
  DUET_INVARIANT(pieces.hosts == whole.hosts && pieces.bytes_in_phase == whole.bytes_in_phase);
  if (pieces.kind == SessionEnd::Kind::wrong_response) {
    static_cast<void>(explain_response(secret(), setup.challenge, pieces.response));
  }
  return 0;
}
