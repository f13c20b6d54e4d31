// SPDX-License-Identifier: Apache-2.0
// Random streams of the simulator: one for each component, derived from (seed, name), so that the draws of one do not
// shift those of another and a fault can be taken out of a plan without changing the rest.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/time.hpp"

namespace duet::sim {

/// SplitMix64. Own code because std distributions differ between libraries. No floating point: chances are fractions.
class Rng {
 public:
  Rng(std::uint64_t seed, std::string_view stream) : state_{mix(seed + golden)} {
    for (const char c : stream) state_ = mix(state_ ^ static_cast<unsigned char>(c));
  }
  std::uint64_t next() { return mix(state_ += golden); }
  /// 0 <= result < n, unbiased; n > 0.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    std::uint64_t x = next();
    while (x >= limit) x = next();
    return x % n;
  }
  bool chance(std::uint64_t num, std::uint64_t den) { return below(den) < num; }
  /// Both ends included.
  std::int64_t range(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  Duration between(Duration low, Duration high) { return Duration{range(low.count(), high.count())}; }

 private:
  static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15ULL;
  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace duet::sim
