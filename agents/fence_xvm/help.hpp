// SPDX-License-Identifier: Apache-2.0
// What the agent says about itself.
#pragma once

#include <string>

namespace duet::xvm {

/// XML, as resource managers read it: the parameters and actions of the original in its order, then what is ours.
[[nodiscard]] std::string metadata();
/// Options and keys, as -h prints them.
[[nodiscard]] std::string usage();
/// As -V prints it, two lines.
[[nodiscard]] std::string version();

}  // namespace duet::xvm
