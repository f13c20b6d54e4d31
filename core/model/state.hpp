// SPDX-License-Identifier: Apache-2.0
// The shared state: what both nodes agree is known. Changed only by applying messages of the stream, in stream order;
// never reads a clock. Local things (timers, running operations, clients) are not here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"
#include "core/model/config.hpp"
#include "core/model/ids.hpp"
#include "core/model/options.hpp"

namespace duet {

// ---- operations -----------------------------------------------------------------------------------------------------

enum class Action : std::uint8_t { probe, start, stop, monitor };

enum class OpStatus : std::uint8_t {
  done,       ///< the agent ended by itself; its exit code counts
  timed_out,  ///< killed at its time-out
  error,      ///< killed by a signal, or the result was lost
  not_supported,
  not_installed,
  cancelled,  ///< ended by us, or its result was lost: no failure; after a start only a probe tells what runs
  voided,     ///< never begun (stale order, epoch change): no effect at all
};

struct OpOutcome {
  OpStatus status = OpStatus::done;
  std::int32_t exit_code = 0;  ///< OCF exit code (cluster-semantics 1.3)
  std::string reason;          ///< exit reason of the agent, at most 512 bytes, escaped
  std::int64_t unix_ms = 0;    ///< when it ended, display only
  std::int64_t took_ms = 0;
  /// Probe, monitor: what was looked at is what the last start on that node made, with an agent or parameters that are
  /// not the order's.
  bool other_parameters = false;
  friend bool operator==(const OpOutcome&, const OpOutcome&) = default;
};

/// An order that was delivered and whose result was not.
struct PendingOp {
  OpId id;
  Action action = Action::probe;
  std::string why;
  friend bool operator==(const PendingOp&, const PendingOp&) = default;
};

// ---- a resource on a node -------------------------------------------------------------------------------------------

enum class Activity : std::uint8_t {
  unknown,  ///< no probe of this incarnation has ended, or a result was lost
  stopped,
  running,
  failed,  ///< active or possibly active, and not healthy: must be stopped before it is started anywhere
};

/// Failures of one operation of a resource on a node; counts are summed over operations (cluster-semantics 5.2).
struct FailureRecord {
  Action action = Action::monitor;
  Duration interval{0};
  std::int32_t count = 0;  ///< Score::infinite = INFINITY; 0 with on-fail=ignore (shown, not counted)
  OpOutcome last;
  friend bool operator==(const FailureRecord&, const FailureRecord&) = default;
};

struct MayRun {
  BootId boot;
  OpId since;  ///< highest order to start; evidence E1, E2 of an older operation does not count
  friend bool operator==(const MayRun&, const MayRun&) = default;
};

struct ResourceOnNode {
  Activity activity = Activity::unknown;
  bool probed = false;               ///< a probe of the node's present incarnation has ended (S10)
  std::optional<PendingOp> pending;  ///< at most one (S9)
  OpId highest_op;                   ///< highest operation id that any result from there named
  std::optional<MayRun> may_run;     ///< the node's element of MR(r), if any
  bool stop_failed = false;          ///< S2: only evidence clears it
  bool hard_ban = false;             ///< a result 2, 4, 5: not here until cleaned up
  bool needs_stop = false;           ///< failed monitor: stop before the next start, although activity may be `stopped`
  std::vector<FailureRecord> failures;
  friend bool operator==(const ResourceOnNode&, const ResourceOnNode&) = default;
  [[nodiscard]] std::int32_t fail_count() const;  ///< sum, capped at Score::infinite
};

struct ResourceState {
  std::map<NodeId, ResourceOnNode> on;
  bool fatal = false;               ///< a result 6: nowhere until cleaned up
  std::optional<NodeId> preferred;  ///< one-time `move`; forgotten once it runs there
  /// Where it was found or made running last. Keeps a decision while a resource is between its stop and its start: a
  /// restart stays in place (stickiness and ties count for this node as if it were active there).
  std::optional<NodeId> last_node;
  friend bool operator==(const ResourceState&, const ResourceState&) = default;
};

// ---- nodes ----------------------------------------------------------------------------------------------------------

enum class EvidenceKind : std::uint8_t {
  fenced = 3,
  new_boot = 4,
  clean_leave = 5,
  administrator = 6,
  fencing_disabled = 100
};

/// Durable reason why a boot no longer runs anything (E3 .. E6).
struct Evidence {
  EvidenceKind kind{};
  NodeId node;
  BootId boot;
  std::string id;      ///< "E3-7": unique among this cluster's records
  std::string detail;  ///< device, administrator, ...
  /// Of a clean leave: what nobody managed was left running, so these stay in the may-run set of the boot. Ascending.
  std::vector<ObjectId> left_running;
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

enum class Membership : std::uint8_t {
  absent,   ///< not in the view
  present,  ///< in the view; hello, snapshot or probes not finished ("pending")
  joined,
};

struct NodeState {
  Membership membership = Membership::absent;
  Incarnation incarnation;           ///< the last one known; boot empty = never seen
  bool unclean = false;              ///< left without clean leave, and no evidence yet
  bool in_corosync = false;          ///< present in corosync's membership (process down is not node down)
  bool leaving = false;              ///< asked for a clean shutdown
  bool reported = false;             ///< its join report was applied
  std::uint64_t joined_at = 0;       ///< join number: lower = older member = coordinator
  bool in_ledger = false;            ///< a join of this boot was or is being recorded: it may run things; else E7 holds
  std::vector<NodeId> join_acks;     ///< nodes on which this incarnation's join is durable
  std::optional<Evidence> evidence;  ///< against `incarnation.boot`
  std::string why;                   ///< one sentence for people
  friend bool operator==(const NodeState&, const NodeState&) = default;
};

// ---- fencing, failures, history
// ---------------------------------------------------------------------------------------

enum class CauseKind : std::uint8_t {
  lost,           ///< (a) boot left the view without clean leave
  stop_failed,    ///< (b)
  silent,         ///< (c) daemon silent in the view
  resource_rule,  ///< (d) on-fail=fence
  startup,        ///< (e) ledger boot, never seen since
  administrator,  ///< (f)
  notice,         ///< (g) host notice confirmed by the device
};

enum class FenceOutcome : std::uint8_t { pending, succeeded, failed, cancelled };

struct FenceEvent {
  std::string id;
  NodeId target;
  NodeId by;
  BootId boot;
  CauseKind cause{};
  FenceAction action{};
  FenceOutcome outcome = FenceOutcome::pending;
  std::string device;
  std::string detail;
  std::uint32_t attempts = 0;
  std::int64_t unix_ms = 0;
  friend bool operator==(const FenceEvent&, const FenceEvent&) = default;
};

/// What a node's last health check of a fence device found.
struct DeviceSeen {
  bool healthy = false;
  std::uint64_t fingerprint = 0;  ///< of the settings that were checked (core/fencing/device.hpp)
  std::string detail;             ///< why not; display only
  friend bool operator==(const DeviceSeen&, const DeviceSeen&) = default;
};

struct DeviceState {
  bool verified = false;  ///< healthy at least once on some node since it was created (S18)
  std::map<NodeId, DeviceSeen> seen;
  friend bool operator==(const DeviceState&, const DeviceState&) = default;
};

/// The configuration entry that is prepared and not yet committed.
struct PreparedEntry {
  ConfigEntry entry;
  NodeId origin;
  std::uint64_t request = 0;  ///< of the origin, to answer its client
  std::vector<NodeId> acked;  ///< nodes that said it is durable there
  friend bool operator==(const PreparedEntry&, const PreparedEntry&) = default;
};

struct ClusterState {
  std::uint32_t stream_epoch = 0;
  std::uint64_t join_counter = 0;
  bool solo = false;  ///< the peer is down by evidence: commits alone are possible
  std::map<NodeId, NodeState> nodes;
  std::map<ObjectId, ResourceState> resources;  ///< primitives only
  std::vector<FenceEvent> fencing;              ///< newest last, at most limits::fencing_history
  std::map<ObjectId, DeviceState> devices;      ///< of committed devices that some node has reported
  std::optional<PreparedEntry> prepared;
  std::optional<std::string> fork;  ///< S3d: text that names both branches

  [[nodiscard]] const ResourceOnNode* find(std::string_view resource, NodeId node) const;
  [[nodiscard]] std::vector<NodeId> joined() const;
  /// The oldest joined member; nullopt while nobody is joined.
  [[nodiscard]] std::optional<NodeId> coordinator() const;
  /// Over everything that decides; equal on both nodes at the same place of the stream (S16).
  [[nodiscard]] std::uint64_t digest() const;
  friend bool operator==(const ClusterState&, const ClusterState&) = default;
};

std::string_view to_string(Action);
std::string_view to_string(OpStatus);
std::string_view to_string(Activity);
std::string_view to_string(EvidenceKind);
std::string_view to_string(Membership);
std::string_view to_string(CauseKind);
std::string_view to_string(FenceOutcome);

}  // namespace duet
