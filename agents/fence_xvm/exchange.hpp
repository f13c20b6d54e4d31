// SPDX-License-Identifier: Apache-2.0
// One question to the host: datagrams out until somebody calls back, then the call-backs until one has an answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agents/fence_xvm/addresses.hpp"
#include "core/xvm/agent_options.hpp"
#include "core/xvm/agent_session.hpp"
#include "core/xvm/secret.hpp"

namespace duet::xvm {

/// What it came to, and all that a diagnosis needs.
struct Outcome {
  enum class Kind : std::uint8_t {
    answered,     ///< `end` has the answer of a host that holds the key (or of any, with auth none)
    failed,       ///< somebody called back, but `end` says why there is no answer
    no_callback,  ///< nobody called back in time
    not_sent,     ///< no datagram could be sent, or no port to listen on; `errors` say why
  };
  Kind kind = Kind::not_sent;
  SessionEnd end;                    ///< of the call-back that counts
  Address peer;                      ///< who called back
  std::optional<ResponseClue> clue;  ///< if the response was wrong
  std::vector<LocalAddress> tried;
  std::vector<std::string> errors;
  unsigned rounds = 0;  ///< how often each address was sent from
  std::uint16_t callback_port = 0;
  std::optional<Address> blocked;  ///< who tried to call back and did not get through
  bool nobody_listens = false;     ///< a unicast host said that its port is closed
};

struct Question {
  Operation operation = Operation::null;
  std::string looking_for = {};  ///< with list: hosts that do not know this domain are heard, but not the last word
};

/// Asks about options.domain. `secret` may be nullptr only with hash and auth none.
///
/// All of several call-backs are served side by side: one that is silent or does not hold the key delays nothing and
/// decides nothing as long as a better one may come. With several hosts that share a key the one that can do it counts,
/// not the one that says first that it cannot.
[[nodiscard]] Outcome exchange(const AgentOptions& options, const Question& question, const Secret* secret);

}  // namespace duet::xvm
