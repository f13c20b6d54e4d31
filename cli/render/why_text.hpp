// SPDX-License-Identifier: Apache-2.0
// `duet why`: the policy's reasons as sentences. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/render/status_model.hpp"

namespace duet::cli {

struct Explanation {
  std::string text;
  bool as_wanted = false;  ///< nothing to explain: it is as it should be
};

/// Why a primitive or group is where it is, or does not run.
[[nodiscard]] Explanation why_resource(const ClusterView& view, const Plan& plan, const std::string& id);
/// Why it is not, or could not be, on that node.
[[nodiscard]] Explanation why_not_on(const ClusterView& view, const Plan& plan, const std::string& id, NodeId node);
/// Why a node is offline, unclean, pending, in standby; how its fencing goes.
[[nodiscard]] Explanation why_node(const ClusterView& view, NodeId node);
/// Why a fence device is healthy or not, and what it is for.
[[nodiscard]] Explanation why_device(const ClusterView& view, const std::string& id);
/// All reasons of the health, also those that the status leaves out.
[[nodiscard]] Explanation why_health_text(const StatusModel& model);

}  // namespace duet::cli
