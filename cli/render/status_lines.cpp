// SPDX-License-Identifier: Apache-2.0
// Lines of the status: states, failed actions, fencing events, daemons.
#include "cli/render/status_lines.hpp"

#include <fmt/core.h>

#include "cli/commands/arguments.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/style.hpp"
#include "cli/render/time_text.hpp"
#include "core/base/escape.hpp"
#include "core/base/invariant.hpp"
#include "core/model/outcome_text.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

/// What ended the operation, when its exit code does not count; empty if the code counts.
std::string not_executed(const OpOutcome& outcome) {
  switch (outcome.status) {
    case OpStatus::done:
      return "";
    case OpStatus::timed_out:
      return "Timed Out";
    case OpStatus::error:
      return "Error";
    case OpStatus::not_supported:
      return "Not supported";
    case OpStatus::not_installed:
      return "Not installed";
    case OpStatus::cancelled:
      return "Cancelled";
    case OpStatus::voided:
      return "Not begun";
  }
  invariant_failed("OpStatus out of range", __FILE__, __LINE__);
}

std::string_view outcome_text(FenceOutcome outcome) {
  switch (outcome) {
    case FenceOutcome::pending:
      return "pending";
    case FenceOutcome::succeeded:
      return "successful";
    case FenceOutcome::failed:
      return "failed";
    case FenceOutcome::cancelled:
      return "cancelled";
  }
  invariant_failed("FenceOutcome out of range", __FILE__, __LINE__);
}

}  // namespace

bool is_device(const ItemStatus& item) {
  return item.agent.starts_with("stonith:");
}

std::string item_state_text(const ItemStatus& item, bool color) {
  std::string text = styled(item.role, color);
  if (item.nodes.size() == 1) text += " " + item.nodes.front();
  if (item.nodes.size() > 1) text += " [ " + join(item.nodes, " ") + " ]";
  if (!item.flags.empty()) text += " (" + join(item.flags, ", ") + ")";
  if (!item.note.empty()) text += " (" + escape_line(item.note, 200) + ")";
  return text;
}

std::string dc_text(const StatusModel& model, bool with_id) {
  if (!model.dc) return "NONE";
  std::string id;
  for (const auto& node : model.nodes) {
    if (with_id && node.name == *model.dc) id = fmt::format(" ({})", node.id.get());
  }
  return fmt::format("{}{} (version {}) - partition {} quorum", *model.dc, id, model.version,
                     model.quorate ? "with" : "WITHOUT");
}

std::string instances_text(const StatusModel& model) {
  std::string extra;
  if (model.disabled > 0) extra = fmt::format("{} DISABLED", model.disabled);
  if (model.blocked > 0) {
    extra += fmt::format("{}{} BLOCKED from further action due to failure", extra.empty() ? "" : ", ", model.blocked);
  }
  return fmt::format("{} resource {} configured{}", model.instances, model.instances == 1 ? "instance" : "instances",
                     extra.empty() ? "" : " (" + extra + ")");
}

std::string daemons_text(const StatusOptions& options) {
  std::string text = "Daemon Status:\n";
  for (const auto& daemon : options.daemons) {
    text += fmt::format("  {}: {}/{}\n", daemon.name, daemon.active ? "active" : "inactive",
                        daemon.enabled ? "enabled" : "disabled");
  }
  return text;
}

std::string fence_event_text(const FenceLine& line, bool last) {
  const auto& event = line.event;
  std::string text = fmt::format("{} of {} by {}", to_string(event.action), line.target, line.by);
  if (event.cause == CauseKind::administrator && event.device.empty() && event.outcome == FenceOutcome::succeeded) {
    text = fmt::format("turning off of {} confirmed by a human on {}", line.target, line.by);
  }
  if (!event.device.empty()) text += fmt::format(" ({})", escape_line(event.device, 80));
  text += fmt::format(" for {}{} {} at {}", to_string(event.cause), last ? " last" : "", outcome_text(event.outcome),
                      iso_time(event.unix_ms));
  if (event.attempts > 1) text += fmt::format(" after {} tries", event.attempts);
  if (!event.detail.empty()) text += fmt::format(": {}", escape_line(event.detail, 200));
  if (event.outcome == FenceOutcome::failed && line.later_success) text += " (a later attempt succeeded)";
  return text;
}

std::string count_text(std::int32_t count) {
  return count >= Score::infinite ? "INFINITY" : fmt::format("{}", count);
}

std::string returned_text(std::int32_t code) {
  const auto word = exit_code_text(code);
  return word ? std::string{*word} : fmt::format("exit code {}", code);
}

std::string failed_action_text(const FailedAction& action) {
  const std::string interval =
      action.interval.count() > 0 ? fmt::format("{}-interval ", operation_time(action.interval)) : "";
  std::string text = fmt::format("{} {}{} on {}", action.resource, interval, action.action, action.node);
  const std::string reason = escape_line(action.outcome.reason, 300);
  const std::string status = not_executed(action.outcome);
  if (status.empty()) {
    text += fmt::format(" returned '{}'{}", returned_text(action.outcome.exit_code),
                        reason.empty() ? "" : " (" + reason + ")");
  } else {
    text += fmt::format(" could not be executed ({}{})", status, reason.empty() ? "" : ": " + reason);
  }
  text += fmt::format(" at {}", iso_time(action.outcome.unix_ms));
  if (action.outcome.took_ms > 0) text += fmt::format(" after {}", seconds_text(action.outcome.took_ms));
  return text;
}

}  // namespace duet::cli
