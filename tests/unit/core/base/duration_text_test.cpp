// SPDX-License-Identifier: Apache-2.0
// Times as administrators write them, good and bad forms in one table.
#include "core/base/duration_text.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <string>

using namespace duet;

TEST_CASE("duration: every accepted form and every refused one", "[base]") {
  struct Row {
    std::string text;
    std::optional<Duration> expected;
  };
  const auto row = GENERATE(values<Row>({
      {"30", 30s},
      {"30s", 30s},
      {"30S", 30s},
      {"2min", 2min},
      {"2m", 2min},
      {"500ms", 500ms},
      {"7us", 7us},
      {"1h", 1h},
      {"1d", 24h},
      {"0", 0s},
      {"", std::nullopt},
      {"abc", std::nullopt},
      {"-1s", std::nullopt},
      {"1.5s", std::nullopt},
      {"10 s", std::nullopt},
      {"1w", std::nullopt},
      {"99999999999999999999", std::nullopt},
      {"9223372036854775807h", std::nullopt},
  }));
  CAPTURE(row.text);
  const auto parsed = parse_duration(row.text);
  REQUIRE(parsed.has_value() == row.expected.has_value());
  if (row.expected) CHECK(*parsed == *row.expected);
}

TEST_CASE("duration: printing and parsing are inverse", "[base]") {
  const auto value = GENERATE(values<Duration>({0s, 1us, 1500us, 250ms, 1s, 90s, 2min, 1h, 25h, 61min}));
  CHECK(*parse_duration(format_duration(value)) == value);
}
