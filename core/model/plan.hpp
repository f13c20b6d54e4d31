// SPDX-License-Identifier: Apache-2.0
// What the policy decides: where each resource should be, which operations that needs, which may begin now, and why.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/state.hpp"

namespace duet {

/// A reason: `rule` is a stable word for programs and golden files, `text` a sentence for people.
struct Why {
  std::string rule;
  std::string text;
  friend bool operator==(const Why&, const Why&) = default;
};

/// Whether a resource may be on a node. Not allowed: `why` names every obstacle and how to end it.
struct NodeVerdict {
  bool allowed = false;
  Score score;
  std::vector<Why> why;
  std::vector<std::string> fix;  ///< commands that would end the obstacles
};

struct PlacementDecision {
  std::optional<NodeId> node;  ///< nullopt: should run nowhere
  Why why;                     ///< the deciding rule
  std::map<NodeId, NodeVerdict> verdicts;
};

/// One step towards the placement. `ready` = may begin now; otherwise `waits_for` says for what.
struct PlannedOp {
  ObjectId resource;
  NodeId node;
  Action action = Action::start;
  bool ready = false;
  Why why;
  std::vector<Why> waits_for;
};

/// A fencing that a resource's failure demands: causes (b) and (d).
struct FenceDemand {
  NodeId target;
  BootId boot;
  CauseKind cause{};
  ObjectId resource;
  std::string why;
};

struct Plan {
  std::map<ObjectId, PlacementDecision> placement;  ///< primitives
  std::vector<PlannedOp> operations;                ///< in a stable order
  std::vector<FenceDemand> fences;
  std::map<ObjectId, Why> blocked;  ///< shown as (blocked)
};

/// What the policy must know besides configuration and shared state; the same on both nodes at decision time.
struct PolicyInput {
  const ClusterConfig& config;
  const ClusterState& state;
  bool quorate = false;  ///< of the deciding node's partition
  std::string unsafe;    ///< not empty: why the deciding node starts nothing (ClusterView::unsafe)
};

}  // namespace duet
