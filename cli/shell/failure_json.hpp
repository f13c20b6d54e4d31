// SPDX-License-Identifier: Apache-2.0
// Failures as JSON (schema duet.error/1).
#pragma once

#include <string>

#include "cli/shell/failure.hpp"

namespace duet::cli {

[[nodiscard]] std::string failure_json(const Failure& failure);

}  // namespace duet::cli
