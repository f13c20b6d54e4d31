// SPDX-License-Identifier: Apache-2.0
// The one place where error codes become exit codes and failures become text.
#include "cli/shell/failure.hpp"

#include <fmt/core.h>

#include "core/base/invariant.hpp"

namespace duet::cli {

Exit exit_code(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
    case Errc::limit:
      return Exit::usage;
    case Errc::not_found:
      return Exit::not_found;
    case Errc::exists:
      return Exit::exists;
    case Errc::unchanged:
      return Exit::ok;
    case Errc::refused:
    case Errc::backend:
    case Errc::storage:
      return Exit::failed;
    case Errc::no_quorum:
      return Exit::no_quorum;
    case Errc::dangerous:
      return Exit::dangerous;
    case Errc::invalid_config:
      return Exit::invalid_config;
    case Errc::not_permitted:
      return Exit::not_permitted;
    case Errc::busy:
    case Errc::try_again:
      return Exit::busy;
    case Errc::timeout:
      return Exit::timeout;
    case Errc::unknown_result:
      return Exit::unknown_result;
    case Errc::not_running:
      return Exit::not_running;
    case Errc::disconnected:
      return Exit::disconnected;
    case Errc::malformed:
      return Exit::internal;
  }
  invariant_failed("Errc out of range", __FILE__, __LINE__);
}

Failure to_failure(const Error& error) {
  return Failure{.code = exit_code(error.code), .what = error.what, .why = error.why, .fix = error.fix};
}

std::string failure_text(const Failure& failure, bool with_id) {
  const bool show_id = with_id && !failure.id.empty();
  std::string text = fmt::format("Error: {}{}\n", failure.what, show_id ? " [" + failure.id + "]" : "");
  for (const auto& line : failure.detail) text += fmt::format("  {}\n", line);
  if (!failure.why.empty()) text += fmt::format("  Why:  {}\n", failure.why);
  if (!failure.fix.empty()) text += fmt::format("  Fix:  {}\n", failure.fix);
  return text;
}

tl::unexpected<Failure> usage_failure(std::string what, std::string fix) {
  return failure({.code = Exit::usage, .what = std::move(what), .fix = std::move(fix)});
}

}  // namespace duet::cli
