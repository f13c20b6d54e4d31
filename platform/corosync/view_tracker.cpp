// SPDX-License-Identifier: Apache-2.0
// Bookkeeping between two configuration changes of the group.
#include "platform/corosync/view_tracker.hpp"

#include <algorithm>
#include <utility>

namespace duet::corosync {

std::optional<View> ViewTracker::change(const GroupChange& change) {
  apply(change);
  if (change.of_ring) wants_ring_ = true;
  return wants_ring_ ? std::nullopt : take();
}

std::optional<View> ViewTracker::ring(std::uint64_t sequence) {
  // A new ring with the same members of the group is a view, too: messages of the old ring are void in it.
  changed_ = changed_ || sequence != ring_;
  ring_ = sequence;
  wants_ring_ = false;
  return take();
}

bool ViewTracker::counts(Member sender) const {
  const auto found = counting_.find(sender.node);
  return found != counting_.end() && found->second == sender.pid;
}

std::vector<NodeId> ViewTracker::doubled() const {
  std::vector<NodeId> nodes;
  for (const Member& member : present_) {
    if (!counts(member) && (nodes.empty() || nodes.back() != member.node)) nodes.push_back(member.node);
  }
  return nodes;
}

void ViewTracker::apply(const GroupChange& change) {
  for (const GroupChange::Left& left : change.left) {
    present_.erase(left.member);
    if (left.member == self_) expelled_ = true;
    if (!counts(left.member)) continue;
    counting_.erase(left.member.node);
    left_.push_back({left.member.node, left.reason});
    changed_ = true;
  }
  // The list of members, not that of arrivals, is what counts: the first change names those who were there before us.
  for (const Member& member : change.members) {
    present_.insert(member);
    if (counting_.contains(member.node)) continue;
    counting_[member.node] = member.pid;
    joined_.push_back(member.node);
    changed_ = true;
  }
}

std::optional<View> ViewTracker::take() {
  if (!changed_ || expelled_ || !counts(self_)) return std::nullopt;
  changed_ = false;
  View view;
  view.ring = ring_;
  for (const auto& [node, pid] : counting_) view.members.push_back(node);
  view.left = std::exchange(left_, {});
  view.joined = std::exchange(joined_, {});
  return view;
}

}  // namespace duet::corosync
