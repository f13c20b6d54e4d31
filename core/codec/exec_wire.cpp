// SPDX-License-Identifier: Apache-2.0
// Orders to duet-execd and its replies, one by one. What duet-execd accepts runs as root: every field is checked here,
// and the directories of the agents are checked again where they are opened.
#include "core/codec/exec_wire.hpp"

#include "core/base/limits.hpp"
#include "core/codec/enums.hpp"

namespace duet::v1 {

namespace {

struct PutRequest {
  ExecRequest& wire;

  void operator()(const duet::ExecHello& value) const {
    wire.mutable_hello()->set_major(value.major);
    wire.mutable_hello()->set_pid(value.pid);
  }
  void operator()(const duet::RunAgent& value) const {
    RunAgent& out = *wire.mutable_run_agent();
    out.set_run(value.run);
    put(*out.mutable_op(), value.op);
    out.set_resource(value.resource);
    put(*out.mutable_agent(), value.agent);
    out.set_action(to_wire(value.action));
    out.set_interval_ns(value.interval.count());
    out.set_check_level(value.check_level);
    put_attributes(*out.mutable_parameters(), value.parameters);
    put_attributes(*out.mutable_meta(), value.meta);
    out.set_node_name(value.node_name);
    out.set_timeout_ns(value.timeout.count());
    if (value.not_after) out.set_not_after_ns(value.not_after->since_origin().count());
  }
  void operator()(const duet::CancelRun& value) const { wire.mutable_cancel_run()->set_run(value.run); }
  void operator()(const duet::AckResult& value) const { wire.mutable_ack_result()->set_run(value.run); }
  void operator()(const duet::RunFenceAgent& value) const {
    RunFenceAgent& out = *wire.mutable_run_fence_agent();
    out.set_run(value.run);
    out.set_agent(value.agent);
    out.set_action(value.action);
    put_attributes(*out.mutable_parameters(), value.parameters);
    out.set_timeout_ns(value.timeout.count());
  }
  void operator()(const duet::WatchResource& value) const {
    WatchResource& out = *wire.mutable_watch_resource();
    out.set_resource(value.resource);
    put(*out.mutable_agent(), value.agent);
    put_attributes(*out.mutable_parameters(), value.parameters);
  }
  void operator()(const duet::UnwatchResource& value) const {
    wire.mutable_unwatch_resource()->set_resource(value.resource);
  }
  void operator()(const duet::ForgetResource& value) const {
    wire.mutable_forget_resource()->set_resource(value.resource);
    put(*wire.mutable_forget_resource()->mutable_agent(), value.agent);
  }
  void operator()(const duet::RebootNow& value) const {
    wire.mutable_reboot_now()->set_reason(display_text(value.reason, limits::text_length));
  }
  void operator()(const duet::QueryMetadata& value) const {
    wire.mutable_query_metadata()->set_run(value.run);
    put(*wire.mutable_query_metadata()->mutable_agent(), value.agent);
  }
};

void take_run(Check& check, std::uint64_t wire, std::uint64_t& out) {
  if (wire == 0) check.refuse("run", "0", "the number of a run: it is at least 1");
  out = wire;
}

void take(Check& check, const ExecHello& wire, duet::ExecHello& value) {
  check.number("major", wire.major(), 1, 65535, value.major);
  value.pid = wire.pid();
}

void take(Check& check, const RunAgent& wire, duet::RunAgent& value) {
  take_run(check, wire.run(), value.run);
  take_part(check, "op", wire.op(), value.op);
  check.id("resource", wire.resource(), value.resource);
  take_part(check, "agent", wire.agent(), value.agent);
  take_enum(check, "action", wire.action(), value.action);
  check.duration("interval", wire.interval_ns(), value.interval);
  value.check_level = wire.check_level();
  take_attributes(check, "parameters", wire.parameters(), value.parameters);
  take_attributes(check, "meta", wire.meta(), value.meta);
  check.node_name("node_name", wire.node_name(), value.node_name);
  check.duration("timeout", wire.timeout_ns(), value.timeout);
  if (wire.has_not_after_ns()) {
    if (wire.not_after_ns() < 0) {
      check.refuse("not_after", std::to_string(wire.not_after_ns()), "a point on the boot-time clock: it is below 0");
    }
    value.not_after = Instant{Duration{wire.not_after_ns()}};
  }
}

void take(Check& check, const CancelRun& wire, duet::CancelRun& value) {
  take_run(check, wire.run(), value.run);
}

void take(Check& check, const AckResult& wire, duet::AckResult& value) {
  take_run(check, wire.run(), value.run);
}

void take(Check& check, const RunFenceAgent& wire, duet::RunFenceAgent& value) {
  take_run(check, wire.run(), value.run);
  take_agent_name(check, "agent", wire.agent(), value.agent);
  check.name("action", wire.action(), value.action);
  take_attributes(check, "parameters", wire.parameters(), value.parameters);
  check.duration("timeout", wire.timeout_ns(), value.timeout);
}

void take(Check& check, const WatchResource& wire, duet::WatchResource& value) {
  check.id("resource", wire.resource(), value.resource);
  take_part(check, "agent", wire.agent(), value.agent);
  take_attributes(check, "parameters", wire.parameters(), value.parameters);
}

void take(Check& check, const UnwatchResource& wire, duet::UnwatchResource& value) {
  check.id("resource", wire.resource(), value.resource);
}

void take(Check& check, const ForgetResource& wire, duet::ForgetResource& value) {
  check.id("resource", wire.resource(), value.resource);
  take_part(check, "agent", wire.agent(), value.agent);
}

void take(Check& check, const RebootNow& wire, duet::RebootNow& value) {
  check.text("reason", wire.reason(), limits::text_length, value.reason);
}

void take(Check& check, const QueryMetadata& wire, duet::QueryMetadata& value) {
  take_run(check, wire.run(), value.run);
  take_part(check, "agent", wire.agent(), value.agent);
}

struct PutReply {
  ExecReply& wire;

