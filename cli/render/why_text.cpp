// SPDX-License-Identifier: Apache-2.0
// Explanations: what is, what should be, what each node says to it, and what ends an obstacle.
#include "cli/render/why_text.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/grammar/words.hpp"
#include "cli/render/status_lines.hpp"
#include "cli/render/status_parts.hpp"
#include "cli/render/time_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/options.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

std::string_view evidence_text(EvidenceKind kind) {
  switch (kind) {
    case EvidenceKind::fenced:
      return "it was fenced";
    case EvidenceKind::new_boot:
      return "it has started anew since";
    case EvidenceKind::clean_leave:
      return "it left the cluster in order";
    case EvidenceKind::administrator:
      return "an administrator gave his word";
    case EvidenceKind::fencing_disabled:
      return "fencing is off, so a lost node counts as down";
  }
  return "";
}

std::string place_in_group(const ClusterConfig& config, const std::string& id) {
  const Group* group = config.group_of(id);
  if (group == nullptr) return "";
  const auto at = std::find(group->members.begin(), group->members.end(), id) - group->members.begin();
  return fmt::format(" (member {} of {})", at + 1, group->id);
}

std::string lower_role(const ItemStatus& item) {
  if (item.role == "Started") return "running";
  if (item.role == "Stopped") return "stopped";
  if (item.role == "Starting") return "starting";
  if (item.role == "Stopping") return "stopping";
  if (item.role == "FAILED") return "failed";
  return "in an unknown state";
}

std::string places(const ItemStatus& item) {
  return item.nodes.empty() ? "" : " on " + join(item.nodes, " and ");
}

std::string verdict_lines(const ClusterView& view, const std::string& id, NodeId node, const NodeVerdict& verdict) {
  std::string text;
  const std::string name = view.effective.node_name(node);
  if (verdict.allowed) {
    return fmt::format("  {}: possible, score {}\n", name, verdict.score.text());
  }
  for (const auto& why : verdict.why) {
    text += text.empty() ? fmt::format("  {}: no - {}\n", name, escape_line(why.text, 400))
                         : fmt::format("  {:>{}}    also: {}\n", "", name.size(), escape_line(why.text, 400));
  }
  if (verdict.why.empty()) text = fmt::format("  {}: no\n", name);
  const ResourceOnNode* on = view.state.find(id, node);
  if (on != nullptr) {
    for (const auto& record : on->failures) {
      FailedAction action;
      action.resource = id;
      action.action = record.action == Action::probe ? "monitor" : std::string{to_string(record.action)};
      action.interval = record.interval;
      action.node = name;
      action.outcome = record.last;
      text += fmt::format("  {:>{}}    {}\n", "", name.size(), failed_action_text(action));
    }
  }
  for (const auto& fix : verdict.fix)
    text += fmt::format("  {:>{}}    end it: {}\n", "", name.size(), escape_line(fix, 300));
  return text;
}

std::string steps_text(const ClusterView& view, const Plan& plan, const std::string& id) {
  std::string text;
  for (const auto& op : plan.operations) {
    if (op.resource != id || op.action == Action::monitor) continue;
    text += fmt::format("  next: {} on {}", to_string(op.action), view.effective.node_name(op.node));
    if (op.ready) {
      text += " now";
    } else {
      for (const auto& wait : op.waits_for) {
        text += fmt::format("{} {}", &wait == &op.waits_for.front() ? ", waits:" : ";", escape_line(wait.text, 300));
      }
    }
    text += "\n";
  }
  return text;
}

std::string pending_text(const ClusterView& view, const std::string& id) {
  std::string text;
  for (const auto& node : view.effective.nodes) {
    const ResourceOnNode* on = view.state.find(id, node.id);
    if (on == nullptr || !on->pending || on->pending->action == Action::monitor) continue;
    text += fmt::format("  under way: {} on {}{}\n", to_string(on->pending->action), node.name,
                        on->pending->why.empty() ? "" : ": " + escape_line(on->pending->why, 300));
  }
  return text;
}

