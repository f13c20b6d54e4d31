// SPDX-License-Identifier: Apache-2.0
// What NodeCore is told, and what it asks for. The driver (duetd, or the simulator) turns callbacks into events and
// performs commands in the order in which they are given.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/message/exec.hpp"
#include "core/message/ipc.hpp"
#include "core/message/ledger.hpp"
#include "core/message/stream.hpp"
#include "core/trace/trace.hpp"

namespace duet {

// ---- events ---------------------------------------------------------------------------------------------------------

enum class LeaveReason : std::uint8_t { leave, node_down, process_down };

/// A configuration change of the CPG group. `members` is everybody who is in it now (self included), `left` who went.
/// Handle `left` before `joined`: a quick restart shows a node in both.
struct ViewChanged {
  std::uint64_t ring = 0;
  std::vector<NodeId> members;
  struct Left {
    NodeId node;
    LeaveReason reason{};
  };
  std::vector<Left> left;
  std::vector<NodeId> joined;
};
/// corosync's quorum and node membership: another connection than CPG's, so neither is before the other.
struct QuorumChanged {
  bool quorate = false;
  bool waiting_for_all = false;
  std::vector<NodeId> members;  ///< nodes that corosync sees, daemon or not
};
/// The CPG connection is lost; nothing is delivered any more until StreamOpened.
struct StreamClosed {};
/// What corosync's live configuration says about the assumptions on it (invariants.md section 5).
struct Transport {
  bool encrypted = true;      ///< A9: cipher and hash are not `none`
  bool waits_for_all = true;  ///< A3, R5: a node that boots alone is not quorate
};
/// Joined the group (again) with a new handle; a ViewChanged that contains self follows.
struct StreamOpened {
  Transport transport;
};
/// `sender` is what CPG reports; it equals message.sender (the driver drops others).
struct Delivered {
  StreamMessage message;
};
/// A message of `sender` that could not be decoded, or that is not its own (SEC-CPG 4).
struct MessageRefused {
  NodeId sender;
  std::string why;
};
/// Answer to Persist. On failure nothing of it is durable.
struct Persisted {
  std::uint64_t token = 0;
  bool ok = true;
  std::string error;
};
struct ExecConnected {
  ExecWelcome welcome;
};
struct ExecLost {};
struct ExecReplied {
  ExecReply reply;
};  ///< RunBegun, RunEnded, ResourceHint
/// A client of the local IPC asks for a change. `client` names it in the answer.
struct AdminAsked {
  std::uint64_t client = 0;
  AdminRequest request;
};
/// SIGTERM: leave cleanly, then Stopped.
struct StopWanted {};
struct TimePassed {};

using Event = std::variant<ViewChanged, QuorumChanged, StreamClosed, StreamOpened, Delivered, MessageRefused, Persisted,
                           ExecConnected, ExecLost, ExecReplied, AdminAsked, StopWanted, TimePassed>;

// ---- commands
// ---------------------------------------------------------------------------------------------------------

/// Send to the group. The driver keeps order and retries on flow control (A7).
struct Multicast {
  StreamMessage message;
};
/// Drop every message that was given to Multicast and not yet handed to corosync.
struct DiscardUnsent {};
/// Store all records in one transaction; answer with Persisted.
struct Persist {
  std::uint64_t token = 0;
  std::vector<StoreRecord> records;
};
/// To duet-execd.
struct Execute {
  ExecRequest request;
};
struct Answer {
  std::uint64_t client = 0;
  AdminReply reply;
};
/// For the log (and the events of the command line): a decision with its reason.
struct LogLine {
  enum class Level : std::uint8_t { debug, info, notice, warning, error } level = Level::info;
  std::string text;
};
/// For the checkers.
struct Trace {
  TraceEvent event;
};
/// The clean leave is complete, or was given up (`reason` then not empty): the process may end.
struct Stopped {
  std::string reason;
};

using Command = std::variant<Multicast, DiscardUnsent, Persist, Execute, Answer, LogLine, Trace, Stopped>;

}  // namespace duet
