// SPDX-License-Identifier: Apache-2.0
// Local IPC between the command line and duetd: framed requests and replies, in order, one connection per caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/message/admin.hpp"
#include "core/message/ledger.hpp"
#include "core/model/state.hpp"

namespace duet {

enum class Role : std::uint8_t { none, reader, admin };

/// Everything that `status`, `why`, `config`, `verify` need; the client renders and explains with the pure policy code.
struct GetCluster {
  std::uint64_t newer_than = 0;  ///< 0: answer at once; else wait until `generation` is greater (at most wait_ms)
  std::uint32_t wait_ms = 0;     ///< at most 30,000
};
/// Commits, newest last.
struct GetHistory {
  std::uint32_t count = 20;
};

using IpcRequestBody = std::variant<GetCluster, GetHistory, AdminRequest>;

struct IpcRequest {
  std::uint64_t number = 0;
  IpcRequestBody body;
};

/// How the fencing of the peer goes, on this node.
struct FencingProgress {
  NodeId target;
  CauseKind cause{};
  std::string step;  ///< "asking power state", "waiting 5s", "off by vmfence", "retry"
  std::uint32_t attempts = 0;
  std::string last_error;
  std::int64_t next_try_ms = 0;  ///< from now; 0: running
};

/// Of one device, as one node sees it.
struct DeviceHealth {
  ObjectId device;
  NodeId node;
  bool known = false;  ///< a monitor with the present settings has ended there
  bool healthy = false;
  std::string detail;
  std::int64_t age_ms = 0;
};

struct ClusterView {
  std::uint64_t generation = 0;  ///< grows with each change of what is in here
  NodeId self;
  std::string node_name;
  std::string version;
  bool corosync_connected = false;
  bool executor_connected = false;
  bool quorate = false;
  bool waiting_for_all = false;
  std::int64_t now_unix_ms = 0;
  ConfigEntry committed;
  ClusterState state;
  ClusterConfig effective;  ///< committed plus emergency overrides
  std::vector<AdminRequest> overrides;
  std::vector<FencingProgress> fencing;
  std::vector<DeviceHealth> devices;  ///< by device, then node; of nodes in the cluster and of this one
  /// Why this node manages nothing although it could: what is unsafe about corosync's configuration (A9, R5). Nothing
  /// starts then.
  std::vector<Finding> unsafe;
  std::vector<std::string> warnings;  ///< damaged store, lying device, disk full, ...
};

struct HistoryItem {
  ConfigPosition position;
  std::string hash;
  std::string author;
  std::string command;
  std::int64_t unix_ms = 0;
  ClusterConfig config;
};
struct HistoryReply {
  std::vector<HistoryItem> items;
};

using IpcReplyBody = std::variant<ClusterView, HistoryReply, AdminReply>;

struct IpcReply {
  std::uint64_t number = 0;
  IpcReplyBody body;
};

}  // namespace duet
