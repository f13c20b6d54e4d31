// SPDX-License-Identifier: Apache-2.0
// Times without locale: names of days and months are fixed English, as in the originals.
#include "cli/render/time_text.hpp"

#include <fmt/core.h>

#include <array>
#include <ctime>
#include <string_view>

namespace duet::cli {

namespace {

std::tm local(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts;
}

std::string offset(const std::tm& parts) {
  const long minutes = parts.tm_gmtoff / 60;
  const long absolute = minutes < 0 ? -minutes : minutes;
  return fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', absolute / 60, absolute % 60);
}

std::string date_and_time(const std::tm& parts, char between) {
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     between, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace

std::string iso_time(std::int64_t unix_ms) {
  if (unix_ms == 0) return "-";
  const std::tm parts = local(unix_ms);
  return date_and_time(parts, 'T') + offset(parts);
}

std::string iso_time_ms(std::int64_t unix_ms) {
  const std::tm parts = local(unix_ms);
  return fmt::format("{}.{:03}{}", date_and_time(parts, 'T'), unix_ms % 1000, offset(parts));
}

std::string classic_time(std::int64_t unix_ms) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::tm parts = local(unix_ms);
  return fmt::format("{} {} {:2} {:02}:{:02}:{:02} {}", days.at(static_cast<std::size_t>(parts.tm_wday)),
                     months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_mday, parts.tm_hour, parts.tm_min,
                     parts.tm_sec, parts.tm_year + 1900);
}

std::string utc_time(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return date_and_time(parts, ' ') + "Z";
}

std::string age_text(std::int64_t ms) {
  const std::int64_t seconds = ms < 0 ? 0 : ms / 1000;
  if (seconds < 120) return fmt::format("{}s", seconds);
  if (seconds < 7200) return fmt::format("{}min", seconds / 60);
  if (seconds < 172'800) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86'400);
}

std::string seconds_text(std::int64_t ms) {
  const std::int64_t value = ms < 0 ? 0 : ms;
  return fmt::format("{}.{:03}s", value / 1000, value % 1000);
}

}  // namespace duet::cli
