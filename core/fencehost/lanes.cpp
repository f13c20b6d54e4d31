// SPDX-License-Identifier: Apache-2.0
// Lanes as queues whose head is the holder.
#include "core/fencehost/lanes.hpp"

#include <algorithm>

#include "core/base/invariant.hpp"

namespace duet::fencehost {

Lanes::Entry Lanes::enter(LaneId lane, HolderId who, Instant now) {
  DUET_INVARIANT(!whose_.contains(who));
  const auto [found, made] = lanes_.try_emplace(lane);
  if (made) {
    found->second.holder = who;
    found->second.until = now + lane_limit;
    whose_[who] = lane;
    return Entry::granted;
  }
  if (found->second.closed) return Entry::closed;
  if (found->second.waiting.size() >= lane_queue_max) return Entry::refused;
  found->second.waiting.push_back(who);
  whose_[who] = lane;
  return Entry::waiting;
}

std::optional<HolderId> Lanes::advance(std::map<LaneId, Lane>::iterator lane, Instant now) {
  if (lane->second.waiting.empty()) {
    lanes_.erase(lane);
    return std::nullopt;
  }
  lane->second.holder = lane->second.waiting.front();
  lane->second.waiting.pop_front();
  lane->second.until = now + lane_limit;
  lane->second.closed = false;
  return lane->second.holder;
}

std::optional<HolderId> Lanes::leave(HolderId who, Instant now) {
  const auto known = whose_.find(who);
  if (known == whose_.end()) return std::nullopt;
  const auto lane = lanes_.find(known->second);
  DUET_INVARIANT(lane != lanes_.end());
  whose_.erase(known);
  if (lane->second.holder == who) return advance(lane, now);
  std::erase(lane->second.waiting, who);
  return std::nullopt;
}

std::vector<Lanes::Expired> Lanes::expire(Instant now) {
  std::vector<Expired> expired;
  for (auto& [id, lane] : lanes_) {
    if (lane.closed || lane.until > now) continue;
    lane.closed = true;
    expired.push_back({lane.holder, {lane.waiting.begin(), lane.waiting.end()}});
    for (const HolderId waited : lane.waiting) whose_.erase(waited);
    lane.waiting.clear();
  }
  return expired;
}

std::optional<Instant> Lanes::next_expiry() const {
  std::optional<Instant> first;
  for (const auto& [id, lane] : lanes_) {
    if (!lane.closed) first = first ? std::min(*first, lane.until) : lane.until;
  }
  return first;
}

std::optional<HolderId> Lanes::holder_of(LaneId lane) const {
  const auto found = lanes_.find(lane);
  return found != lanes_.end() ? std::optional{found->second.holder} : std::nullopt;
}

bool Lanes::holds(HolderId who) const {
  const auto known = whose_.find(who);
  return known != whose_.end() && lanes_.at(known->second).holder == who;
}

}  // namespace duet::fencehost
