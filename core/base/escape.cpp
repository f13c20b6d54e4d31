// SPDX-License-Identifier: Apache-2.0
// One pass over the text: valid UTF-8 sequences are copied, everything else is written as an escape.
#include "core/base/escape.hpp"

#include <cstdint>

namespace duet {

namespace {

/// Length of the valid UTF-8 sequence at `pos`, 0 if there is none (RFC 3629, table in section 4).
std::size_t sequence_length(std::string_view text, std::size_t pos) {
  const auto byte = [&](std::size_t i) -> std::uint8_t {
    return pos + i < text.size() ? static_cast<std::uint8_t>(text[pos + i]) : 0;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F)) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) return 0;
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, std::uint8_t byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (byte) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      break;
  }
  out += "\\x";
  out.push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 0x0FU]);
}

}  // namespace

std::string escape_line(std::string_view text, std::size_t limit) {
  std::string out;
  std::size_t pos = 0;
  while (pos < text.size()) {
    if (out.size() >= limit) return out + "...";
    const auto byte = static_cast<std::uint8_t>(text[pos]);
    const std::size_t length = sequence_length(text, pos);
    // U+0080 .. U+009F: a terminal takes U+009B for the beginning of a sequence, as ESC [.
    const bool c1 = length == 2 && byte == 0xC2 && static_cast<std::uint8_t>(text[pos + 1]) < 0xA0;
    if (c1) {
      append_escaped(out, byte);
      append_escaped(out, static_cast<std::uint8_t>(text[pos + 1]));
      pos += length;
    } else if (length == 0 || byte < 0x20 || byte == 0x7F || byte == '\\') {
      append_escaped(out, byte);
      ++pos;
    } else {
      out.append(text.substr(pos, length));
      pos += length;
    }
  }
  return out;
}

bool is_utf8(std::string_view text) {
  std::size_t pos = 0;
  while (pos < text.size()) {
    const std::size_t length = sequence_length(text, pos);
    if (length == 0) return false;
    pos += length;
  }
  return true;
}

}  // namespace duet
