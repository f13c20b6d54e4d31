// SPDX-License-Identifier: Apache-2.0
// The layout of pcs 0.9 with Pacemaker 1.1.18, for eyes and scripts of CentOS 7 (cli.md 4.1).
#include <fmt/core.h>

#include <algorithm>

#include "cli/grammar/words.hpp"
#include "cli/render/status_lines.hpp"
#include "cli/render/time_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

/// ocf::heartbeat:IPaddr2, as it was written then.
std::string classic_agent(const std::string& agent) {
  constexpr std::string_view ocf = "ocf:";
  return agent.starts_with(ocf) ? "ocf::" + agent.substr(ocf.size()) : agent;
}

std::string nodes_text(const StatusModel& model) {
  std::string text;
  std::vector<std::string> online;
  std::vector<std::string> offline;
  for (const auto& node : model.nodes) {
    if (node.state == "online") {
      online.push_back(node.name);
    } else if (node.state == "OFFLINE") {
      offline.push_back(node.name);
    } else {
      text += fmt::format("Node {}: {}\n", node.name, node.state);
    }
  }
  if (!online.empty()) text += fmt::format("Online: [ {} ]\n", join(online, " "));
  if (!offline.empty()) text += fmt::format("OFFLINE: [ {} ]\n", join(offline, " "));
  return text;
}

std::string items_text(const StatusModel& model, const StatusOptions& options) {
  std::string text;
  for (const auto& group : model.resources) {
    std::string lines;
    for (const auto& item : group.items) {
      if (options.hide_inactive && item.role == "Stopped") continue;
      ItemStatus plain = item;
      plain.note.clear();
      lines += fmt::format("{}{}\t({}):\t{}\n", group.id.empty() ? " " : "     ", item.id, classic_agent(item.agent),
                           item_state_text(plain, options.color));
    }
    if (!group.id.empty() && !lines.empty()) text += fmt::format(" Resource Group: {}\n", group.id);
    text += lines;
  }
  return text.empty() ? "No resources\n" : text;
}

std::string failed_text(const StatusModel& model) {
  std::string text = "\nFailed Actions:\n";
  for (const auto& action : model.failed_actions) {
    const bool done = action.outcome.status == OpStatus::done;
    text += fmt::format("* {}_{}_{} on {} '{}' ({}): call=0, status={}, exitreason='{}',\n", action.resource,
                        action.action, action.interval / 1ms, action.node,
                        returned_text(done ? action.outcome.exit_code : 1), done ? action.outcome.exit_code : 1,
                        done                                           ? "complete"
                        : action.outcome.status == OpStatus::timed_out ? "Timed Out"
                                                                       : "Error",
                        escape_line(action.outcome.reason, 300));
    text += fmt::format("    last-rc-change='{}', queued=0ms, exec={}ms\n", classic_time(action.outcome.unix_ms),
                        action.outcome.took_ms);
  }
  return text;
}

}  // namespace

std::string classic_status_text(const StatusModel& model, const StatusOptions& options) {
  std::string text = fmt::format("Cluster name: {}\n", model.cluster);
  std::vector<std::string> warnings = model.warnings;
  for (const auto& reason : model.reasons) warnings.push_back(reason.text);
  if (!warnings.empty()) {
    text += "\nWARNINGS:\n";
    for (const auto& line : warnings) text += escape_line(line) + "\n";
    text += "\n";
  }
  text += fmt::format("Stack: corosync\nCurrent DC: {}\nLast updated: {}\n", dc_text(model, options.full),
                      classic_time(model.now_unix_ms));
  if (model.commit.index > 0) {
    text += fmt::format("Last change: {} by {} via duet{}\n", classic_time(model.changed_unix_ms),
                        escape_line(model.changed_by, 80),
                        model.changed_on.empty() ? "" : " on " + escape_line(model.changed_on, 80));
  }
  text += fmt::format("\n{} nodes configured\n{} resources configured", model.nodes.size(), model.instances);
  if (model.disabled + model.blocked > 0)
    text += fmt::format(" ({} DISABLED, {} BLOCKED)", model.disabled, model.blocked);
  text += "\n";
  if (model.maintenance_mode) {
    text +=
        "\n              *** Resource management is DISABLED ***\n"
        "  The cluster will not attempt to start, stop or recover services\n";
  }
  if (!model.nodes.empty()) text += "\n" + nodes_text(model);
  text += "\nFull list of resources:\n\n" + items_text(model, options);
  if (!model.failed_actions.empty()) text += failed_text(model);
  if (!model.failed_fencing.empty()) {
    text += "\nFailed Fencing Actions:\n";
    for (const auto& line : model.failed_fencing) text += "* " + fence_event_text(line, true) + "\n";
  }
  if (!model.pending_fencing.empty()) {
    text += "\nPending Fencing Actions:\n";
    for (const auto& line : model.pending_fencing) {
      text += fmt::format("* {} of {} pending: {}\n", to_string(line.event.action), line.target,
                          line.progress ? escape_line(line.progress->step, 200) : "on " + line.by);
    }
  }
  // One more blank line than elsewhere, as the original prints it.
  if (!options.daemons.empty()) text += "\n\n" + daemons_text(options);
  return text;
}

}  // namespace duet::cli
