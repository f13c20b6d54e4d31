// SPDX-License-Identifier: Apache-2.0
// Line forms that both layouts of the status share (cluster-semantics 13.2).
#pragma once

#include <string>

#include "cli/render/status_text.hpp"

namespace duet::cli {

[[nodiscard]] bool is_device(const ItemStatus& item);
/// "Started server1 (UNCLEAN, disabled)"; nodes of one active twice: "Started [ a b ]".
[[nodiscard]] std::string item_state_text(const ItemStatus& item, bool color);
/// "server1 (version V) - partition with quorum" or NONE.
[[nodiscard]] std::string dc_text(const StatusModel& model, bool with_id);
/// "3 resource instances configured (1 DISABLED, 1 BLOCKED from further action due to failure)"
[[nodiscard]] std::string instances_text(const StatusModel& model);
[[nodiscard]] std::string daemons_text(const StatusOptions& options);
/// One line of the fencing history; `last` as in the sections of the status.
[[nodiscard]] std::string fence_event_text(const FenceLine& line, bool last);
/// A fail count: INFINITY at 1000000.
[[nodiscard]] std::string count_text(std::int32_t count);

}  // namespace duet::cli
