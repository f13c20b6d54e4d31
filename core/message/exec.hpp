// SPDX-License-Identifier: Apache-2.0
// Orders from duetd to duet-execd and what comes back (protocol.md 9). Typed: no command line, no path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "core/model/config.hpp"
#include "core/model/state.hpp"

namespace duet {

// ---- duetd -> execd -------------------------------------------------------------------------------------------------

struct ExecHello {
  std::uint16_t major = 1;
  std::uint32_t pid = 0;
};

/// Run one action of a resource agent, systemd unit or init script.
struct RunAgent {
  std::uint64_t run = 0;  ///< chosen by duetd, unique in its incarnation; kept by execd with the result
  OpId op;                ///< valid for orders, not for recurring monitors
  ObjectId resource;
  AgentRef agent;
  Action action{};
  Duration interval{0};
  std::uint32_t check_level = 0;  ///< OCF_CHECK_LEVEL
  Attributes parameters;
  Attributes meta;  ///< becomes OCF_RESKEY_CRM_meta_*
  std::string node_name;
  Duration timeout{0};
  /// A start is refused (voided) when the boot-time clock is past this: a paused process must not act on old orders
  /// (S12).
  std::optional<Instant> not_after;
};
/// Kill it; the answer is RunEnded with status cancelled (or its result, if it was quicker).
struct CancelRun {
  std::uint64_t run = 0;
};
/// Forget a kept result.
struct AckResult {
  std::uint64_t run = 0;
};
/// Run a fence agent; parameters go by stdin. Not kept over a restart of duetd.
struct RunFenceAgent {
  std::uint64_t run = 0;
  std::string agent;      ///< file name, fence_*
  std::string action;     ///< off, on, reboot, status, monitor, list, metadata
  Attributes parameters;  ///< complete, without pcmk_*; nodename and plug/port are in it
  Duration timeout{0};
};
/// Report at once when the resource seems to have gone: unit inactive, address or link gone, main process exited.
struct WatchResource {
  ObjectId resource;
  AgentRef agent;
  Attributes parameters;
};
struct UnwatchResource {
  ObjectId resource;
};
/// The resource is no longer ours: remove the unit's drop-in.
struct ForgetResource {
  ObjectId resource;
  AgentRef agent;
};
/// reboot(2). In a container that ends the container.
struct RebootNow {
  std::string reason;
};
/// Meta-data of an agent (XML), for validation and descriptions.
struct QueryMetadata {
  std::uint64_t run = 0;
  AgentRef agent;
};

using ExecRequest = std::variant<ExecHello, RunAgent, CancelRun, AckResult, RunFenceAgent, WatchResource,
                                 UnwatchResource, ForgetResource, RebootNow, QueryMetadata>;

// ---- execd -> duetd -------------------------------------------------------------------------------------------------

struct KeptRun {
  std::uint64_t run = 0;
  OpId op;
  ObjectId resource;
  Action action{};
  Duration interval{0};
  std::optional<OpOutcome> outcome;  ///< absent: still running
};
struct ExecWelcome {
  std::uint16_t major = 1;
  BootId boot;
  std::uint32_t duetd_start =
      0;                      ///< number of this connection of duetd in this boot: the start counter of its incarnation
  std::vector<KeptRun> runs;  ///< operations (not fence agents) that run or whose results were not acknowledged
};
struct RunBegun {
  std::uint64_t run = 0;
};
struct RunEnded {
  std::uint64_t run = 0;
  OpOutcome outcome;
  std::string output;  ///< stdout: of fence agents (list, metadata) and meta-data; else empty
};
/// Something about a watched resource changed for the worse; a hint to monitor now, never a result by itself.
struct ResourceHint {
  ObjectId resource;
  std::string what;  ///< "unit inactive", "address 10.0.0.1 removed", "link eth0 down"
};

using ExecReply = std::variant<ExecWelcome, RunBegun, RunEnded, ResourceHint>;

}  // namespace duet