Explanation why_primitive(const ClusterView& view, const Plan& plan, const Primitive& primitive) {
  const ItemStatus item = primitive_status(view, plan, primitive);
  const std::string name = item.id + " is " + lower_role(item) + places(item);
  const std::string member = place_in_group(view.effective, item.id);
  const auto placed = plan.placement.find(item.id);
  Explanation out;
  if (!item.should_run) {
    const bool stopped = item.role == "Stopped";
    out.as_wanted = stopped && item.disabled;
    const std::string why = item.disabled   ? "it is disabled"
                            : !item.managed ? "it is not managed"
                                            : "everything is stopped";
    out.text = fmt::format("{}{}: {}.\n", name, member, why);
    if (item.disabled) {
      const Group* group = view.effective.group_of(item.id);
      const bool by_group = group != nullptr && group->meta.contains("target-role");
      out.text += fmt::format("  end it: duet resource enable {}\n", by_group ? group->id : item.id);
    } else if (!item.managed) {
      out.text +=
          placed == plan.placement.end() ? "" : fmt::format("  {}\n", escape_line(placed->second.why.text, 400));
    }
    return out;
  }
  if (item.active() && item.nodes.size() == 1) {
    const bool right = placed != plan.placement.end() && placed->second.node &&
                       view.effective.node_name(*placed->second.node) == item.nodes.front();
    out.as_wanted = right;
    out.text = fmt::format("{}{}, {}.\n", name, member, right ? "as it should" : "but should not stay there");
    if (placed != plan.placement.end()) out.text += fmt::format("  {}\n", escape_line(placed->second.why.text, 400));
    out.text += pending_text(view, item.id) + steps_text(view, plan, item.id);
    if (placed != plan.placement.end()) {
      for (const auto& [node, verdict] : placed->second.verdicts) {
        if (!verdict.allowed) out.text += verdict_lines(view, item.id, node, verdict);
      }
    }
    return out;
  }
  out.text = fmt::format("{}, it should run{}.\n", name, member);
  if (const auto block = plan.blocked.find(item.id); block != plan.blocked.end()) {
    out.text += fmt::format("  blocked: {}\n", escape_line(block->second.text, 400));
  }
  const std::string lost = lost_node_clause(view);
  if (!lost.empty()) out.text += fmt::format("  {}\n", lost);
  if (placed != plan.placement.end()) {
    // With nowhere to go the reason only sums up what the nodes say.
    const bool somewhere = placed->second.node || placed->second.verdicts.empty();
    if (somewhere && !placed->second.why.text.empty()) {
      out.text += fmt::format("  {}\n", escape_line(placed->second.why.text, 400));
    }
    for (const auto& [node, verdict] : placed->second.verdicts) out.text += verdict_lines(view, item.id, node, verdict);
  }
  const std::string steps = pending_text(view, item.id) + steps_text(view, plan, item.id);
  out.text += steps.empty() ? "Nothing will change until one of these is done.\n" : steps;
  return out;
}

}  // namespace

Explanation why_resource(const ClusterView& view, const Plan& plan, const std::string& id) {
  if (const Primitive* primitive = view.effective.primitive(id)) return why_primitive(view, plan, *primitive);
  Explanation out;
  out.as_wanted = true;
  const Group* group = view.effective.group(id);
  if (group == nullptr) return out;
  bool waiting = false;
  for (const auto& member : group->members) {
    const Primitive* primitive = view.effective.primitive(member);
    if (primitive == nullptr) continue;
    if (waiting) {  // its reasons would only repeat those of the member that it waits for
      out.text += fmt::format("{} waits for the members before it.\n", member);
      continue;
    }
    const Explanation one = why_primitive(view, plan, *primitive);
    if (one.as_wanted) continue;
    const ItemStatus item = primitive_status(view, plan, *primitive);
    waiting = item.should_run && !item.active();
    out.text += one.text;
    out.as_wanted = false;
  }
  if (!out.as_wanted) return out;
  for (const auto& member : group->members) {
    const Primitive* primitive = view.effective.primitive(member);
    if (primitive != nullptr) out.text += why_primitive(view, plan, *primitive).text;
  }
  return out;
}

