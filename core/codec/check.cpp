// SPDX-License-Identifier: Apache-2.0
// The rules for single values, and the words in which they are refused.
#include "core/codec/check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/escape.hpp"
#include "core/base/invariant.hpp"
#include "core/base/limits.hpp"

namespace duet::v1 {

namespace {

// Own functions rather than <cctype>: those depend on the locale.
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_name_part(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
}

bool is_id(std::string_view text) {
  return !text.empty() && (is_letter(text.front()) || text.front() == '_') &&
         std::all_of(text.begin(), text.end(), is_name_part);
}

bool is_node_name(std::string_view text) {
  return !text.empty() && (is_letter(text.front()) || is_digit(text.front())) &&
         std::all_of(text.begin(), text.end(), is_name_part);
}

bool is_digest(std::string_view text) {
  constexpr std::size_t sha256_digits = 64;
  return text.size() == sha256_digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

constexpr std::size_t shown = 80;  // bytes of a refused value that an error repeats

}  // namespace

bool is_plain(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    // U+0080 .. U+009F are C2 80 .. C2 9F: control sequences for some terminals.
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<std::uint8_t>(text[i + 1]) < 0xA0) return false;
  }
  return is_utf8(text);
}

std::string display_text(const std::string& text, std::size_t limit) {
  if (text.size() <= limit && !has_nul(text) && is_utf8(text)) return text;
  std::string clean = is_utf8(text) && !has_nul(text) ? text : escape_line(text, limit);
  if (clean.size() <= limit) return clean;
  clean.resize(limit);
  while (!is_utf8(clean)) clean.pop_back();  // at most three bytes of a character that was cut
  return clean;
}

Check::Scope::Scope(Check& check, const char* field, std::size_t index) : check_{check} {
  DUET_INVARIANT(check.depth_ < depth_max);
  check.steps_[check.depth_++] = Step{field, index};
}

Check::Scope::~Scope() {
  --check_.depth_;
}

std::string Check::path(const char* field) const {
  std::string text;
  for (std::size_t i = 0; i < depth_; ++i) {
    if (!text.empty()) text += '.';
    text += steps_[i].field;
    if (steps_[i].index != Scope::no_index) text += fmt::format("[{}]", steps_[i].index);
  }
  if (*field == '\0') return text;
  return text.empty() ? field : text + '.' + field;
}

void Check::fail(Errc code, const char* field, std::string why) {
  error_ = duet::Error{code, {}, fmt::format("{}: {}", path(field), why)};
}

void Check::refuse(const char* field, std::string_view value, std::string_view rule) {
  if (error_) return;
  fail(refused_value_, field, fmt::format("'{}' is not {}", escape_line(value, shown), rule));
}

bool Check::within(const char* field, std::size_t size, std::size_t limit) {
  if (size <= limit) return true;
  if (!error_) fail(Errc::limit, field, fmt::format("{} is above the limit of {}", size, limit));
  return false;
}

bool Check::in_range(const char* field, std::int64_t value, std::int64_t lowest, std::int64_t highest) {
  if (value >= lowest && value <= highest) return true;
  if (!error_) fail(refused_value_, field, fmt::format("{} is not within {} .. {}", value, lowest, highest));
  return false;
}

duet::Error Check::error(std::string_view subject) const {
  duet::Error out = error_.value_or(duet::Error{});
  out.what = fmt::format("{} refused", subject);
  return out;
}

void Check::id(const char* field, const std::string& wire, ObjectId& out) {
  if (!within(field, wire.size(), limits::id_length)) return;
  if (!is_id(wire)) return refuse(field, wire, "an id: a letter or '_', then letters, digits, '_', '.', '-'");
  out = wire;
}

void Check::node(const char* field, std::uint32_t wire, NodeId& out) {
  if (wire == 0) return refuse(field, "0", "a node id: 1 .. 4294967295");
  out = NodeId{wire};
}

void Check::node_name(const char* field, const std::string& wire, std::string& out) {
  if (!within(field, wire.size(), limits::node_name_length)) return;
  if (!is_node_name(wire)) {
    return refuse(field, wire, "a node name: a letter or digit, then letters, digits, '.', '-', '_'");
  }
  out = wire;
}

void Check::name(const char* field, const std::string& wire, std::string& out) {
  if (wire.empty()) return refuse(field, wire, "a name: it is empty");
  name_or_empty(field, wire, out);
}

void Check::name_or_empty(const char* field, const std::string& wire, std::string& out) {
  if (!within(field, wire.size(), limits::name_length)) return;
  if (!is_plain(wire)) return refuse(field, wire, "UTF-8 without control characters");
  out = wire;
}

void Check::text(const char* field, const std::string& wire, std::size_t limit, std::string& out) {
  if (!within(field, wire.size(), limit)) return;
  if (has_nul(wire) || !is_utf8(wire)) return refuse(field, wire, "UTF-8 without NUL");
  out = wire;
}

void Check::digest(const char* field, const std::string& wire, std::string& out) {
  if (!is_digest(wire)) return refuse(field, wire, "64 lower-case hexadecimal digits");
  out = wire;
}

void Check::digest_or_empty(const char* field, const std::string& wire, std::string& out) {
  if (!wire.empty()) digest(field, wire, out);
}

void Check::boot(const char* field, const std::string& wire, BootId& out) {
  if (wire.empty()) return;
  if (!is_digest(wire)) return refuse(field, wire, "64 lower-case hexadecimal digits");
  out = BootId{wire};
}

void Check::duration(const char* field, std::int64_t wire, Duration& out) {
  if (in_range(field, wire, 0, limits::duration_max.count())) out = Duration{wire};
}

void Check::milliseconds(const char* field, std::int64_t wire, std::int64_t& out) {
  using std::chrono::milliseconds;
  if (in_range(field, wire, 0, std::chrono::duration_cast<milliseconds>(limits::duration_max).count())) out = wire;
}

void Check::wall_time(const char* field, std::int64_t wire, std::int64_t& out) {
  constexpr std::int64_t end_of_9999 = 253'402'300'799'999;
  constexpr std::int64_t start_of_0 = -62'167'219'200'000;
  if (in_range(field, wire, start_of_0, end_of_9999)) out = wire;
}

}  // namespace duet::v1
