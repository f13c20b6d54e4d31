// SPDX-License-Identifier: Apache-2.0
// Turns CPG's callbacks into views of nodes. Pure.
//
// corosync announces a change of the ring in three steps: who left, who came, and only then the number of the new ring;
// nothing else is delivered between them. A change of processes inside a ring has the first two steps only. A view is
// reported when its ring number is known, with all departures and arrivals that belong to it, so that both nodes give
// equal views the same number.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/model/ids.hpp"

namespace duet::corosync {

enum class Departure : std::uint8_t { leave, node_down, process_down };

/// A process in the group.
struct Member {
  NodeId node;
  std::uint32_t pid = 0;
  friend auto operator<=>(const Member&, const Member&) = default;
};

/// One configuration change as CPG delivers it. `members` no longer holds those who left.
struct GroupChange {
  struct Left {
    Member member;
    Departure reason{};
  };
  std::vector<Member> members;
  std::vector<Left> left;
  std::vector<Member> joined;
  bool of_ring = false;  ///< nodes came or went: the number of a new ring follows
};

/// Membership of the group by node. Handle `left` before `joined`: a quick restart shows a node in both.
struct View {
  struct Left {
    NodeId node;
    Departure reason{};
  };
  std::uint64_t ring = 0;  ///< corosync's ring sequence number: grows, equal on all members
  std::vector<NodeId> members;
  std::vector<Left> left;
  std::vector<NodeId> joined;
};

/// One for each CPG handle.
class ViewTracker {
 public:
  /// `self` is this process. A second process of a node is not a member (A11): only the one that came first counts.
  explicit ViewTracker(Member self) : self_{self} {}

  /// A view, if it is complete now. Nothing is reported before this process itself is in.
  [[nodiscard]] std::optional<View> change(const GroupChange& change);
  [[nodiscard]] std::optional<View> ring(std::uint64_t sequence);
  /// Is this the process that counts for its node? Messages of others are dropped.
  [[nodiscard]] bool counts(Member sender) const;
  /// True once a change said that this process is no longer in the group.
  [[nodiscard]] bool expelled() const { return expelled_; }
  /// Nodes that have more than one process in the group.
  [[nodiscard]] std::vector<NodeId> doubled() const;

 private:
  void apply(const GroupChange& change);
  std::optional<View> take();

  Member self_;
  std::map<NodeId, std::uint32_t> counting_;  ///< node -> pid that counts
  std::set<Member> present_;
  std::uint64_t ring_ = 0;
  bool changed_ = false;    ///< something is waiting to be reported
  bool wants_ring_ = true;  ///< the number of the ring is not known yet
  bool expelled_ = false;
  std::vector<View::Left> left_;
  std::vector<NodeId> joined_;
};

}  // namespace duet::corosync
