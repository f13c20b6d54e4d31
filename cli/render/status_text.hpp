// SPDX-License-Identifier: Apache-2.0
// The status as text, in two layouts (cli.md 4). Pure but for the caller's time zone.
#pragma once

#include <string>
#include <vector>

#include "cli/render/status_model.hpp"

namespace duet::cli {

struct DaemonLine {
  std::string name;
  bool active = false;
  bool enabled = false;
};

struct StatusOptions {
  bool full = false;
  bool hide_inactive = false;
  bool color = false;
  std::vector<DaemonLine> daemons;  ///< empty: the section is left out
};

/// Our default: Pacemaker 2.x layout with a Health line.
[[nodiscard]] std::string status_text(const StatusModel& model, const StatusOptions& options);
/// pcs 0.9 with Pacemaker 1.1.18.
[[nodiscard]] std::string classic_status_text(const StatusModel& model, const StatusOptions& options);
/// One line for a monitoring system, with performance data; exit code by health_exit().
[[nodiscard]] std::string check_line(const StatusModel& model);

/// Parts of the default layout, for `status cluster`, `status nodes`, `status resources`, `resource`, `stonith`.
[[nodiscard]] std::string summary_text(const StatusModel& model, const StatusOptions& options);
[[nodiscard]] std::string node_list_text(const StatusModel& model, const StatusOptions& options);
/// Items only; `devices` chooses fence devices or the rest. Empty if there are none.
[[nodiscard]] std::string item_list_text(const StatusModel& model, const StatusOptions& options, bool devices);
/// `pcs status nodes`
[[nodiscard]] std::string nodes_by_state_text(const StatusModel& model);
[[nodiscard]] std::string fencing_history_text(const StatusModel& model, const std::string& node);

/// Text of an OCF exit code, words of Pacemaker 2.1.
[[nodiscard]] std::string returned_text(std::int32_t code);
/// "R 30s-interval monitor on N returned 'not running' (reason) at DATE after T"
[[nodiscard]] std::string failed_action_text(const FailedAction& action);
[[nodiscard]] std::string health_text(const StatusModel& model, bool color);

}  // namespace duet::cli
