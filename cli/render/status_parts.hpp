// SPDX-License-Identifier: Apache-2.0
// Parts that status_model() is put together from. Pure.
#pragma once

#include "cli/render/status_model.hpp"

namespace duet::cli {

/// State of a node in the words of the originals, in their order of test (cluster-semantics 13.2).
[[nodiscard]] NodeStatus node_status(const ClusterView& view, const Node& node);
[[nodiscard]] ItemStatus primitive_status(const ClusterView& view, const Plan& plan, const Primitive& primitive);
/// How the nodes of the cluster see a fence device with its present settings. Names of nodes, ages of the oldest check.
struct DeviceProof {
  std::vector<std::string> proven;
  std::vector<std::string> failing;
  std::vector<std::string> waiting;  ///< for their first check
  std::int64_t age_ms = 0;
  std::int64_t failing_ms = 0;
  std::string detail;  ///< of the first that fails
};
[[nodiscard]] DeviceProof device_proof(const ClusterView& view, std::string_view device);
/// "Started" once a node has proven it and none fails to.
[[nodiscard]] ItemStatus device_status(const ClusterView& view, const FenceDevice& device);
[[nodiscard]] std::vector<FailedAction> failed_actions(const ClusterView& view);
void add_fencing(const ClusterView& view, StatusModel& model);
/// Fills health and reasons of an otherwise complete model.
void judge_health(const ClusterView& view, const Plan& plan, StatusModel& model);
/// Why a resource that should run does not, in one clause; empty if nothing is known.
[[nodiscard]] std::string stopped_reason(const ClusterView& view, const Plan& plan, std::string_view id);
/// How the fencing of a lost node goes: "could not be fenced (3 tries, last 8s ago: ...)".
[[nodiscard]] std::string fencing_clause(const ClusterView& view, NodeId target);
/// "server4 is lost and ..." for the first node that is lost without proof; empty if there is none.
[[nodiscard]] std::string lost_node_clause(const ClusterView& view);

}  // namespace duet::cli
