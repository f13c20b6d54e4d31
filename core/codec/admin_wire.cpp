// SPDX-License-Identifier: Apache-2.0
// Actions, requests and replies. Edits of the configuration are in edit_wire.cpp.
#include "core/codec/admin_wire.hpp"

#include "core/base/limits.hpp"
#include "core/codec/enums.hpp"

namespace duet::v1 {

namespace {

struct PutAction {
  ClusterAction& wire;

  void operator()(const duet::MoveResource& value) const {
    wire.mutable_move_resource()->set_id(value.id);
    wire.mutable_move_resource()->set_target(value.target.get());
  }
  void operator()(const duet::CleanupResource& value) const {
    CleanupResource& out = *wire.mutable_cleanup_resource();
    if (value.id) out.set_id(*value.id);
    if (value.node) out.set_node(value.node->get());
    out.set_refresh(value.refresh);
    out.set_strict(value.strict);
  }
  void operator()(const duet::FenceNode& value) const {
    wire.mutable_fence_node()->set_target(value.target.get());
    wire.mutable_fence_node()->set_action(to_wire(value.action));
  }
  void operator()(const duet::ConfirmFenced& value) const {
    wire.mutable_confirm_fenced()->set_target(value.target.get());
  }
  void operator()(const duet::ClearFenceHistory& value) const {
    ClearFenceHistory& out = *wire.mutable_clear_fence_history();
    if (value.target) out.set_target(value.target->get());
  }
  void operator()(const duet::LeaveCluster& /*value*/) const { wire.mutable_leave_cluster(); }
};

void take(Check& check, const MoveResource& wire, duet::MoveResource& value) {
  check.id("id", wire.id(), value.id);
  check.node("target", wire.target(), value.target);
}

void take(Check& check, const CleanupResource& wire, duet::CleanupResource& value) {
  if (wire.has_id()) check.id("id", wire.id(), value.id.emplace());
  if (wire.has_node()) check.node("node", wire.node(), value.node.emplace());
  value.refresh = wire.refresh();
  value.strict = wire.strict();
}

void take(Check& check, const FenceNode& wire, duet::FenceNode& value) {
  check.node("target", wire.target(), value.target);
  take_enum(check, "action", wire.action(), value.action);
}

void take(Check& check, const ConfirmFenced& wire, duet::ConfirmFenced& value) {
  check.node("target", wire.target(), value.target);
}

void take(Check& check, const ClearFenceHistory& wire, duet::ClearFenceHistory& value) {
  if (wire.has_target()) check.node("target", wire.target(), value.target.emplace());
}

template <class Value, class Wire>
void take_as(Check& check, const char* field, const Wire& wire, duet::ClusterAction& out) {
  const Check::Scope scope{check, field};
  take(check, wire, out.emplace<Value>());
}

void put(Error& wire, const duet::Error& value) {
  wire.set_code(to_wire(value.code));
  wire.set_what(display_text(value.what, limits::preview_length));
  wire.set_why(display_text(value.why, limits::preview_length));
  wire.set_fix(display_text(value.fix, limits::preview_length));
}

void take(Check& check, const Error& wire, duet::Error& value) {
  take_enum(check, "code", wire.code(), value.code);
  check.text("what", wire.what(), limits::preview_length, value.what);
  check.text("why", wire.why(), limits::preview_length, value.why);
  check.text("fix", wire.fix(), limits::preview_length, value.fix);
}

constexpr std::size_t notes_max = limits::resources;  // one for each resource

}  // namespace

void put(ClusterAction& wire, const duet::ClusterAction& value) {
  std::visit(PutAction{wire}, value);
}

void take(Check& check, const ClusterAction& wire, duet::ClusterAction& value) {
  switch (wire.action_case()) {
    case ClusterAction::kMoveResource:
      return take_as<duet::MoveResource>(check, "move_resource", wire.move_resource(), value);
    case ClusterAction::kCleanupResource:
      return take_as<duet::CleanupResource>(check, "cleanup_resource", wire.cleanup_resource(), value);
    case ClusterAction::kFenceNode:
      return take_as<duet::FenceNode>(check, "fence_node", wire.fence_node(), value);
    case ClusterAction::kConfirmFenced:
      return take_as<duet::ConfirmFenced>(check, "confirm_fenced", wire.confirm_fenced(), value);
    case ClusterAction::kClearFenceHistory:
      return take_as<duet::ClearFenceHistory>(check, "clear_fence_history", wire.clear_fence_history(), value);
    case ClusterAction::kLeaveCluster:
      value = duet::LeaveCluster{};
      return;
    case ClusterAction::ACTION_NOT_SET:
      return check.refuse("", {}, "an action that is known here");
  }
}

void put(AdminRequest& wire, const duet::AdminRequest& value) {
  wire.set_author(display_text(value.author, limits::name_length));
  wire.set_command(display_text(value.command, limits::command_length));
  wire.set_unix_ms(value.unix_ms);
  wire.set_dry_run(value.dry_run);
  wire.set_confirmed(value.confirmed);
  if (value.based_on) put(*wire.mutable_based_on(), *value.based_on);
  if (const auto* edits = std::get_if<std::vector<duet::ConfigEdit>>(&value.body)) {
    put_list(*wire.mutable_edits()->mutable_edits(), *edits);
  } else {
    put(*wire.mutable_action(), std::get<duet::ClusterAction>(value.body));
  }
}

void take(Check& check, const AdminRequest& wire, duet::AdminRequest& value) {
  check.name_or_empty("author", wire.author(), value.author);
  check.text("command", wire.command(), limits::command_length, value.command);
  check.wall_time("unix_ms", wire.unix_ms(), value.unix_ms);
  value.dry_run = wire.dry_run();
  value.confirmed = wire.confirmed();
  if (wire.has_based_on()) take_part(check, "based_on", wire.based_on(), value.based_on.emplace());
  switch (wire.body_case()) {
    case AdminRequest::kEdits:
      return take_list(check, "edits", wire.edits().edits(), limits::edits_per_request,
                       value.body.emplace<std::vector<duet::ConfigEdit>>());
    case AdminRequest::kAction:
      return take_part(check, "action", wire.action(), value.body.emplace<duet::ClusterAction>());
    case AdminRequest::BODY_NOT_SET:
      return check.refuse("body", {}, "a request that is known here");
  }
}

void put(AdminReply& wire, const duet::AdminReply& value) {
  if (value.error) put(*wire.mutable_error(), *value.error);
  put(*wire.mutable_position(), value.position);
  put_texts(*wire.mutable_notes(), value.notes, limits::text_length);
  wire.set_preview(display_text(value.preview, limits::preview_length));
}

void take(Check& check, const AdminReply& wire, duet::AdminReply& value) {
  if (wire.has_error()) {
    const Check::Scope scope{check, "error"};
    take(check, wire.error(), value.error.emplace());
  }
  take_part(check, "position", wire.position(), value.position);
  take_texts(check, "notes", wire.notes(), notes_max, limits::text_length, value.notes);
  check.text("preview", wire.preview(), limits::preview_length, value.preview);
}

}  // namespace duet::v1
