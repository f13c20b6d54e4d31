// SPDX-License-Identifier: Apache-2.0
// The TCP phase: the host connects to the agent, and each proves to the other that it holds the key.
//
//   agent                                   host (it is the TCP client)
//     challenge C1, 64 random bytes  ──────►
//                                    ◄──────  response H(key || C1), then challenge C2
//     response H(key || C2)          ──────►
//                                    ◄──────  one answer byte, with a list the records behind it; then it closes
//
// With auth "none" the host writes its answer at once. The algorithm is not in the packet: both sides are configured
// alike. A stream has no frames: read exactly 64 bytes each time.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/xvm/secret.hpp"

namespace duet::xvm {

/// The answer byte. A host sends only these; an agent must live with any.
enum class Answer : std::uint8_t {
  success = 0,         ///< done; to status: it is on
  failure = 1,         ///< also an unknown operation, an unknown domain (to status: `off`), and always to null
  off = 2,             ///< to status only: it is off
  denied = 3,          ///< not permitted by the groups
  list_follows = 253,  ///< to list only
};
/// "success", "failure", "off", "denied", "list".
[[nodiscard]] std::string_view to_string(Answer answer);

/// The response to a challenge. Precondition: type is not none (invariant).
[[nodiscard]] Block respond(const Secret& secret, HashType type, const Block& challenge);

/// True if `response` is the right one, in constant time over all 64 bytes.
[[nodiscard]] bool response_is_right(const Secret& secret, HashType type, const Block& challenge,
                                     const Block& response);

}  // namespace duet::xvm
