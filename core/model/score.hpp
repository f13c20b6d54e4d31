// SPDX-License-Identifier: Apache-2.0
// Scores with infinity, as administrators know them (cluster-semantics 7.1).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace duet {

/// An integer within ±1000000; the ends mean ±INFINITY. -INFINITY wins over INFINITY in a sum.
class Score {
 public:
  static constexpr std::int32_t infinite = 1'000'000;
  constexpr Score() = default;
  constexpr explicit Score(std::int64_t value) : value_{clamp(value)} {}
  static constexpr Score infinity() { return Score{infinite}; }
  static constexpr Score minus_infinity() { return Score{-infinite}; }
  /// "100", "-5", "INFINITY", "+INFINITY", "-INFINITY" (any case).
  static Result<Score> parse(std::string_view text);

  [[nodiscard]] constexpr std::int32_t value() const { return value_; }
  [[nodiscard]] constexpr bool is_infinity() const { return value_ == infinite; }
  [[nodiscard]] constexpr bool is_minus_infinity() const { return value_ == -infinite; }
  [[nodiscard]] std::string text() const;

  friend constexpr Score operator+(Score a, Score b) {
    if (a.is_minus_infinity() || b.is_minus_infinity()) return minus_infinity();
    if (a.is_infinity() || b.is_infinity()) return infinity();
    return Score{std::int64_t{a.value_} + b.value_};
  }
  friend constexpr Score operator-(Score a) { return Score{-std::int64_t{a.value_}}; }
  friend constexpr auto operator<=>(const Score&, const Score&) = default;

 private:
  static constexpr std::int32_t clamp(std::int64_t value) {
    if (value >= infinite) return infinite;
    if (value <= -infinite) return -infinite;
    return static_cast<std::int32_t>(value);
  }
  std::int32_t value_ = 0;
};

}  // namespace duet
