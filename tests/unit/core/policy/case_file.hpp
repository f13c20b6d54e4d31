// SPDX-License-Identifier: Apache-2.0
// Reads the text form of a policy case (tests/golden/policy/README.md) and prints a plan.
#pragma once

#include <string>

#include "core/model/plan.hpp"

namespace duet::test {

struct PolicyCase {
  ClusterConfig config;
  ClusterState state;
  bool quorate = true;
  bool run = false;  ///< also print what follows when every operation succeeds
};

/// `error` is empty if the text could be read.
[[nodiscard]] PolicyCase read_case(const std::string& text, std::string& error);

[[nodiscard]] std::string print_plan(const PolicyCase& input);

}  // namespace duet::test
