// SPDX-License-Identifier: Apache-2.0
// Lower case: letters of ASCII and nothing else.
#include "core/base/ascii.hpp"

#include <catch2/catch.hpp>

using duet::ascii_lower;

TEST_CASE("ascii: only A to Z change", "[base]") {
  CHECK(ascii_lower("AZaz@[`{09_-") == "azaz@[`{09_-");
  CHECK(ascii_lower("\xc3\x84") == "\xc3\x84");  // a letter of UTF-8 is no letter of ASCII
  CHECK(ascii_lower(std::string_view{}).empty());
  STATIC_REQUIRE(ascii_lower('Q') == 'q');
}
