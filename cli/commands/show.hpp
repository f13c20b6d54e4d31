// SPDX-License-Identifier: Apache-2.0
// Reads that resource and stonith commands share.
#pragma once

#include <string>
#include <vector>

#include "cli/grammar/parse.hpp"
#include "cli/render/status_text.hpp"
#include "cli/shell/shell.hpp"

namespace duet::cli {

/// Text, JSON or commands of the named objects; of all resources (or devices) if none is named.
[[nodiscard]] Outcome<Exit> show_config(Shell& shell, const Invocation& call, const std::vector<std::string>& ids,
                                        bool devices);

/// Leaves only the named resources (a group stands for its members) and, with `node`, what is on that node.
void keep_only(StatusModel& model, const std::vector<std::string>& ids, const std::string& node);

/// corosync, duetd, duet-execd: what this node knows about them.
[[nodiscard]] std::vector<DaemonLine> daemon_lines(Shell& shell, const StatusModel& model);

}  // namespace duet::cli
