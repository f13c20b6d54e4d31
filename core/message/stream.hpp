// SPDX-License-Identifier: Apache-2.0
// Messages of the replicated stream. Every one is delivered to both nodes in the same order (A1), the sender included.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/message/admin.hpp"
#include "core/model/state.hpp"

namespace duet {

inline constexpr std::uint16_t stream_major = 1;
inline constexpr std::uint16_t stream_minor = 0;

struct ChainLink {
  ConfigPosition position;
  std::string hash;
  friend bool operator==(const ChainLink&, const ChainLink&) = default;
};

/// First message of an incarnation in a view that gained it. Exempt from the epoch rule (it carries what leads to one).
struct Hello {
  std::uint16_t major = stream_major;
  std::uint16_t minor = stream_minor;
  std::string node_name;
  bool has_state = false;          ///< joined before in this incarnation: may be donor of volatile state
  std::uint64_t joined_at = 0;     ///< join number if has_state
  std::uint32_t stream_epoch = 0;  ///< the sender's, so that both continue above the higher
  ChainLink committed;
  std::optional<ChainLink> prepared;
  ConfigPosition
      solo_base;  ///< index from which the newest epoch was opened; entries of older epochs above it are abandoned
  std::optional<Evidence> evidence_against_you;  ///< newest record against the boot that the receiver may have (S6(i))
};

struct SnapshotChunk {
  NodeId donor;
  std::uint64_t snapshot = 0;  ///< number of the snapshot, per donor incarnation
  std::uint32_t offset = 0;
  std::uint32_t total = 0;
  std::string sha256;  ///< of the whole, in every chunk
  Bytes data;
};

/// What the chunks hold together.
struct Snapshot {
  std::vector<ConfigEntry>
      entries;  ///< after the joiner's last, ascending; the last is the donor's newest committed one
  ConfigPosition solo_base;
  ClusterState state;
};

struct Tick {
  std::uint64_t number = 0;
  NodeId digest_sender;             ///< the tick after whose delivery `digest` was taken
  std::uint64_t digest_number = 0;  ///< 0: none yet
  std::uint64_t digest = 0;         ///< of the shared state there (S16)
};

/// What the executor of a node says it did with an operation.
struct ReportedOp {
  ObjectId resource;
  OpId id;
  Action action{};
  bool begun = false;
  std::optional<OpOutcome> outcome;  ///< absent: running or never begun
};

/// How often a resource failed there, and whether it is banned there for a hard result.
struct ReportedFailures {
  ObjectId resource;
  std::vector<FailureRecord> failures;
  bool hard_ban = false;
};

/// The new member's own truth, right after it has the snapshot: authoritative for its own node (protocol.md 6).
/// In parts of at most report_part items each, so that it fits into messages whatever the number of resources.
struct JoinReport {
  std::vector<ReportedOp> operations;
  std::vector<ObjectId> stop_failed;  ///< marks in its ledger
  bool more = false;                  ///< another part follows; only the last one completes the report
  std::vector<ReportedFailures>
      failures;  ///< of this life; they count instead of what the donor knew of the same operation
};
/// An item has at most limits::id_length + limits::reason_length bytes of text and some 100 of numbers.
inline constexpr std::size_t report_part = 64;

/// "The join of this incarnation is durable here."
struct JoinRecorded {
  NodeId member;
  Incarnation incarnation;
};

struct Order {
  OpId id;
  ObjectId resource;
  NodeId node;
  Action action{};
  ConfigPosition config;  ///< the configuration that the decision was made from
  std::string why;
};

/// Result of an order, or a changed result of a recurring monitor (`id` is then not valid).
struct OpResult {
  OpId id;
  ObjectId resource;
  Action action{};
  Duration interval{0};
  OpId highest;  ///< highest operation id that the node has seen for this resource
  OpOutcome outcome;
};

struct Propose {
  std::uint64_t request = 0;  ///< the sender's number, to answer its client
  AdminRequest body;
};

/// "This entry is durable here", or, with an error, that it could not be stored: then it is withdrawn on both nodes.
struct Prepared {
  ConfigPosition position;
  std::string hash;
  std::string error;  ///< empty: durable
};

/// The donor found that the joiner's chain is not a prefix of its own (S3d), or that it cannot be joined.
struct JoinRefused {
  NodeId member;
  std::string reason;
};

struct FenceReport {
  FenceEvent event;
};

/// failure-timeout has passed since the last failure; the coordinator's clock decides, both apply.
struct FailureExpired {
  ObjectId resource;
  NodeId node;
};

/// The sender wants to shut down cleanly: move everything away.
struct LeaveWanted {};

/// Last message of an incarnation: everything is stopped, but for what is named, and nothing will be started (E5 once
/// the receiver has it on disk).
struct CleanLeave {
  Incarnation incarnation;
  std::vector<ObjectId> left_running;  ///< what nobody manages and may run here, ascending
};
struct LeaveRecorded {
  NodeId member;
  Incarnation incarnation;
};

/// corosync's membership no longer holds this node (seen by quorum, after the process had left already).
struct NodeLost {
  NodeId node;
  Incarnation incarnation;
};

/// A health check of a fence device ended at the sender; or, after an epoch has begun, what its last one found.
struct DeviceReport {
  ObjectId device;
  DeviceSeen seen;
  std::int64_t age_ms = 0;  ///< of the check when this was sent; display only
};

using StreamBody =
    std::variant<Hello, SnapshotChunk, Tick, JoinReport, JoinRecorded, Order, OpResult, Propose, Prepared, FenceReport,
                 FailureExpired, LeaveWanted, CleanLeave, LeaveRecorded, NodeLost, JoinRefused, DeviceReport>;

struct StreamMessage {
  NodeId sender;
  Incarnation incarnation;
  std::uint64_t sequence = 0;  ///< per incarnation, from 1
  std::uint32_t epoch = 0;     ///< the sender's stream epoch
  std::uint64_t ring = 0;      ///< ring of the view in which it was sent
  StreamBody body;
};

}  // namespace duet
