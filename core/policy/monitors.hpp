// SPDX-License-Identifier: Apache-2.0
// Which recurring monitors should be running on a node.
#pragma once

#include <cstdint>
#include <vector>

#include "core/model/state.hpp"

namespace duet {

struct MonitorDue {
  ObjectId resource;
  Duration interval{0};           ///< > 0; the next run begins this long after the previous one ended
  Duration timeout{0};            ///< > 0
  Duration start_delay{0};        ///< before the first run
  std::uint32_t check_level = 0;  ///< OCF_CHECK_LEVEL
  Attributes extra;               ///< other options of the operation
  friend bool operator==(const MonitorDue&, const MonitorDue&) = default;
};

/// In configuration order. Where the resource runs; where it has failed only if it is unmanaged (else it is about to be
/// stopped). None in maintenance of the cluster, the node or the resource, none for switched-off operations or
/// role=Stopped ones.
[[nodiscard]] std::vector<MonitorDue> wanted_monitors(const ClusterConfig& config, const ClusterState& state,
                                                      NodeId node);

}  // namespace duet
