// SPDX-License-Identifier: Apache-2.0
// Names and numbers that identify things of a cluster.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "core/base/strong.hpp"

namespace duet {

/// corosync's node id, 1 .. 2^32-1 (A10).
using NodeId = Strong<struct NodeIdTag, std::uint32_t>;

/// One power-on life of a node: 64 hexadecimal digits (protocol.md 1). Empty = not known.
using BootId = Strong<struct BootIdTag, std::string>;

/// Id of a resource, group, device or constraint: [A-Za-z_][A-Za-z0-9_.-]{0,63}; checked by validate().
using ObjectId = std::string;

/// A life of duetd inside a boot.
struct Incarnation {
  BootId boot;
  std::uint32_t start = 0;  ///< counts the starts of duetd in this boot, from 1
  friend auto operator<=>(const Incarnation&, const Incarnation&) = default;
};

/// An operation. Ordered by (epoch, sequence, giver): among the orders for one node a later one is greater, because
/// only one coordinator at a time gives orders in a stream epoch and the epoch never decreases.
struct OpId {
  std::uint32_t epoch = 0;     ///< stream epoch in which the order was given
  std::uint32_t sequence = 0;  ///< per giver and epoch, from 1
  NodeId giver;
  [[nodiscard]] bool valid() const { return sequence != 0; }
  friend auto operator<=>(const OpId&, const OpId&) = default;
};

/// A membership as CPG delivered it. `number` counts the views of this incarnation; equal views of two nodes are
/// recognised by `ring` (corosync's ring sequence number).
struct ViewId {
  std::uint64_t ring = 0;
  std::uint64_t number = 0;
  friend auto operator<=>(const ViewId&, const ViewId&) = default;
};

}  // namespace duet
