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
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    const auto here = lane++;
    if (here->second.until > now) continue;
    const HolderId was = here->second.holder;
    whose_.erase(was);
    expired.push_back(Expired{was, advance(here, now)});
  }
  return expired;
}

std::optional<Instant> Lanes::next_expiry() const {
  std::optional<Instant> first;
  for (const auto& [id, lane] : lanes_) first = first ? std::min(*first, lane.until) : lane.until;
  return first;
}

bool Lanes::holds(HolderId who) const {
  const auto known = whose_.find(who);
  return known != whose_.end() && lanes_.at(known->second).holder == who;
}

}  // namespace duet::fencehost
