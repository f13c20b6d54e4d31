// SPDX-License-Identifier: Apache-2.0
// Colours of state words: green, yellow, red, magenta.
#pragma once

#include <string>
#include <string_view>

namespace duet::cli {

/// The word in the colour that belongs to it (Started, OK, online: green; UNKNOWN: magenta; FAILED, DOWN, UNCLEAN,
/// OFFLINE: red; others yellow), or plain.
[[nodiscard]] inline std::string styled(std::string_view word, bool color) {
  if (!color) return std::string{word};
  const auto is = [&](std::string_view other) { return word.starts_with(other); };
  std::string_view code = "33";
  if (is("Started") || is("OK") || is("online") || is("Online")) code = "32";
  if (is("FAILED") || is("DOWN") || is("UNCLEAN") || is("OFFLINE")) code = "31";
  if (is("UNKNOWN")) code = "35";
  return "\033[" + std::string{code} + "m" + std::string{word} + "\033[0m";
}

}  // namespace duet::cli
