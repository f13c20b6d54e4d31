// SPDX-License-Identifier: Apache-2.0
// Words: splitting, joining, nearness.
#include "cli/grammar/words.hpp"

#include <algorithm>

#include "core/base/escape.hpp"
#include "core/base/limits.hpp"
#include "core/model/similar.hpp"

namespace duet::cli {

namespace {

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) {
    if (&part != &parts.front()) text += separator;
    text += part;
  }
  return text;
}

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest_word = 200;  // what is longer is no misspelling, and would only cost time
  if (typed.size() > longest_word) return {};
  return std::string{duet::nearest(typed, {candidates.begin(), candidates.end()})};
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& candidates) {
  const std::string best = nearest(typed, candidates);
  return best.empty() ? "" : "did you mean '" + best + "'?";
}

std::optional<std::pair<std::string, std::string>> name_value(std::string_view text) {
  const auto at = text.find('=');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  return std::pair{std::string{text.substr(0, at)}, std::string{text.substr(at + 1)}};
}

std::string shell_word(std::string_view word) {
  const auto plain = [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view{"-_.,:=/@+%"}.find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return std::string{word};
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += c;
    }
  }
  return text + "'";
}

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > limits::id_length || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-'; });
}

std::string cited(std::string_view text) {
  constexpr std::size_t shown = 60;
  return "'" + escape_line(text, shown) + "'";
}

}  // namespace duet::cli
