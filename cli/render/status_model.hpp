// SPDX-License-Identifier: Apache-2.0
// The status of the cluster as people see it, taken from a ClusterView. Pure; text and JSON are made from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/ipc.hpp"
#include "core/model/plan.hpp"

namespace duet::cli {

enum class Health : std::uint8_t { ok, warning, down, unknown };
std::string_view to_string(Health);  ///< OK, WARNING, DOWN, UNKNOWN

/// Why the health is not OK, with the command that helps.
struct HealthReason {
  Health level = Health::warning;
  std::string text;
  std::string next;  ///< a command, may be empty
};

struct NodeStatus {
  NodeId id;
  std::string name;
  std::string state;  ///< as in `Node X: STATE`: online, OFFLINE, standby, UNCLEAN (offline), pending, ...
  bool online = false;
  bool dc = false;
  bool standby = false;
  bool maintenance = false;
  bool pending = false;
  bool unclean = false;
  bool leaving = false;
  std::string boot;  ///< its last known boot, empty if it was never seen
  std::string why;
};

/// A primitive or a fence device.
struct ItemStatus {
  std::string id;
  std::string agent;                      ///< ocf:heartbeat:IPaddr2, stonith:fence_xvm
  std::string role;                       ///< Started, Stopped, Starting, Stopping, FAILED, UNKNOWN
  std::vector<std::string> nodes;         ///< where; several if it is active twice
  std::vector<std::string> flags;         ///< in the order of the originals: UNCLEAN, disabled, blocked, unmanaged, ...
  std::string note;                       ///< of a fence device: "proven 12s ago: server1"
  std::optional<std::int64_t> proven_ms;  ///< of a fence device that works: age of its last proof
  std::string reason;                     ///< why it is there, or why it does not run
  bool managed = true;
  bool disabled = false;
  bool failed = false;
  bool blocked = false;
  bool should_run = false;
  std::map<std::string, std::int32_t> fail_counts;  ///< by node, only those above 0
  [[nodiscard]] bool active() const { return role == "Started"; }
};

struct GroupStatus {
  std::string id;  ///< empty: a single item
  bool disabled = false;
  bool unmanaged = false;
  std::vector<ItemStatus> items;
};

struct FailedAction {
  std::string resource;
  std::string action;  ///< start, stop, monitor
  Duration interval{0};
  std::string node;
  OpOutcome outcome;
  std::int32_t count = 0;
};

struct FenceLine {
  FenceEvent event;
  std::string target;
  std::string by;
  bool later_success = false;
  std::optional<FencingProgress> progress;
};

/// A constraint that keeps a resource off a node whatever happens.
struct Ban {
  std::string id;
  std::string resource;
  std::string node;
};

struct StatusModel {
  std::string cluster;
  std::string from;  ///< node that answered
  std::string version;
  Health health = Health::ok;
  std::vector<HealthReason> reasons;  ///< worst first
  std::optional<std::string> dc;
  bool quorate = false;
  bool waiting_for_all = false;
  bool solo = false;
  std::int64_t now_unix_ms = 0;
  ConfigPosition commit;
  std::int64_t changed_unix_ms = 0;
  std::string changed_by;  ///< user
  std::string changed_on;  ///< node
  std::string changed_command;
  bool maintenance_mode = false;
  bool stonith_enabled = true;
  std::size_t instances = 0;
  std::size_t disabled = 0;
  std::size_t blocked = 0;
  std::vector<std::string> warnings;  ///< lines of the section WARNINGS
  std::vector<NodeStatus> nodes;
  std::vector<GroupStatus> resources;  ///< in the order of the configuration; devices last
  std::vector<FailedAction> failed_actions;
  std::vector<Ban> bans;
  std::vector<FenceLine> failed_fencing;
  std::vector<FenceLine> pending_fencing;
  std::vector<FenceLine> fencing_history;
  bool corosync_active = false;
  bool executor_active = false;
};

/// `plan`: what the policy decides for this view (make_plan), computed by the caller.
[[nodiscard]] StatusModel status_model(const ClusterView& view, const Plan& plan);

/// The plan of the policy for a view.
[[nodiscard]] Plan plan_of(const ClusterView& view);

}  // namespace duet::cli
