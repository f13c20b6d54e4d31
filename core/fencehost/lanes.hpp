// SPDX-License-Identifier: Apache-2.0
// Lanes: in each, one power action at a time (protocol.md 8, S5). A request takes its lane before it is asked to prove
// that its sender is still there; so of two nodes that fence each other, the second can no longer answer. A holder
// whose time is up keeps its lane: the hypervisor may still do what it was told. Until it gives the lane back, nobody
// gets it or waits for it. Pure.
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

inline constexpr Duration lane_limit = 20s;        ///< its requester waits for at most this long
inline constexpr std::size_t lane_queue_max = 32;  ///< two nodes with several agents each; more is refused

using HolderId = std::uint64_t;

class Lanes {
 public:
  enum class Entry : std::uint8_t { granted, waiting, refused, closed };
  /// `refused`: the queue is full. `closed`: the holder's time is up. Precondition: `who` neither holds nor waits for a
  /// lane.
  [[nodiscard]] Entry enter(LaneId lane, HolderId who, Instant now);
  /// Gives the lane back, or leaves the queue. Returns who holds it now and did not before.
  [[nodiscard]] std::optional<HolderId> leave(HolderId who, Instant now);

  struct Expired {
    HolderId holder = 0;
    std::vector<HolderId> waited;  ///< they have left the queue
  };
  /// Closes the lanes of those who have held them for lane_limit; tells each once.
  [[nodiscard]] std::vector<Expired> expire(Instant now);
  [[nodiscard]] std::optional<Instant> next_expiry() const;
  [[nodiscard]] bool holds(HolderId who) const;
  /// Who holds the lane now.
  [[nodiscard]] std::optional<HolderId> holder_of(LaneId lane) const;
  [[nodiscard]] std::size_t held() const { return lanes_.size(); }

 private:
  struct Lane {
    HolderId holder = 0;
    Instant until{};
    bool closed = false;  ///< `until` has passed
    std::deque<HolderId> waiting;
  };
  /// Next in the queue, or the lane goes.
  std::optional<HolderId> advance(std::map<LaneId, Lane>::iterator lane, Instant now);
  std::map<LaneId, Lane> lanes_;  ///< only those that are held
  std::map<HolderId, LaneId> whose_;
};

}  // namespace duet::fencehost
