// SPDX-License-Identifier: Apache-2.0
// Parsing of what a manager passes to an agent (cluster-semantics 1.2) and text that goes back.
#include "core/agentapi/ocf_agent.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/ascii.hpp"
#include "core/base/escape.hpp"

namespace duet {

namespace {

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [&](char a, char b) { return ascii_lower(a) == b; });
}

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return equal_ignoring_case(text, word); });
}

}  // namespace

OcfEnvironment::OcfEnvironment(const char* const* entries) {
  for (; *entries != nullptr; ++entries) entries_.emplace_back(*entries);
}

std::optional<std::string_view> OcfEnvironment::variable(std::string_view name) const {
  for (const std::string_view entry : entries_) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
      return entry.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> OcfEnvironment::parameter(std::string_view name) const {
  const auto value = variable("OCF_RESKEY_" + std::string{name});
  return value && !value->empty() ? value : std::nullopt;
}

std::string_view OcfEnvironment::instance() const {
  return variable("OCF_RESOURCE_INSTANCE").value_or("default");
}

unsigned OcfEnvironment::check_level() const {
  return parse_ocf_number(variable("OCF_CHECK_LEVEL").value_or("0"), 1000).value_or(0);
}

std::optional<bool> parse_ocf_boolean(std::string_view text) {
  static constexpr std::array<std::string_view, 6> yes{"yes", "true", "on", "1", "ja", "y"};
  static constexpr std::array<std::string_view, 5> no{"no", "false", "off", "0", "n"};
  if (is_one_of(text, yes)) return true;
  if (is_one_of(text, no)) return false;
  return std::nullopt;
}

std::optional<unsigned> parse_ocf_number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

std::string exit_reason_line(const OcfEnvironment& environment, std::string_view reason) {
  std::string line{environment.variable("OCF_EXIT_REASON_PREFIX").value_or("ocf-exit-reason:")};
  line += escape_line(reason);
  line += '\n';
  return line;
}

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace duet
