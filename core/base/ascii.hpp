// SPDX-License-Identifier: Apache-2.0
// Letters of ASCII, without the locale: tolower(3) of a Turkish administrator makes another text of "INFINITY".
#pragma once

#include <string>
#include <string_view>

namespace duet {

[[nodiscard]] constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The text with A to Z as a to z; every other byte stays.
[[nodiscard]] inline std::string ascii_lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = ascii_lower(c);
  return out;
}

}  // namespace duet
