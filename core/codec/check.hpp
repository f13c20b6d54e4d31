// SPDX-License-Identifier: Apache-2.0
// Check: takes values out of parsed messages into the model, and refuses what the model does not allow. The first
// refusal is kept with the path of its field; decoding goes on harmlessly behind it and is looked at once, at the end.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/model/ids.hpp"

namespace duet::v1 {

class Check {
 public:
  /// `refused_value` is the code for a value that is not allowed; Errc::limit for what is too long or too many.
  explicit Check(Errc refused_value = Errc::malformed) : refused_value_{refused_value} {}
  Check(const Check&) = delete;
  Check& operator=(const Check&) = delete;

  /// One step of the path, while a part of the message is taken. `field` must outlive it (a literal).
  class Scope {
   public:
    static constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();
    Scope(Check& check, const char* field, std::size_t index = no_index);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Check& check_;
  };

  /// `rule` says what is allowed. Only the first call counts.
  void refuse(const char* field, std::string_view value, std::string_view rule);
  /// As refuse(), with Errc::limit; false if `size` is above `limit`.
  bool within(const char* field, std::size_t size, std::size_t limit);

  /// [A-Za-z_][A-Za-z0-9_.-]{0,63}
  void id(const char* field, const std::string& wire, ObjectId& out);
  /// Not 0.
  void node(const char* field, std::uint32_t wire, NodeId& out);
  /// Letters, digits, '.', '-', '_'; starts with a letter or digit; at most limits::node_name_length.
  void node_name(const char* field, const std::string& wire, std::string& out);
  /// 1 .. limits::name_length bytes of UTF-8 without control characters.
  void name(const char* field, const std::string& wire, std::string& out);
  void name_or_empty(const char* field, const std::string& wire, std::string& out);
  /// UTF-8 without NUL; line feeds are allowed, whoever prints it escapes.
  void text(const char* field, const std::string& wire, std::size_t limit, std::string& out);
  /// 64 lower-case hexadecimal digits.
  void digest(const char* field, const std::string& wire, std::string& out);
  void digest_or_empty(const char* field, const std::string& wire, std::string& out);
  void boot(const char* field, const std::string& wire, BootId& out);
  /// 0 .. limits::duration_max, from nanoseconds.
  void duration(const char* field, std::int64_t wire, Duration& out);
  /// 0 .. limits::duration_max, in milliseconds.
  void milliseconds(const char* field, std::int64_t wire, std::int64_t& out);
  /// Civil time, for display: years 0 .. 9999 or so, so that every calendar function can take it.
  void wall_time(const char* field, std::int64_t wire, std::int64_t& out);
  /// lowest <= wire <= highest.
  template <class Number>
  void number(const char* field, std::int64_t wire, std::int64_t lowest, std::int64_t highest, Number& out) {
    if (in_range(field, wire, lowest, highest)) out = static_cast<Number>(wire);
  }

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  /// The refusal. `subject` is what was decoded, e.g. "stream message".
  [[nodiscard]] duet::Error error(std::string_view subject) const;

 private:
  struct Step {
    const char* field = nullptr;
    std::size_t index = Scope::no_index;
  };
  static constexpr std::size_t depth_max = 16;  // deepest path of the schema has 9 steps; there is no recursion in it

  void fail(Errc code, const char* field, std::string why);
  bool in_range(const char* field, std::int64_t value, std::int64_t lowest, std::int64_t highest);
  [[nodiscard]] std::string path(const char* field) const;

  Errc refused_value_;
  std::array<Step, depth_max> steps_{};
  std::size_t depth_ = 0;
  std::optional<duet::Error> error_;
};

/// True if the text is UTF-8 and has no control character (C0, DEL, C1).
[[nodiscard]] bool is_plain(std::string_view text);

/// `text` as a value for people that every receiver accepts: what is not UTF-8, or NUL, is escaped, and it is cut to
/// `limit` bytes between two characters. A reason that is too long must not cost the message that carries it.
[[nodiscard]] std::string display_text(const std::string& text, std::size_t limit);

}  // namespace duet::v1
