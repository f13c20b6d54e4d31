// SPDX-License-Identifier: Apache-2.0
// Strong<Tag, Rep>: numbers and strings that must not be mixed up.
#pragma once

#include <compare>
#include <utility>

namespace duet {

template <class Tag, class Rep>
class Strong {
 public:
  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_{std::move(value)} {}
  [[nodiscard]] constexpr const Rep& get() const { return value_; }
  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

 private:
  Rep value_{};
};

}  // namespace duet
