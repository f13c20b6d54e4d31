// SPDX-License-Identifier: Apache-2.0
// Parsing and printing of durations without floating point.
#include "core/base/duration_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "core/base/ascii.hpp"
#include "core/base/escape.hpp"

namespace duet {

namespace {

struct Unit {
  std::string_view name;
  Duration length;
};

constexpr std::array<Unit, 10> units{{{"", 1s},
                                      {"s", 1s},
                                      {"sec", 1s},
                                      {"ms", 1ms},
                                      {"us", 1us},
                                      {"m", 1min},
                                      {"min", 1min},
                                      {"h", 1h},
                                      {"hr", 1h},
                                      {"d", 24h}}};

constexpr Duration longest = 24h * 3652;

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit_text = ascii_lower(std::string_view{end, text.data() + text.size()});
  const auto* unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit_text; });
  if (ec != std::errc{} || number < 0 || unit == units.end() || number > longest / unit->length) {
    return fail(Errc::invalid_argument, fmt::format("'{}' is not a time", escape_line(text, 80)), {},
                "a number of seconds, or with a unit: 30s, 2min, 500ms, 1h");
  }
  return number * unit->length;
}

std::string format_duration(Duration duration) {
  const auto count = duration.count();
  if (count != 0 && count % Duration{1h}.count() == 0) return fmt::format("{}h", duration / 1h);
  if (count != 0 && count % Duration{1min}.count() == 0) return fmt::format("{}min", duration / 1min);
  if (count % Duration{1s}.count() == 0) return fmt::format("{}s", duration / 1s);
  if (count % Duration{1ms}.count() == 0) return fmt::format("{}ms", duration / 1ms);
  return fmt::format("{}us", duration / 1us);
}

}  // namespace duet
