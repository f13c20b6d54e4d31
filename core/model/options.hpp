// SPDX-License-Identifier: Apache-2.0
// Typed view of the options that the configuration holds as text, with the defaults of the field
// (cluster-semantics 7.5, 8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/config.hpp"

namespace duet {

enum class NoQuorumPolicy : std::uint8_t { stop, freeze, ignore };
enum class FenceAction : std::uint8_t { reboot, off };
enum class MultipleActive : std::uint8_t { stop_start, stop_only, block, stop_unexpected };
enum class Requires : std::uint8_t { nothing, quorum, fencing };

struct ClusterOptions {
  bool stonith_enabled = true;
  FenceAction stonith_action = FenceAction::reboot;
  Duration stonith_timeout{60s};
  std::optional<Duration> priority_fencing_delay;  ///< absent: protocol.md 7 decides (5 s)
  bool maintenance_mode = false;
  bool symmetric_cluster = true;
  bool start_failure_is_fatal = true;
  bool stop_all_resources = false;
  bool require_encryption = true;
  NoQuorumPolicy no_quorum_policy = NoQuorumPolicy::freeze;  ///< two nodes: what runs stays (S6(ii) "keep")
  Duration startup_fence_wait{120s};
};
[[nodiscard]] ClusterOptions cluster_options(const ClusterConfig& config);

/// Options of a primitive: its own, else its group's, else the resource defaults, else the built-in default.
struct ResourceOptions {
  bool stopped = false;      ///< target-role=Stopped of itself or its group
  bool managed = true;       ///< is-managed
  bool maintenance = false;  ///< of the resource; node and cluster maintenance are added by the policy
  Score stickiness;
  std::int32_t migration_threshold = Score::infinite;  ///< 0 = switched off = never
  Duration failure_timeout{0};                         ///< 0 = never
  MultipleActive multiple_active = MultipleActive::stop_start;
  std::int32_t priority = 0;
  Requires needs = Requires::fencing;
  bool critical = true;
};
[[nodiscard]] ResourceOptions resource_options(const ClusterConfig& config, const Primitive& primitive);
/// The same for callers that ask for many: cluster_options(config) and the group of the primitive (nullptr: none) are
/// not looked up again.
[[nodiscard]] ResourceOptions resource_options(const ClusterConfig& config, const ClusterOptions& cluster,
                                               const Primitive& primitive, const Group* group);

struct NodeOptions {
  bool standby = false;
  bool maintenance = false;
};
[[nodiscard]] NodeOptions node_options(const Node& node);

/// Time-out of an action: the operation's own, else op defaults, else 20 s. For a probe: the monitor with interval 0,
/// else the one with the shortest interval (cluster-semantics 6.1).
[[nodiscard]] Duration operation_timeout(const ClusterConfig& config, const std::vector<Operation>& operations,
                                         std::string_view action, Duration interval);

/// What a failure of this action leads to, defaults resolved (cluster-semantics 5.3).
[[nodiscard]] OnFail on_fail(const ClusterConfig& config, const Primitive& primitive, std::string_view action,
                             Duration interval);

/// true, on, yes, y, 1 / false, off, no, n, 0 in any case; nullopt for anything else.
[[nodiscard]] std::optional<bool> parse_bool(std::string_view text);

/// One line for each thing that is wrong; `severity` error makes the configuration invalid, warning does not.
struct Finding {
  bool error = false;
  std::string subject;  ///< id of the object, empty for the whole
  std::string text;
  std::string fix;
};

/// Checks a whole configuration: ids, references, values, node count (a third node is refused), one group per member,
/// order and colocation cycles, intervals. Complete: returns everything that it finds, errors first.
[[nodiscard]] std::vector<Finding> validate(const ClusterConfig& config);

/// Names of the cluster properties that exist, with type, default and one line of explanation.
struct PropertyInfo {
  std::string_view name;
  std::string_view alias;  ///< second spelling (fencing-enabled), may be empty
  std::string_view type;
  std::string_view default_value;
  std::string_view help;
};
[[nodiscard]] const std::vector<PropertyInfo>& known_properties();

}  // namespace duet
