// SPDX-License-Identifier: Apache-2.0
// Text from pieces, for programs that start often: libfmt brings the shared C++ library with it, which costs 0.6 ms at
// each start of an agent that takes 0.8 ms.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace duet {

inline void append(std::string& out, std::string_view text) {
  out += text;
}
inline void append(std::string& out, char letter) {
  out += letter;
}
/// Integers in decimal.
template <std::integral Number>
requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) void append(std::string& out, Number number) {
  out += std::to_string(number);
}

/// All pieces one behind the other.
template <class... Pieces>
[[nodiscard]] std::string concat(const Pieces&... pieces) {
  std::string out;
  (append(out, pieces), ...);
  return out;
}

/// `text` with spaces behind it up to `width` bytes; longer text is not cut.
[[nodiscard]] inline std::string padded(std::string_view text, std::size_t width) {
  std::string out{text};
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

}  // namespace duet
