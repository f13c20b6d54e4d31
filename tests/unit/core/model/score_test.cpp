// SPDX-License-Identifier: Apache-2.0
// Scores: infinity and their text form.
#include "core/model/score.hpp"

#include <catch2/catch.hpp>

using duet::Score;

TEST_CASE("score: -INFINITY wins over INFINITY, INFINITY absorbs numbers", "[model]") {
  CHECK((Score::infinity() + Score::minus_infinity()).is_minus_infinity());
  CHECK((Score::minus_infinity() + Score::infinity()).is_minus_infinity());
  CHECK((Score::infinity() + Score{-5}).is_infinity());
  CHECK((Score::minus_infinity() + Score{999'999}).is_minus_infinity());
  CHECK((Score{600'000} + Score{600'000}).is_infinity());
  CHECK((Score{-600'000} + Score{-600'000}).is_minus_infinity());
  CHECK((-Score::infinity()).is_minus_infinity());
  CHECK((Score{2} + Score{3}).value() == 5);
}

TEST_CASE("score: text is read as administrators write it and printed so that it reads back", "[model]") {
  struct Row {
    const char* text;
    std::int32_t value;
    const char* printed;
  };
  const auto row = GENERATE(values<Row>({{"0", 0, "0"},
                                         {"100", 100, "100"},
                                         {"+7", 7, "7"},
                                         {"-50", -50, "-50"},
                                         {"INFINITY", 1'000'000, "INFINITY"},
                                         {"+infinity", 1'000'000, "INFINITY"},
                                         {"-Infinity", -1'000'000, "-INFINITY"},
                                         {"1000000", 1'000'000, "INFINITY"},
                                         {"99999999999", 1'000'000, "INFINITY"},
                                         {"-99999999999", -1'000'000, "-INFINITY"}}));
  CAPTURE(row.text);
  const auto parsed = Score::parse(row.text);
  REQUIRE(parsed);
  CHECK(parsed->value() == row.value);
  CHECK(parsed->text() == row.printed);
  CHECK(Score::parse(parsed->text())->value() == row.value);
}

TEST_CASE("score: what is no score is refused with the forms that are", "[model]") {
  const auto text = GENERATE("", " 1", "1 ", "1.5", "abc", "+-3", "--3", "INFINITI", "0x10", "99999999999999999999999");
  CAPTURE(text);
  const auto parsed = Score::parse(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == duet::Errc::invalid_argument);
  CHECK(parsed.error().fix.find("INFINITY") != std::string::npos);
}
