// SPDX-License-Identifier: Apache-2.0
// The agent's side of one call-back, without the socket: bytes in, bytes out, and what it came to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/xvm/challenge.hpp"
#include "core/xvm/host_list.hpp"
#include "core/xvm/secret.hpp"

namespace duet::xvm {

/// A host with more domains than this is not believed: 1.3 MB of records.
inline constexpr std::size_t hosts_max = 10'000;

/// How far a call-back has come; each waits for the bytes of its name.
enum class SessionPhase : std::uint8_t { response, challenge, answer, records, ended };

struct SessionEnd {
  enum class Kind : std::uint8_t {
    answered,        ///< `answer` is set; with a list, `hosts` too
    wrong_response,  ///< the host does not hold our key, or uses another algorithm
    closed,          ///< the host closed before its answer, or amid the list
    silent,          ///< the host sent nothing more in time
    broken_list,     ///< more records than are believed
  };
  Kind kind = Kind::closed;
  SessionPhase phase = SessionPhase::response;  ///< where it ended
  std::uint8_t answer = 0;                      ///< any byte, see Answer
  std::size_t bytes_in_phase = 0;               ///< received of what it waited for
  Block response = {};                          ///< the wrong one, to find out what would have been right
  std::vector<HostRecord> hosts = {};
};

class AgentSession {
 public:
  struct Setup {
    const Secret* secret = nullptr;  ///< outlives the session; nullptr only with auth none
    HashType auth = HashType::sha256;
    bool wants_list = false;  ///< 253 counts as the beginning of a list only if one was asked for
    Block challenge = {};     ///< 64 random bytes, of this session alone
  };
  explicit AgentSession(const Setup& setup);

  /// Bytes to send now; each is handed out once.
  [[nodiscard]] Bytes take_output();
  /// Bytes that came in, cut anywhere. What comes after the end is ignored.
  void receive(ByteView bytes);
  /// The host closed the connection.
  void close();
  /// Nothing came for as long as the caller waits.
  void time_out();

  [[nodiscard]] SessionPhase phase() const { return phase_; }
  [[nodiscard]] bool ended() const { return phase_ == SessionPhase::ended; }
  /// The host has proven that it holds the key; with auth none at once.
  [[nodiscard]] bool trusted() const { return trusted_; }
  /// Precondition: ended() (invariant).
  [[nodiscard]] const SessionEnd& end() const;
  [[nodiscard]] const Block& challenge() const { return setup_.challenge; }

 private:
  [[nodiscard]] std::size_t wanted() const;
  void take(ByteView complete);
  void take_answer(std::uint8_t answer);
  void take_record(ByteView record);
  void finish(SessionEnd::Kind kind);

  Setup setup_;
  SessionPhase phase_ = SessionPhase::response;
  bool trusted_ = false;
  Bytes input_;
  Bytes output_;
  SessionEnd end_;
};

/// What a wrong response tells: which other algorithm or form of our key would have made it.
struct ResponseClue {
  HashType type = HashType::sha256;
  enum class Key : std::uint8_t { same, without_newline, with_newline } key = Key::same;
};
/// nullopt: no relation is found, so the key is another one.
[[nodiscard]] std::optional<ResponseClue> explain_response(const Secret& secret, const Block& challenge,
                                                           const Block& response);

}  // namespace duet::xvm
