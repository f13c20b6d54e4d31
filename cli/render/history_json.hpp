// SPDX-License-Identifier: Apache-2.0
// Commits as JSON (schema duet.history/1), without the configurations.
#pragma once

#include <string>

#include "core/message/ipc.hpp"

namespace duet::cli {

[[nodiscard]] std::string history_json(const HistoryReply& history);

}  // namespace duet::cli
