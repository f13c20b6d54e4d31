// SPDX-License-Identifier: Apache-2.0
// RateLimit: how many lines of one reason may be logged, with a count of those that were not (SEC-SECRET 4). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace duet::log {

class RateLimit {
 public:
  /// At most `burst` lines of one reason in `period`; at most `reasons` reasons are remembered (S22): a further one is
  /// counted with all others that have no place.
  RateLimit(std::uint32_t burst, Duration period, std::size_t reasons = 256)
      : burst_{burst}, period_{period}, reasons_{reasons} {}

  /// nullopt: do not log. Else log, with this number of lines of the same reason that were left out before.
  [[nodiscard]] std::optional<std::uint64_t> admit(std::string_view reason, Instant now);

  /// What is equal in lines that differ in numbers only: the text without digits, at most 64 bytes.
  [[nodiscard]] static std::string reason_of(std::string_view text);

 private:
  struct Window {
    Instant began{};
    std::uint32_t lines = 0;
    std::uint64_t left_out = 0;
  };
  std::uint32_t burst_;
  Duration period_;
  std::size_t reasons_;
  std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace duet::log
