// SPDX-License-Identifier: Apache-2.0
// The one switched-on mutant. Empty translation unit in a normal build.
#include "core/base/mutant.hpp"

#ifdef DUET_MUTANTS
#include <string>

namespace duet::mutant {

namespace {
std::string& selected() {
  static std::string name;
  return name;
}
}  // namespace

bool active(std::string_view name) {
  return selected() == name;
}

void select(std::string_view name) {
  selected() = std::string{name};
}

}  // namespace duet::mutant
#endif
