// SPDX-License-Identifier: Apache-2.0
// Seeded mutants: known mistakes that the simulator must find (invariants.md section 9). In every normal build
// active() is a constant false and the compiler removes the mistake; only -DDUET_MUTANTS=ON, which cannot be
// installed or released, makes it a question.
#pragma once

#include <string_view>

namespace duet::mutant {

#ifdef DUET_MUTANTS
/// True if this mistake was switched on by select(). Compared by name.
[[nodiscard]] bool active(std::string_view name);
/// Switches on exactly this mistake; empty = none. Before the first step of any core; not while threads run.
void select(std::string_view name);
#else
[[nodiscard]] constexpr bool active(std::string_view) {
  return false;
}
#endif

}  // namespace duet::mutant
