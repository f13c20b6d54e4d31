// SPDX-License-Identifier: Apache-2.0
// Exit codes and failures of the command line: what is printed as "Error: ..." and with which code the program ends.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "core/base/error.hpp"

namespace duet::cli {

/// Exit codes (Pacemaker's numbers where they exist).
enum class Exit : int {
  ok = 0,
  failed = 1,
  usage = 64,
  data = 65,
  not_running = 69,
  internal = 70,
  busy = 75,
  not_permitted = 77,
  invalid_config = 78,
  disconnected = 102,
  not_found = 105,
  no_quorum = 106,
  dangerous = 107,
  exists = 108,
  ambiguous = 109,
  unknown_result = 112,
  timeout = 124,
  interrupted = 130,
};

/// What happened, why, and what to do. `id` (E07) is stable: shown with -v and in JSON.
struct Failure {
  Exit code = Exit::failed;
  std::string id = {};
  std::string what;
  std::vector<std::string> detail = {};  ///< lines between the error and Why
  std::string why = {};
  std::string fix = {};
  std::string subject = {};  ///< the object that it is about, for JSON
};

/// A value or a Failure, which may not be ignored.
template <class T>
struct [[nodiscard]] Outcome : tl::expected<T, Failure> {
  using Base = tl::expected<T, Failure>;
  using Base::Base;
  Outcome(Base base) : Base{std::move(base)} {}  // NOLINT: implicit on purpose
};

[[nodiscard]] inline tl::unexpected<Failure> failure(Failure what) {
  return tl::unexpected<Failure>{std::move(what)};
}

/// The code that an error of the core or of the daemon ends the program with.
[[nodiscard]] Exit exit_code(Errc code);
[[nodiscard]] Failure to_failure(const Error& error);

/// Text as it is printed: "Error: WHAT", details, "  Why:  ...", "  Fix:  ...", each line with a newline.
[[nodiscard]] std::string failure_text(const Failure& failure, bool with_id);

/// Wrong arguments: exit 64.
[[nodiscard]] tl::unexpected<Failure> usage_failure(std::string what, std::string fix = {});

}  // namespace duet::cli
