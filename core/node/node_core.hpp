// SPDX-License-Identifier: Apache-2.0
// NodeCore: decides for one node. Routes events to replica, executor and fencing, asks the policy, and returns
// commands.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/node/events.hpp"

namespace duet {

/// What a node knows about itself when duetd starts. Boot id and start counter come with ExecConnected: before that
/// nothing is sent and nothing decided.
struct NodeIdentity {
  NodeId id;
  std::string name;
  std::string cluster_name;
  std::vector<Node> nodes;  ///< corosync's node list: becomes the first configuration of a new cluster
  std::string version;
};

/// Reads no clock, random source, file, socket or environment; owns no thread. Equal events give equal commands (S16).
class NodeCore {
 public:
  NodeCore(NodeIdentity identity, StoreImage stored);
  ~NodeCore();
  NodeCore(const NodeCore&) = delete;
  NodeCore& operator=(const NodeCore&) = delete;

  /// Feeds one event at boot time `now` (never decreasing) and civil time `wall` (display only). Returns what must be
  /// done, in order. Never blocks; at most 1 ms for 100 resources.
  [[nodiscard]] std::vector<Command> step(Instant now, WallTime wall, const Event& event);
  /// When TimePassed is wanted next; nullopt = only on events. The driver arms exactly one timer.
  [[nodiscard]] std::optional<Instant> next_wakeup() const;

  /// For the local IPC and for status; `generation` grows with each change.
  [[nodiscard]] ClusterView view(Instant now, WallTime wall) const;
  [[nodiscard]] std::uint64_t generation() const;
  [[nodiscard]] std::vector<HistoryItem> history(std::uint32_t count) const;
  /// Digest of the shared state; equal on joined nodes at the same place of the stream (S16).
  [[nodiscard]] std::uint64_t state_digest() const;
  [[nodiscard]] const ClusterState& state() const;
  [[nodiscard]] const ConfigEntry& committed() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace duet
