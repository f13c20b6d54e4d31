// SPDX-License-Identifier: Apache-2.0
// Changes of the shared state that membership, evidence and joins cause: who is in, who may run what (MR), what clears
// it. Pure functions on ClusterState; callers apply them in stream order on both nodes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/message/stream.hpp"
#include "core/model/config.hpp"
#include "core/model/state.hpp"

namespace duet {

/// Gives every configured primitive and node its place in the state, and removes what is configured no longer.
void sync_with_config(ClusterState& state, const ClusterConfig& config);

/// The node left the view without a clean leave. Everything that it was allowed to run it may still run, whatever was
/// known: the last messages of its view may have reached only itself (A1). Not what a joined node still counts as
/// running, with no order open for it there: nobody else can have been told to start that. `node_down`: corosync lost
/// the node, not only the daemon; then it is UNCLEAN.
void mark_lost(ClusterState& state, NodeId node, bool node_down, std::string why);
/// corosync lost the node after its daemon had gone.
void mark_node_down(ClusterState& state, NodeId node);

/// Records evidence E3 .. E7 against a boot: its element leaves every may-run set but those of what it left running,
/// its failures are forgotten with its history, its marks of failed stops are settled. No effect if the node has
/// another boot by now.
void apply_evidence(ClusterState& state, const Evidence& evidence);
/// The boot spoke after all (lying device, wrong confirmation): back into every may-run set, as begin_incarnation().
void withdraw_evidence(ClusterState& state, NodeId node);

/// A hello opens (or continues) an incarnation: membership `present`, nothing probed. A new boot is evidence E4 against
/// the boot before. Returns that boot if there was one that may still have run something. What it may run counts as
/// ordered up to the present epoch: the caller raises that before anything is probed.
std::optional<BootId> begin_incarnation(ClusterState& state, NodeId node, const Incarnation& incarnation);

/// Adds a part of the node's own report (protocol.md 6); the last one completes it.
void apply_join_report(ClusterState& state, NodeId node, const JoinReport& report);
/// Every resource has been probed on the node and its report is in.
[[nodiscard]] bool ready_to_join(const ClusterState& state, NodeId node);
void complete_join(ClusterState& state, NodeId node);

/// Who gives orders now: the present node with the lowest join number; nullopt while nobody has one.
[[nodiscard]] std::optional<NodeId> acting_coordinator(const ClusterState& state);
/// Nodes that are in the view.
[[nodiscard]] std::vector<NodeId> present_nodes(const ClusterState& state);
/// Anything that the node may run but for `left_running` (ascending), or an operation that is open there.
[[nodiscard]] bool may_run_anything(const ClusterState& state, NodeId node,
                                    const std::vector<ObjectId>& left_running = {});

}  // namespace duet
