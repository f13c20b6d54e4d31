// SPDX-License-Identifier: Apache-2.0
// Foreign text stays one line and valid UTF-8 (V14, V26).
#include "core/base/escape.hpp"

#include <catch2/catch.hpp>

using namespace duet;

TEST_CASE("escape: control bytes, broken UTF-8 and backslashes are written out", "[base][V26]") {
  CHECK(escape_line("a\nb\tc\\") == "a\\nb\\tc\\\\");
  CHECK(escape_line(std::string_view{"\0\x1b[31m\x7f", 7}) == "\\x00\\x1b[31m\\x7f");
  CHECK(escape_line("\xc2\x9b"
                    "31m\xc2\x80\xc2\x9f\xc2\xa0") == "\\xc2\\x9b31m\\xc2\\x80\\xc2\\x9f\xc2\xa0");
  CHECK(escape_line("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(escape_line("\xff\xc0\xaf\xed\xa0\x80") == "\\xff\\xc0\\xaf\\xed\\xa0\\x80");
}

TEST_CASE("escape: the result of any byte is one line of valid UTF-8", "[base][V14]") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      const std::string line = escape_line(text);
      REQUIRE(is_utf8(line));
      REQUIRE(line.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("escape: a long text is cut and says so", "[base]") {
  const std::string line = escape_line(std::string(1'000'000, 'x'), 100);
  CHECK(line == std::string(100, 'x') + "...");
}
