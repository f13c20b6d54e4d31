// SPDX-License-Identifier: Apache-2.0
// One call of the program: arguments in, exit code out.
#pragma once

#include <string>
#include <vector>

#include "cli/shell/shell.hpp"

namespace duet::cli {

/// Parses, applies the global options to the shell, carries the command out, prints a failure. `arguments` without the
/// program's name.
[[nodiscard]] int run(Shell& shell, const std::vector<std::string>& arguments);

}  // namespace duet::cli
