// SPDX-License-Identifier: Apache-2.0
// Duration and Instant: our own monotonic time line, so that civil time cannot be mixed in.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace duet {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

/// A point on the boot-time clock (CLOCK_BOOTTIME: goes on while the machine is suspended). Only differences have a
/// meaning; values of two boots or two nodes must not be compared.
class Instant {
 public:
  constexpr Instant() = default;
  constexpr explicit Instant(Duration since_origin) : since_origin_{since_origin} {}
  [[nodiscard]] constexpr Duration since_origin() const { return since_origin_; }
  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  friend constexpr Instant operator+(Instant at, Duration by) { return Instant{at.since_origin_ + by}; }
  friend constexpr Instant operator-(Instant at, Duration by) { return Instant{at.since_origin_ - by}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return a.since_origin_ - b.since_origin_; }

 private:
  Duration since_origin_{0};
};

/// Civil time in milliseconds since 1970, for display only: no decision may depend on it (S13).
struct WallTime {
  std::int64_t unix_ms = 0;
  friend constexpr auto operator<=>(const WallTime&, const WallTime&) = default;
};

}  // namespace duet
