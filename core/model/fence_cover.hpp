// SPDX-License-Identifier: Apache-2.0
// Which fence device can power off which node, as far as the configuration tells (cluster-semantics 4.2).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/config.hpp"
#include "core/model/options.hpp"
#include "core/model/state.hpp"

namespace duet {

/// One entry of pcmk_host_map: "node:plug;node2:plug2,plug3".
struct HostMapEntry {
  std::string node;
  std::vector<std::string> plugs;  ///< never empty
  friend bool operator==(const HostMapEntry&, const HostMapEntry&) = default;
};

/// Entries are separated by ';', also by blanks or tabs between entries that each have a colon. Errc::invalid_argument
/// with the right form if an entry has no node or no plug.
[[nodiscard]] Result<std::vector<HostMapEntry>> parse_host_map(std::string_view text);

/// Names in pcmk_host_list, separated by blanks, commas or semicolons.
[[nodiscard]] std::vector<std::string> parse_host_list(std::string_view text);

/// False if target-role=Stopped.
[[nodiscard]] bool device_enabled(const FenceDevice& device);

/// Enabled, and either its map or list names the node, or the agent is asked for its targets (neither is configured, or
/// pcmk_host_check is dynamic-list, status or none).
[[nodiscard]] bool device_covers(const FenceDevice& device, const Node& node);

/// Some device covers the node.
[[nodiscard]] bool node_covered(const ClusterConfig& config, const Node& node);

/// The nodes that no device covers, ascending.
[[nodiscard]] std::vector<NodeId> uncovered_nodes(const ClusterConfig& config);

/// The nodes that are covered, but by no device that was ever verified, ascending.
[[nodiscard]] std::vector<NodeId> unverified_nodes(const ClusterConfig& config, const ClusterState& state);

/// S18: fencing is enabled and some node has no device that covers it and was verified at least once, so nothing may
/// start.
[[nodiscard]] bool fencing_missing(const ClusterConfig& config, const ClusterState& state);

/// What `verify` says about fencing: the three lines that administrators know if there is no device at all, one line
/// for each node that is not covered or whose devices were never verified, a warning if fencing is off. Not part of
/// validate(): a configuration without devices may be committed, it only starts nothing.
[[nodiscard]] std::vector<Finding> fencing_findings(const ClusterConfig& config, const ClusterState& state);

}  // namespace duet
