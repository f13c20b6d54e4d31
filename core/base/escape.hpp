// SPDX-License-Identifier: Apache-2.0
// Escaping of foreign text for one line of a log or a terminal (V14, V26).
#pragma once

#include <string>
#include <string_view>

namespace duet {

/// Control bytes, DEL, backslash and bytes that are not valid UTF-8 become \xNN (newline \n, tab \t); at most `limit`
/// bytes of the result are kept, then "..." follows.
[[nodiscard]] std::string escape_line(std::string_view text, std::size_t limit = 8192);

/// True if the whole text is valid UTF-8 (no surrogates, no overlong forms, up to U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace duet
