// SPDX-License-Identifier: Apache-2.0
// Inputs of a driver as trace events.
#include "tests/sim/trace_text.hpp"

#include <fmt/format.h>

#include "core/model/options.hpp"

namespace duet::sim {

namespace {

std::string list(const std::vector<NodeId>& nodes) {
  std::string text;
  for (const NodeId node : nodes) text += fmt::format("{}{}", text.empty() ? "" : ",", node.get());
  return text;
}

std::string op_text(const OpId& op) {
  return op.valid() ? fmt::format("{}.{}.{}", op.epoch, op.sequence, op.giver.get()) : std::string{};
}

std::string_view reason_text(LeaveReason reason) {
  switch (reason) {
    case LeaveReason::leave:
      return "leave";
    case LeaveReason::node_down:
      return "node_down";
    case LeaveReason::process_down:
      return "process_down";
  }
  return "?";
}

using Text = std::map<std::string, std::string>;

Text body_text(const Order& order) {
  return {{"body", "order"},
          {"resource", order.resource},
          {"action", std::string{to_string(order.action)}},
          {"target", fmt::format("{}", order.node.get())},
          {"op", op_text(order.id)},
          {"why", order.why}};
}

Text body_text(const OpResult& result) {
  return {{"body", "op_result"},
          {"resource", result.resource},
          {"action", std::string{to_string(result.action)}},
          {"op", op_text(result.id)},
          {"highest", op_text(result.highest)},
          {"interval_ms", fmt::format("{}", result.interval / 1ms)},
          {"status", std::string{to_string(result.outcome.status)}},
          {"rc", fmt::format("{}", result.outcome.exit_code)}};
}

Text body_text(const SnapshotChunk& chunk) {
  if (chunk.offset != 0) return {};
  return {{"body", "snapshot"}, {"donor", fmt::format("{}", chunk.donor.get())}};
}

Text body_text(const JoinReport& report) {
  return {{"body", "join_report"}, {"operations", fmt::format("{}", report.operations.size())}};
}

template <class Body>
Text body_text(const Body&) {
  return {};
}

}  // namespace

TraceEvent view_event(const ViewChanged& view) {
  TraceEvent event;
  event.kind = TraceKind::view;
  event.text = {{"members", list(view.members)}, {"ring", fmt::format("{}", view.ring)}};
  if (!view.joined.empty()) event.text["joined"] = list(view.joined);
  for (const ViewChanged::Left& left : view.left) {
    event.text["left"] = fmt::format("{}", left.node.get());
    event.text["reason"] = std::string{reason_text(left.reason)};
  }
  return event;
}

TraceEvent quorum_event_of(const QuorumChanged& quorum) {
  TraceEvent event;
  event.kind = TraceKind::view;
  event.text = {{"corosync", list(quorum.members)}, {"quorate", quorum.quorate ? "yes" : "no"}};
  return event;
}

TraceEvent store_load_event(const StoreImage& image) {
  TraceEvent event;
  event.kind = TraceKind::store_load;
  std::string hash;
  for (const ConfigEntry& entry : image.entries) {
    if (entry.position == image.committed) hash = entry.hash;
  }
  event.text = {{"epoch", fmt::format("{}", image.committed.epoch)},
                {"index", fmt::format("{}", image.committed.index)},
                {"hash", hash}};
  if (!image.damaged.empty()) event.text["damaged"] = image.damaged;
  return event;
}

std::optional<TraceEvent> durable_event(const StoreRecord& record, const StoreImage& after) {
  TraceEvent event;
  event.kind = TraceKind::commit_durable;
  const auto at = [&](const ConfigPosition& position) {
    event.text["epoch"] = fmt::format("{}", position.epoch);
    event.text["index"] = fmt::format("{}", position.index);
  };
  if (const auto* entry = std::get_if<StoreEntry>(&record)) {
    at(entry->entry.position);
    event.text["step"] = "entry";
    event.text["hash"] = entry->entry.hash;
    event.text["previous_hash"] = entry->entry.previous_hash;
    event.text["command"] = entry->entry.command;
    return event;
  }
  if (const auto* committed = std::get_if<StoreCommitted>(&record)) {
    at(committed->position);
    event.text["step"] = "committed";
    for (const ConfigEntry& entry : after.entries) {
      if (entry.position == committed->position) event.text["hash"] = entry.hash;
    }
    return event;
  }
  if (const auto* solo = std::get_if<StoreSolo>(&record)) {
    at(solo->base);
    event.text["step"] = "solo";
    event.text["solo_epoch"] = fmt::format("{}", solo->epoch);
    return event;
  }
  if (const auto* abandon = std::get_if<StoreAbandon>(&record)) {
    at(abandon->above);
    event.text["step"] = "abandon";
    return event;
  }
  if (std::holds_alternative<StoreOverride>(record) || std::holds_alternative<StoreClearOverrides>(record)) {
    event.text["step"] = std::holds_alternative<StoreOverride>(record) ? "override" : "clear_overrides";
    return event;
  }
  return std::nullopt;
}

TraceEvent config_event(const ConfigEntry& entry) {
  const ClusterConfig& config = entry.config;
  std::string groups;
  for (const Group& group : config.groups) {
    for (const ObjectId& member : group.members) groups += member + ",";
    groups += ";";
  }
  const auto members = [&](const ObjectId& unit) {
    const Group* group = config.group(unit);
    return group == nullptr ? std::vector<ObjectId>{unit} : group->members;
  };
  std::string orders;
  for (const OrderConstraint& order : config.orders) {
    const bool plain = order.kind == OrderKind::mandatory && order.symmetrical &&
                       order.first_action == OrderAction::start && order.then_action == OrderAction::start;
    if (!plain) continue;
    for (const ObjectId& first : members(order.first)) {
      for (const ObjectId& then : members(order.then)) orders += fmt::format("{}>{};", first, then);
    }
  }
  std::string unmanaged;
  std::string fences;
  for (const Primitive& primitive : config.primitives) {
    const ResourceOptions options = resource_options(config, primitive);
    if (!options.managed || options.maintenance) unmanaged += primitive.id + ",";
    for (const Operation& operation : primitive.operations) {
      if (operation.on_fail == OnFail::fence) fences += fmt::format("{}/{},", primitive.id, operation.action);
    }
  }
  std::string maintenance;
  for (const Node& node : config.nodes) {
    if (node_options(node).maintenance) maintenance += fmt::format("{},", node.id.get());
  }
  const ClusterOptions options = cluster_options(config);
  TraceEvent event;
  event.kind = TraceKind::config;
  event.text = {{"groups", groups},
                {"orders", orders},
                {"hash", entry.hash},
                {"unmanaged", unmanaged},
                {"fences", fences},
                {"maintenance", maintenance},
                {"maintenance_mode", options.maintenance_mode ? "yes" : "no"},
                {"stonith", options.stonith_enabled ? "yes" : "no"}};
  return event;
}

std::optional<TraceEvent> message_event(TraceKind kind, const StreamMessage& message) {
  TraceEvent event;
  event.kind = kind;
  event.text = std::visit([](const auto& body) { return body_text(body); }, message.body);
  if (event.text.empty()) return std::nullopt;
  event.text["sender"] = fmt::format("{}", message.sender.get());
  event.text["sender_boot"] = message.incarnation.boot.get();
  event.text["ring"] = fmt::format("{}", message.ring);
  event.text["epoch"] = fmt::format("{}", message.epoch);
  return event;
}

}  // namespace duet::sim
