// SPDX-License-Identifier: Apache-2.0
// Typed events of what a node did and of what really happened, in one form for simulator and lab (invariants.md section
// 2). Times are added by whoever records them. The checkers read nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace duet {

enum class TraceKind : std::uint8_t {
  boot,
  power_off,
  proc_start,
  proc_exit,
  pause,
  resume,
  view,
  op_begin,
  op_end,
  truth_up,
  truth_down,
  fence_cause,
  fence_delay,
  fence_dispatch,
  dev_result,
  fence_done,
  fence_cancel,
  clean_leave,
  join,
  commit_propose,
  commit_durable,
  commit_ack,
  store_load,
  admin_req,
  admin_resp,
  msg_send,
  msg_recv,
  msg_reject,
  evidence,
  self_fence,
  assert_fail,
  decision,
  exec_begin,
  exec_end,
  fault,
  expect,
  digest,
  config,
};

/// Keys of `text` and `number`, as far as they apply to the kind. Absent = not known.
///   op_begin, op_end:  resource, action, op ("epoch.seq.giver", empty for recurring), interval_ms, status, rc, mode
///                      (normal | solo | inplace), evidence (ids, comma separated: every other boot that was excluded)
///   fence_*:           target, target_boot, cause, cause_kind (lost, stop_failed, ...), device, step, request
///   fence_done:        result (ok | failed), verified (yes | no)
///   evidence:          id, evidence_kind (E3 .. E7), target, target_boot
///   commit_*:          epoch, index, hash, request; commit_ack: required (nodes), mode (joined | solo)
///   view:              members (comma separated), ring, quorate
///   join:              member, member_boot, step (hello | snapshot | recorded | joined)
///   decision:          rule, what, why
///   exec_begin/end:    the executor's truth: an agent really began, ended: resource, action, op, run, status, rc
///   msg_send/recv:     body (order | op_result | snapshot | evidence), sender, sender_boot, ring, resource, action,
///                      target, op, highest, status, rc
///   commit_durable:    also step (entry | committed | solo) and previous_hash: the transaction is on this node's disk
///   store_load:        epoch, index, hash of the newest committed entry, damaged
///   admin_req/resp:    client, what, target, result (ok | failed | unknown), code, epoch, index
///   dev_result:        device, action, target, target_boot (what the device really did it to), run, rc, late
///   fault:             fault (name of the fault table), target, step (begin | end), length_ms
///   expect:            rule (L1 ..), what (running | stopped | joined | quiet | fenced), resource, nodes, since_ns
///   digest:            place (ring and number in it), digest: of the shared state there, while joined
///   config:            groups, orders, managed (compact text): what S14 is checked against
struct TraceEvent {
  TraceKind kind{};
  std::uint32_t node = 0;
  std::string boot;
  std::uint32_t start = 0;
  std::map<std::string, std::string> text;

  [[nodiscard]] std::string_view get(std::string_view key) const;
};

std::string_view to_string(TraceKind kind);

/// One JSON object without line feed: {"t":1.234567890,"kind":"op_begin","node":1,...}. `time_ns` on the recorder's
/// clock.
[[nodiscard]] std::string to_json_line(const TraceEvent& event, std::int64_t time_ns);

}  // namespace duet