Explanation why_not_on(const ClusterView& view, const Plan& plan, const std::string& id, NodeId node) {
  const Group* group = view.effective.group(id);
  const std::string first = group == nullptr || group->members.empty() ? id : group->members.front();
  const std::string name = view.effective.node_name(node);
  Explanation out;
  const auto placed = plan.placement.find(first);
  if (placed == plan.placement.end()) {
    out.text = fmt::format("Nothing is decided about {} yet.\n", id);
    return out;
  }
  if (placed->second.node == node) {
    out.as_wanted = true;
    out.text = fmt::format("{} should be on {}: {}\n", id, name, escape_line(placed->second.why.text, 400));
    return out;
  }
  const auto verdict = placed->second.verdicts.find(node);
  if (verdict != placed->second.verdicts.end()) out.text = verdict_lines(view, first, node, verdict->second);
  if (verdict != placed->second.verdicts.end() && verdict->second.allowed && placed->second.node) {
    out.text += fmt::format("  {} is better: {}\n  to go there once: duet resource move {} {}\n",
                            view.effective.node_name(*placed->second.node), escape_line(placed->second.why.text, 400),
                            id, name);
  }
  return out;
}

Explanation why_node(const ClusterView& view, NodeId node) {
  Explanation out;
  const Node* config = view.effective.node(node);
  if (config == nullptr) return out;
  const NodeStatus status = node_status(view, *config);
  out.as_wanted = status.state == "online" && !status.leaving;
  out.text = fmt::format("Node {} is {}.\n", status.name, status.state);
  if (!status.why.empty()) out.text += fmt::format("  {}\n", escape_line(status.why, 400));
  const auto state = view.state.nodes.find(node);
  if (state != view.state.nodes.end() && state->second.evidence) {
    const Evidence& evidence = *state->second.evidence;
    out.text += fmt::format("  counts as down: {} ({}){}\n", evidence_text(evidence.kind), evidence.id,
                            evidence.detail.empty() ? "" : ": " + escape_line(evidence.detail, 200));
  }
  if (status.unclean) {
    out.text += fmt::format("  {} {}\n", status.name, fencing_clause(view, node));
    out.text += "  Nothing that may run there is started elsewhere before it is known to be off.\n";
    out.text += fmt::format("  if it is certainly off: duet stonith confirm {}\n", status.name);
  }
  for (const auto& event : view.state.fencing) {
    if (event.target != node) continue;
    FenceLine line;
    line.event = event;
    line.target = status.name;
    line.by = view.effective.node_name(event.by);
    out.text += "  " + fence_event_text(line, false) + "\n";
  }
  if (status.standby) out.text += fmt::format("  end standby: duet node unstandby {}\n", status.name);
  if (status.maintenance) out.text += fmt::format("  end maintenance: duet node unmaintenance {}\n", status.name);
  if (node == view.self && !view.quorate && view.waiting_for_all) {
    out.text += "  it waits until both nodes have been seen once (wait_for_all)\n";
  }
  return out;
}

Explanation why_device(const ClusterView& view, const std::string& id) {
  Explanation out;
  const FenceDevice* device = view.effective.device(id);
  if (device == nullptr) return out;
  const ItemStatus item = device_status(view, *device);
  out.as_wanted = item.role == "Started" || item.disabled;
  out.text = fmt::format("Fence device {}: {}\n", id, item_state_text(item, false));
  if (!item.reason.empty()) out.text += fmt::format("  {}\n", escape_line(item.reason, 400));
  for (const auto& node : view.effective.nodes) {
    out.text += fmt::format("  {}: {}\n", node.name, device_covers(*device, node) ? "covered" : "not covered");
  }
  if (item.disabled) out.text += fmt::format("  end it: duet stonith enable {}\n", id);
  return out;
}

Explanation why_health_text(const StatusModel& model) {
  Explanation out;
  out.as_wanted = model.reasons.empty();
  out.text = fmt::format("Health: {}\n", to_string(model.health));
  for (const auto& reason : model.reasons) {
    out.text += fmt::format("  {}: {}\n", to_string(reason.level), reason.text);
    if (!reason.next.empty()) out.text += fmt::format("    next: {}\n", reason.next);
  }
  return out;
}

}  // namespace duet::cli
