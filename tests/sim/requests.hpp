// SPDX-License-Identifier: Apache-2.0
// Requests and configurations that the simulated administrator makes, and what a configuration lets one expect.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/message/admin.hpp"
#include "tests/sim/plan.hpp"
#include "tests/sim/rng.hpp"

namespace duet::sim {

struct NamedRequest {
  AdminRequest request;
  std::string what;    ///< edit, move, cleanup, fence, confirm
  std::string target;  ///< node id, for fence and confirm
};

[[nodiscard]] AdminRequest edit_request(std::vector<ConfigEdit> edits, const std::string& command);
[[nodiscard]] AdminRequest action_request(ClusterAction action, const std::string& command);

/// Fence devices, properties, resources, group and constraints of a new cluster, as one request.
[[nodiscard]] AdminRequest initial_configuration(const Plan& plan);
/// Something that an administrator might type with this configuration before him; one in six is wrong on purpose.
/// `off`: nodes that are really without power (only those may be confirmed).
[[nodiscard]] std::optional<NamedRequest> random_request(const Plan& plan, const ClusterConfig& config,
                                                         const std::set<NodeId>& off, Rng& rng);
/// Takes everything back that keeps the cluster from managing its resources: standby, maintenance, is-managed=false.
[[nodiscard]] std::vector<AdminRequest> managed_again(const ClusterConfig& config);

/// For plans that are written by hand: "move RESOURCE NODE", "standby NODE", "unstandby NODE", "enable RESOURCE",
/// "disable RESOURCE", "update RESOURCE NUMBER", "cleanup", "fence NODE"; a node is n1 or n2. nullopt: not understood.
[[nodiscard]] std::optional<NamedRequest> command_request(const std::string& words);

/// What must be true of a resource once the cluster is at rest, as far as this page is sure of it.
struct Expected {
  enum class Kind : std::uint8_t { running, stopped, open } kind = Kind::open;
  ObjectId resource;
  std::set<NodeId> nodes;  ///< running: on exactly one of these
};
/// With these nodes up, no failures, and nothing else wrong. Own, simpler logic than the policy's.
[[nodiscard]] std::vector<Expected> expectations(const ClusterConfig& config, const std::set<NodeId>& up);

}  // namespace duet::sim
