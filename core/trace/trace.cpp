// SPDX-License-Identifier: Apache-2.0
// Names of the trace kinds and their JSON lines.
#include "core/trace/trace.hpp"

#include <fmt/format.h>

#include "core/base/escape.hpp"
#include "core/base/invariant.hpp"

namespace duet {

namespace {

/// JSON string of text that may hold anything: control bytes and broken UTF-8 are escaped first, so only `"` and `\`
/// are left to escape.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : escape_line(text)) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

}  // namespace

std::string_view TraceEvent::get(std::string_view key) const {
  const auto found = text.find(std::string{key});
  return found == text.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view to_string(TraceKind kind) {
  switch (kind) {
    case TraceKind::boot:
      return "boot";
    case TraceKind::power_off:
      return "power_off";
    case TraceKind::proc_start:
      return "proc_start";
    case TraceKind::proc_exit:
      return "proc_exit";
    case TraceKind::pause:
      return "pause";
    case TraceKind::resume:
      return "resume";
    case TraceKind::view:
      return "view";
    case TraceKind::op_begin:
      return "op_begin";
    case TraceKind::op_end:
      return "op_end";
    case TraceKind::truth_up:
      return "truth_up";
    case TraceKind::truth_down:
      return "truth_down";
    case TraceKind::fence_cause:
      return "fence_cause";
    case TraceKind::fence_delay:
      return "fence_delay";
    case TraceKind::fence_dispatch:
      return "fence_dispatch";
    case TraceKind::dev_result:
      return "dev_result";
    case TraceKind::fence_done:
      return "fence_done";
    case TraceKind::fence_cancel:
      return "fence_cancel";
    case TraceKind::clean_leave:
      return "clean_leave";
    case TraceKind::join:
      return "join";
    case TraceKind::commit_propose:
      return "commit_propose";
    case TraceKind::commit_durable:
      return "commit_durable";
    case TraceKind::commit_ack:
      return "commit_ack";
    case TraceKind::store_load:
      return "store_load";
    case TraceKind::admin_req:
      return "admin_req";
    case TraceKind::admin_resp:
      return "admin_resp";
    case TraceKind::msg_send:
      return "msg_send";
    case TraceKind::msg_recv:
      return "msg_recv";
    case TraceKind::msg_reject:
      return "msg_reject";
    case TraceKind::evidence:
      return "evidence";
    case TraceKind::self_fence:
      return "self_fence";
    case TraceKind::assert_fail:
      return "assert_fail";
    case TraceKind::decision:
      return "decision";
    case TraceKind::exec_begin:
      return "exec_begin";
    case TraceKind::exec_end:
      return "exec_end";
    case TraceKind::fault:
      return "fault";
    case TraceKind::expect:
      return "expect";
    case TraceKind::digest:
      return "digest";
    case TraceKind::config:
      return "config";
  }
  invariant_failed("TraceKind out of range", __FILE__, __LINE__);
}

std::string to_json_line(const TraceEvent& event, std::int64_t time_ns) {
  std::string line = fmt::format("{{\"t\":{}.{:09},\"kind\":\"{}\",\"node\":{}", time_ns / 1'000'000'000,
                                 time_ns % 1'000'000'000, to_string(event.kind), event.node);
  if (!event.boot.empty()) line += fmt::format(",\"boot\":{},\"start\":{}", quoted(event.boot), event.start);
  for (const auto& [key, value] : event.text) line += fmt::format(",{}:{}", quoted(key), quoted(value));
  return line + "}";
}

}  // namespace duet
