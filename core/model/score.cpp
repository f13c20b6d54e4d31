// SPDX-License-Identifier: Apache-2.0
// Text form of scores.
#include "core/model/score.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "core/base/escape.hpp"

namespace duet {

Result<Score> Score::parse(std::string_view text) {
  std::string upper{text};
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (upper == "INFINITY" || upper == "+INFINITY") return infinity();
  if (upper == "-INFINITY") return minus_infinity();
  std::string_view digits = text;
  if (digits.size() > 1 && digits.front() == '+' && digits[1] != '-') digits.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (ec != std::errc{} || end != digits.data() + digits.size()) {
    return fail(Errc::invalid_argument, fmt::format("'{}' is not a score", escape_line(text, 80)), {},
                "a whole number, INFINITY or -INFINITY");
  }
  return Score{number};
}

std::string Score::text() const {
  if (is_infinity()) return "INFINITY";
  if (is_minus_infinity()) return "-INFINITY";
  return std::to_string(value_);
}

}  // namespace duet
