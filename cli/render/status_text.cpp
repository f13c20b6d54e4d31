// SPDX-License-Identifier: Apache-2.0
// Our default layout: sections and line grammar of Pacemaker 2.1, because eyes and grep know them.
#include "cli/render/status_text.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/grammar/words.hpp"
#include "cli/render/status_lines.hpp"
#include "cli/render/style.hpp"
#include "cli/render/time_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

constexpr std::size_t reasons_shown = 3;

std::string warnings_text(const StatusModel& model) {
  if (model.warnings.empty()) return "";
  std::string text = "\nWARNINGS:\n";
  for (const auto& line : model.warnings) text += escape_line(line) + "\n";
  return text + "\n";
}

std::string migration_text(const StatusModel& model) {
  std::string text = "\nMigration Summary:\n";
  for (const auto& node : model.nodes) {
    std::string lines;
    for (const auto& group : model.resources) {
      for (const auto& item : group.items) {
        const auto count = item.fail_counts.find(node.name);
        if (count == item.fail_counts.end()) continue;
        lines += fmt::format("    * {}: fail-count={}\n", item.id, count_text(count->second));
      }
    }
    if (!lines.empty()) text += fmt::format("  * Node: {}:\n{}", node.name, lines);
  }
  return text;
}

std::string pending_line(const FenceLine& line) {
  std::string text = fmt::format("  * {} of {} by {}", to_string(line.event.action), line.target, line.by);
  if (!line.event.device.empty()) text += fmt::format(" ({})", line.event.device);
  if (!line.progress) return text + ": pending\n";
  const auto& progress = *line.progress;
  if (progress.attempts == 0 && progress.next_try_ms == 0) {
    return text + fmt::format(": {}\n", progress.step.empty() ? "running" : escape_line(progress.step, 200));
  }
  if (progress.next_try_ms > 0) {
    text += fmt::format(": try {} in {}", progress.attempts + 1, age_text(progress.next_try_ms + 999));
  } else {
    text += fmt::format(": try {}", progress.attempts + 1);
    if (!progress.step.empty()) text += fmt::format(", {}", escape_line(progress.step, 200));
  }
  if (!progress.last_error.empty()) text += fmt::format("; last: {}", escape_line(progress.last_error, 200));
  return text + "\n";
}

std::string fencing_sections(const StatusModel& model, const StatusOptions& options) {
  std::string text;
  if (!model.failed_fencing.empty()) {
    text += "\nFailed Fencing Actions:\n";
    for (const auto& line : model.failed_fencing) text += "  * " + fence_event_text(line, true) + "\n";
  }
  if (!model.pending_fencing.empty()) {
    text += "\nPending Fencing Actions:\n";
    for (const auto& line : model.pending_fencing) text += pending_line(line);
  }
  if (options.full && !model.fencing_history.empty()) {
    text += "\nFencing History:\n";
    for (const auto& line : model.fencing_history) text += "  * " + fence_event_text(line, false) + "\n";
  }
  return text;
}

}  // namespace

std::string health_text(const StatusModel& model, bool color) {
  std::string text = fmt::format("Health: {}", styled(to_string(model.health), color));
  std::vector<std::string> next;
  for (std::size_t i = 0; i < std::min(model.reasons.size(), reasons_shown); ++i) {
    const auto& reason = model.reasons[i];
    text += i == 0 ? fmt::format(" - {}", reason.text) : fmt::format("\n        also: {}", reason.text);
    if (reason.next.empty() || std::find(next.begin(), next.end(), reason.next) != next.end()) continue;
    text += fmt::format("\n        next: {}", reason.next);
    next.push_back(reason.next);
  }
  return text + "\n";
}

std::string summary_text(const StatusModel& model, const StatusOptions& options) {
  std::string text = "Cluster Summary:\n  * Stack: corosync\n";
  text += fmt::format("  * Current DC: {}\n", dc_text(model, options.full));
  text += fmt::format("  * Last updated: {} on {}\n", iso_time(model.now_unix_ms), model.from);
  if (model.commit.index > 0) {
    const std::string when = model.changed_unix_ms == 0 ? "" : iso_time(model.changed_unix_ms) + " ";
    text += fmt::format("  * Last change:  {}by {}", when, escape_line(model.changed_by, 80));
    if (!model.changed_command.empty()) text += fmt::format(" via '{}'", escape_line(model.changed_command, 200));
    if (!model.changed_on.empty()) text += fmt::format(" on {}", escape_line(model.changed_on, 80));
    text += fmt::format(" (commit {})\n", model.commit.index);
  }
  if (model.solo) text += "  * Changes are stored on this node only until the other one returns\n";
  text += fmt::format("  * {} {} configured\n", model.nodes.size(), model.nodes.size() == 1 ? "node" : "nodes");
  return text + fmt::format("  * {}\n", instances_text(model));
}

