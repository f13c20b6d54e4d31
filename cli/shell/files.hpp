// SPDX-License-Identifier: Apache-2.0
// Reading of small files that an argument names.
#pragma once

#include <string>

#include "cli/shell/failure.hpp"

namespace duet::cli {

/// At most 64 KiB of a regular file. Errors: 1 with the system's words.
[[nodiscard]] Outcome<std::string> read_small_file(const std::string& path);

}  // namespace duet::cli
