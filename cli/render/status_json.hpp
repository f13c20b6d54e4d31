// SPDX-License-Identifier: Apache-2.0
// The status as JSON, schema duet.status/1 (docs/schema/status.json).
#pragma once

#include <string>

#include "cli/render/status_text.hpp"

namespace duet::cli {

[[nodiscard]] std::string status_json(const StatusModel& model, const StatusOptions& options);

}  // namespace duet::cli