  void operator()(const duet::ExecWelcome& value) const {
    ExecWelcome& out = *wire.mutable_welcome();
    out.set_major(value.major);
    out.set_boot(value.boot.get());
    out.set_duetd_start(value.duetd_start);
    put_list(*out.mutable_runs(), value.runs);
  }
  void operator()(const duet::RunBegun& value) const { wire.mutable_run_begun()->set_run(value.run); }
  void operator()(const duet::RunEnded& value) const {
    RunEnded& out = *wire.mutable_run_ended();
    out.set_run(value.run);
    put(*out.mutable_outcome(), value.outcome);
    out.set_output(value.output);
  }
  void operator()(const duet::ResourceHint& value) const {
    wire.mutable_resource_hint()->set_resource(value.resource);
    wire.mutable_resource_hint()->set_what(display_text(value.what, limits::text_length));
  }
};

void take(Check& check, const ExecWelcome& wire, duet::ExecWelcome& value) {
  check.number("major", wire.major(), 1, 65535, value.major);
  std::string boot;
  check.digest("boot", wire.boot(), boot);
  value.boot = BootId{boot};
  value.duetd_start = wire.duetd_start();
  take_list(check, "runs", wire.runs(), limits::kept_runs, value.runs);
}

void take(Check& check, const RunBegun& wire, duet::RunBegun& value) {
  take_run(check, wire.run(), value.run);
}

void take(Check& check, const RunEnded& wire, duet::RunEnded& value) {
  take_run(check, wire.run(), value.run);
  take_part(check, "outcome", wire.outcome(), value.outcome);
  if (check.within("output", wire.output().size(), limits::agent_output_large)) value.output = wire.output();
}

void take(Check& check, const ResourceHint& wire, duet::ResourceHint& value) {
  check.id("resource", wire.resource(), value.resource);
  check.text("what", wire.what(), limits::text_length, value.what);
}

template <class Value, class Wire, class Variant>
void take_as(Check& check, const char* field, const Wire& wire, Variant& out) {
  const Check::Scope scope{check, field};
  take(check, wire, out.template emplace<Value>());
}

}  // namespace

void put(ExecRequest& wire, const duet::ExecRequest& value) {
  std::visit(PutRequest{wire}, value);
}

void take(Check& check, const ExecRequest& wire, duet::ExecRequest& value) {
  switch (wire.request_case()) {
    case ExecRequest::kHello:
      return take_as<duet::ExecHello>(check, "hello", wire.hello(), value);
    case ExecRequest::kRunAgent:
      return take_as<duet::RunAgent>(check, "run_agent", wire.run_agent(), value);
    case ExecRequest::kCancelRun:
      return take_as<duet::CancelRun>(check, "cancel_run", wire.cancel_run(), value);
    case ExecRequest::kAckResult:
      return take_as<duet::AckResult>(check, "ack_result", wire.ack_result(), value);
    case ExecRequest::kRunFenceAgent:
      return take_as<duet::RunFenceAgent>(check, "run_fence_agent", wire.run_fence_agent(), value);
    case ExecRequest::kWatchResource:
      return take_as<duet::WatchResource>(check, "watch_resource", wire.watch_resource(), value);
    case ExecRequest::kUnwatchResource:
      return take_as<duet::UnwatchResource>(check, "unwatch_resource", wire.unwatch_resource(), value);
    case ExecRequest::kForgetResource:
      return take_as<duet::ForgetResource>(check, "forget_resource", wire.forget_resource(), value);
    case ExecRequest::kRebootNow:
      return take_as<duet::RebootNow>(check, "reboot_now", wire.reboot_now(), value);
    case ExecRequest::kQueryMetadata:
      return take_as<duet::QueryMetadata>(check, "query_metadata", wire.query_metadata(), value);
    case ExecRequest::REQUEST_NOT_SET:
      return check.refuse("", {}, "an order that is known here");
  }
}

void put(KeptRun& wire, const duet::KeptRun& value) {
  wire.set_run(value.run);
  put(*wire.mutable_op(), value.op);
  wire.set_resource(value.resource);
  wire.set_action(to_wire(value.action));
  wire.set_interval_ns(value.interval.count());
  if (value.outcome) put(*wire.mutable_outcome(), *value.outcome);
}

void take(Check& check, const KeptRun& wire, duet::KeptRun& value) {
  take_run(check, wire.run(), value.run);
  take_part(check, "op", wire.op(), value.op);
  check.id("resource", wire.resource(), value.resource);
  take_enum(check, "action", wire.action(), value.action);
  check.duration("interval", wire.interval_ns(), value.interval);
  if (wire.has_outcome()) take_part(check, "outcome", wire.outcome(), value.outcome.emplace());
}

void put(ExecReply& wire, const duet::ExecReply& value) {
  std::visit(PutReply{wire}, value);
}

void take(Check& check, const ExecReply& wire, duet::ExecReply& value) {
  switch (wire.reply_case()) {
    case ExecReply::kWelcome:
      return take_as<duet::ExecWelcome>(check, "welcome", wire.welcome(), value);
    case ExecReply::kRunBegun:
      return take_as<duet::RunBegun>(check, "run_begun", wire.run_begun(), value);
    case ExecReply::kRunEnded:
      return take_as<duet::RunEnded>(check, "run_ended", wire.run_ended(), value);
    case ExecReply::kResourceHint:
      return take_as<duet::ResourceHint>(check, "resource_hint", wire.resource_hint(), value);
    case ExecReply::REPLY_NOT_SET:
      return check.refuse("", {}, "a reply that is known here");
  }
}

}  // namespace duet::v1