std::string node_list_text(const StatusModel& model, const StatusOptions& options) {
  std::string text;
  std::vector<std::string> online;
  std::vector<std::string> offline;
  for (const auto& node : model.nodes) {
    if (options.full) {
      text += fmt::format("  * Node {} ({}): {}{}\n", node.name, node.id.get(), styled(node.state, options.color),
                          node.why.empty() ? "" : " - " + escape_line(node.why, 200));
    } else if (node.state == "online") {
      online.push_back(node.name);
    } else if (node.state == "OFFLINE") {
      offline.push_back(node.name);
    } else {
      text += fmt::format("  * Node {}: {}\n", node.name, styled(node.state, options.color));
    }
  }
  if (!online.empty()) text += fmt::format("  * {}: [ {} ]\n", styled("Online", options.color), join(online, " "));
  if (!offline.empty()) text += fmt::format("  * {}: [ {} ]\n", styled("OFFLINE", options.color), join(offline, " "));
  return text;
}

std::string item_list_text(const StatusModel& model, const StatusOptions& options, bool devices) {
  std::string text;
  for (const auto& group : model.resources) {
    std::string lines;
    for (const auto& item : group.items) {
      const bool inactive = item.role == "Stopped";
      if (is_device(item) != devices || (options.hide_inactive && inactive)) continue;
      lines += fmt::format("{}  * {}\t({}):\t {}\n", group.id.empty() ? "" : "  ", item.id, item.agent,
                           item_state_text(item, options.color));
    }
    if (!group.id.empty() && !lines.empty()) {
      const std::string_view flag = group.disabled ? " (disabled)" : group.unmanaged ? " (unmanaged)" : "";
      text += fmt::format("  * Resource Group: {}{}:\n", group.id, flag);
    }
    text += lines;
  }
  return text;
}

std::string status_text(const StatusModel& model, const StatusOptions& options) {
  std::string text = fmt::format("Cluster name: {}\n", model.cluster);
  text += health_text(model, options.color);
  text += warnings_text(model);
  text += summary_text(model, options);
  if (model.maintenance_mode) {
    text +=
        "\n              *** Resource management is DISABLED ***\n"
        "  The cluster will not attempt to start, stop or recover services\n";
  }
  if (!model.nodes.empty()) text += "\nNode List:\n" + node_list_text(model, options);
  const std::string items = item_list_text(model, options, false) + item_list_text(model, options, true);
  text += "\nFull List of Resources:\n" + (items.empty() ? "  * No resources\n" : items);
  if (options.full) text += migration_text(model);
  if (!model.failed_actions.empty()) {
    text += "\nFailed Resource Actions:\n";
    for (const auto& action : model.failed_actions) text += fmt::format("  * {}\n", failed_action_text(action));
  }
  text += fencing_sections(model, options);
  if (!options.daemons.empty()) text += "\n" + daemons_text(options);
  return text;
}

std::string check_line(const StatusModel& model) {
  std::size_t online = 0;
  std::size_t started = 0;
  std::string what;
  std::optional<std::int64_t> proof;  // of the device that was proven longest ago
  for (const auto& node : model.nodes) online += node.online ? 1U : 0U;
  for (const auto& group : model.resources) {
    for (const auto& item : group.items) {
      started += item.active() ? 1U : 0U;
      if (item.proven_ms) proof = std::max(proof.value_or(0), *item.proven_ms);
    }
    if (!group.items.empty() && !is_device(group.items.front()) && group.items.front().active()) {
      what += fmt::format("{}{} on {}", what.empty() ? "" : ", ", group.id.empty() ? group.items.front().id : group.id,
                          group.items.front().nodes.front());
    }
  }
  if (model.reasons.empty()) {
    what += fmt::format("{}{} nodes online", what.empty() ? "" : ", ", online);
    if (proof) what += fmt::format(", fencing proven {} ago", age_text(*proof));
  } else {
    what = model.reasons.front().text;
  }
  const std::string_view word = model.health == Health::down ? "CRITICAL" : to_string(model.health);
  std::string figures = fmt::format("nodes_online={};; resources_started={};;", online, started);
  // 60 s: two monitors of a device were missed; 300 s: nobody knows whether it works.
  if (proof) figures += fmt::format(" fence_age={}s;60;300", *proof / 1000);
  return fmt::format("DUET {} - {} | {}\n", word, what, figures);
}

std::string nodes_by_state_text(const StatusModel& model) {
  std::string online;
  std::string standby;
  std::string standby_active;
  std::string maintenance;
  std::string offline;
  for (const auto& node : model.nodes) {
    std::string& line = !node.online                                      ? offline
                        : node.state == "standby (with active resources)" ? standby_active
                        : node.standby                                    ? standby
                        : node.maintenance                                ? maintenance
                                                                          : online;
    line += " " + node.name;
  }
  return fmt::format(
      "Pacemaker Nodes:\n Online:{}\n Standby:{}\n Standby with resource(s) running:{}\n Maintenance:{}\n Offline:{}\n",
      online, standby, standby_active, maintenance, offline);
}

std::string fencing_history_text(const StatusModel& model, const std::string& node) {
  std::string text;
  std::size_t count = 0;
  for (const auto& line : model.fencing_history) {
    if (!node.empty() && line.target != node) continue;
    text += fence_event_text(line, false) + "\n";
    ++count;
  }
  return text + fmt::format("{} {} found\n", count, count == 1 ? "event" : "events");
}

}  // namespace duet::cli
