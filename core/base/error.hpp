// SPDX-License-Identifier: Apache-2.0
// Error: a closed code for programs and a text for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace duet {

/// Closed set of what can go wrong. The command line maps each to an exit code (cli.md section 1).
enum class Errc : std::uint8_t {
  invalid_argument,  ///< input refused: syntax, type, range (64)
  not_found,         ///< no such object (105)
  exists,            ///< there already, with other arguments (108)
  unchanged,         ///< nothing to do: asked for is what is (0)
  refused,           ///< not possible in this state; the text says what to do (1)
  no_quorum,         ///< no quorum, or the peer's state is unknown (106)
  dangerous,         ///< needs an explicit confirmation (107)
  invalid_config,    ///< the configuration as a whole is not valid (78)
  not_permitted,     ///< the caller's role does not allow it (77)
  busy,              ///< try again (75)
  timeout,           ///< not done in time (124)
  unknown_result,    ///< sent, but no answer: it may or may not have happened (112)
  not_running,       ///< the daemon is not there (69)
  disconnected,      ///< the connection ended (102)
  malformed,         ///< bytes that are not what they should be
  limit,             ///< a bound of core/base/limits.hpp would be exceeded
  try_again,         ///< a library asks to call again later (corosync flow control)
  backend,           ///< a library or the system refused; the text has its words
  storage,           ///< the disk: full, read-only, I/O error
};

std::string_view to_string(Errc code);

/// What failed, on what, with which value and limit. `fix` says what to do about it and may be empty.
struct Error {
  Errc code{};
  std::string what;
  std::string why = {};
  std::string fix = {};
};

}  // namespace duet
