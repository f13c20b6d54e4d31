// SPDX-License-Identifier: Apache-2.0
// Lanes: in each, one power action at a time (protocol.md 8, S5). A request takes its lane before it is asked to prove
// that its sender is still there; so of two nodes that fence each other, the second can no longer answer. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/fencehost/permissions.hpp"

namespace duet::fencehost {

inline constexpr Duration lane_limit = 20s;        ///< protocol.md 8: a lane is held for at most this long
inline constexpr std::size_t lane_queue_max = 32;  ///< two nodes with several agents each; more is refused

using HolderId = std::uint64_t;

class Lanes {
 public:
  enum class Entry : std::uint8_t { granted, waiting, refused };
  /// `refused`: the queue is full. Precondition: `who` neither holds nor waits for a lane.
  [[nodiscard]] Entry enter(LaneId lane, HolderId who, Instant now);
  /// Gives the lane back, or leaves the queue. Returns who holds it now and did not before.
  [[nodiscard]] std::optional<HolderId> leave(HolderId who, Instant now);

  struct Expired {
    HolderId was = 0;
    std::optional<HolderId> next;
  };
  /// Takes lanes away from those who have held them for lane_limit.
  [[nodiscard]] std::vector<Expired> expire(Instant now);
  [[nodiscard]] std::optional<Instant> next_expiry() const;
  [[nodiscard]] bool holds(HolderId who) const;
  [[nodiscard]] std::size_t held() const { return lanes_.size(); }

 private:
  struct Lane {
    HolderId holder = 0;
    Instant until{};
    std::deque<HolderId> waiting;
  };
  /// Next in the queue, or the lane goes.
  std::optional<HolderId> advance(std::map<LaneId, Lane>::iterator lane, Instant now);
  std::map<LaneId, Lane> lanes_;  ///< only those that are held
  std::map<HolderId, LaneId> whose_;
};

}  // namespace duet::fencehost
