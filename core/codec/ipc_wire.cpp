// SPDX-License-Identifier: Apache-2.0
// Requests of the command line and replies to it, one by one.
#include "core/codec/ipc_wire.hpp"

#include "core/base/limits.hpp"
#include "core/codec/admin_wire.hpp"
#include "core/codec/enums.hpp"

namespace duet::v1 {

void put(FencingProgress& wire, const duet::FencingProgress& value) {
  wire.set_target(value.target.get());
  wire.set_cause(to_wire(value.cause));
  wire.set_step(display_text(value.step, limits::text_length));
  wire.set_attempts(value.attempts);
  wire.set_last_error(display_text(value.last_error, limits::text_length));
  wire.set_next_try_ms(value.next_try_ms);
}

void take(Check& check, const FencingProgress& wire, duet::FencingProgress& value) {
  check.node("target", wire.target(), value.target);
  take_enum(check, "cause", wire.cause(), value.cause);
  check.text("step", wire.step(), limits::text_length, value.step);
  value.attempts = wire.attempts();
  check.text("last_error", wire.last_error(), limits::text_length, value.last_error);
  check.milliseconds("next_try_ms", wire.next_try_ms(), value.next_try_ms);
}

void put(DeviceHealth& wire, const duet::DeviceHealth& value) {
  wire.set_device(value.device);
  wire.set_known(value.known);
  wire.set_healthy(value.healthy);
  wire.set_detail(display_text(value.detail, limits::text_length));
  wire.set_age_ms(value.age_ms);
  wire.set_node(value.node.get());
}

void take(Check& check, const DeviceHealth& wire, duet::DeviceHealth& value) {
  check.id("device", wire.device(), value.device);
  value.known = wire.known();
  value.healthy = wire.healthy();
  check.text("detail", wire.detail(), limits::text_length, value.detail);
  check.milliseconds("age_ms", wire.age_ms(), value.age_ms);
  check.node("node", wire.node(), value.node);
}

void put(Finding& wire, const duet::Finding& value) {
  wire.set_error(value.error);
  wire.set_subject(display_text(value.subject, limits::name_length));
  wire.set_text(display_text(value.text, limits::text_length));
  wire.set_fix(display_text(value.fix, limits::text_length));
}

void take(Check& check, const Finding& wire, duet::Finding& value) {
  value.error = wire.error();
  check.text("subject", wire.subject(), limits::name_length, value.subject);
  check.text("text", wire.text(), limits::text_length, value.text);
  check.text("fix", wire.fix(), limits::text_length, value.fix);
}

void put(HistoryItem& wire, const duet::HistoryItem& value) {
  put(*wire.mutable_position(), value.position);
  wire.set_hash(value.hash);
  wire.set_author(value.author);
  wire.set_command(value.command);
  wire.set_unix_ms(value.unix_ms);
  put(*wire.mutable_config(), value.config);
}

void take(Check& check, const HistoryItem& wire, duet::HistoryItem& value) {
  take_part(check, "position", wire.position(), value.position);
  check.digest_or_empty("hash", wire.hash(), value.hash);
  check.name_or_empty("author", wire.author(), value.author);
  check.text("command", wire.command(), limits::command_length, value.command);
  check.wall_time("unix_ms", wire.unix_ms(), value.unix_ms);
  take_part(check, "config", wire.config(), value.config);
}

namespace {

constexpr std::size_t history_max = 1000;   // ten times what a store keeps (StoreImage)
constexpr std::size_t warnings_max = 1000;  // one for each resource
constexpr std::size_t overrides_max = 1000;

void put(ClusterView& wire, const duet::ClusterView& value) {
  wire.set_generation(value.generation);
  wire.set_self(value.self.get());
  wire.set_node_name(value.node_name);
  wire.set_version(value.version);
  wire.set_corosync_connected(value.corosync_connected);
  wire.set_executor_connected(value.executor_connected);
  wire.set_quorate(value.quorate);
  wire.set_waiting_for_all(value.waiting_for_all);
  wire.set_now_unix_ms(value.now_unix_ms);
  put(*wire.mutable_committed(), value.committed);
  put(*wire.mutable_state(), value.state);
  if (value.effective != value.committed.config) put(*wire.mutable_effective(), value.effective);
  put_list(*wire.mutable_overrides(), value.overrides);
  put_list(*wire.mutable_fencing(), value.fencing);
  put_list(*wire.mutable_devices(), value.devices);
  put_texts(*wire.mutable_warnings(), value.warnings, limits::text_length);
  put_list(*wire.mutable_unsafe(), value.unsafe);
}

void take(Check& check, const ClusterView& wire, duet::ClusterView& value) {
  value.generation = wire.generation();
  value.self = NodeId{wire.self()};
  if (!wire.node_name().empty()) check.node_name("node_name", wire.node_name(), value.node_name);
  check.name_or_empty("version", wire.version(), value.version);
  value.corosync_connected = wire.corosync_connected();
  value.executor_connected = wire.executor_connected();
  value.quorate = wire.quorate();
  value.waiting_for_all = wire.waiting_for_all();
  check.wall_time("now_unix_ms", wire.now_unix_ms(), value.now_unix_ms);
  take_part(check, "committed", wire.committed(), value.committed);
  take_part(check, "state", wire.state(), value.state);
  if (wire.has_effective()) {
    take_part(check, "effective", wire.effective(), value.effective);
  } else {
    value.effective = value.committed.config;
  }
  take_list(check, "overrides", wire.overrides(), overrides_max, value.overrides);
  take_list(check, "fencing", wire.fencing(), limits::nodes, value.fencing);
  take_list(check, "devices", wire.devices(), limits::resources, value.devices);
  take_texts(check, "warnings", wire.warnings(), warnings_max, limits::text_length, value.warnings);
  take_list(check, "unsafe", wire.unsafe(), limits::nodes, value.unsafe);
}

void take(Check& check, const GetCluster& wire, duet::GetCluster& value) {
  constexpr auto wait_max = std::chrono::duration_cast<std::chrono::milliseconds>(limits::ipc_wait_max).count();
  value.newer_than = wire.newer_than();
  check.number("wait_ms", wire.wait_ms(), 0, wait_max, value.wait_ms);
}

}  // namespace

void put(IpcRequest& wire, const duet::IpcRequest& value) {
  wire.set_number(value.number);
  if (const auto* cluster = std::get_if<duet::GetCluster>(&value.body)) {
    wire.mutable_get_cluster()->set_newer_than(cluster->newer_than);
    wire.mutable_get_cluster()->set_wait_ms(cluster->wait_ms);
  } else if (const auto* history = std::get_if<duet::GetHistory>(&value.body)) {
    wire.mutable_get_history()->set_count(history->count);
  } else {
    put(*wire.mutable_admin(), std::get<duet::AdminRequest>(value.body));
  }
}

void take(Check& check, const IpcRequest& wire, duet::IpcRequest& value) {
  value.number = wire.number();
  switch (wire.body_case()) {
    case IpcRequest::kGetCluster: {
      const Check::Scope scope{check, "get_cluster"};
      return take(check, wire.get_cluster(), value.body.emplace<duet::GetCluster>());
    }
    case IpcRequest::kGetHistory:
      value.body = duet::GetHistory{wire.get_history().count()};
      return;
    case IpcRequest::kAdmin:
      return take_part(check, "admin", wire.admin(), value.body.emplace<duet::AdminRequest>());
    case IpcRequest::BODY_NOT_SET:
      return check.refuse("body", {}, "a request that is known here");
  }
}

void put(IpcReply& wire, const duet::IpcReply& value) {
  wire.set_number(value.number);
  if (const auto* cluster = std::get_if<duet::ClusterView>(&value.body)) {
    put(*wire.mutable_cluster(), *cluster);
  } else if (const auto* history = std::get_if<duet::HistoryReply>(&value.body)) {
    put_list(*wire.mutable_history()->mutable_items(), history->items);
  } else {
    put(*wire.mutable_admin(), std::get<duet::AdminReply>(value.body));
  }
}

void take(Check& check, const IpcReply& wire, duet::IpcReply& value) {
  value.number = wire.number();
  switch (wire.body_case()) {
    case IpcReply::kCluster: {
      const Check::Scope scope{check, "cluster"};
      return take(check, wire.cluster(), value.body.emplace<duet::ClusterView>());
    }
    case IpcReply::kHistory: {
      const Check::Scope scope{check, "history"};
      return take_list(check, "items", wire.history().items(), history_max,
                       value.body.emplace<duet::HistoryReply>().items);
    }
    case IpcReply::kAdmin:
      return take_part(check, "admin", wire.admin(), value.body.emplace<duet::AdminReply>());
    case IpcReply::BODY_NOT_SET:
      return check.refuse("body", {}, "a reply that is known here");
  }
}

}  // namespace duet::v1
