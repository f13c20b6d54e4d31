// SPDX-License-Identifier: Apache-2.0
// Which copies must be stopped: wrong place, failed, active twice, or because something they depend on goes down.
#pragma once

#include <optional>
#include <vector>

#include "core/policy/placement.hpp"

namespace duet::policy {

/// What is to be done with one resource.
struct Need {
  std::vector<std::optional<Why>> stop;  ///< per node: the copy there must be stopped, and why
  bool all_at_once = false;              ///< active twice: all copies are stopped together
  bool starts = false;                   ///< will be started at its place
  bool comes = false;                    ///< `starts`, and nothing but other steps of this plan is in the way
  bool founded = false;                  ///< runs well at its place, and so does all that it comes after
  bool below_goes_down = false;          ///< it is down, and something that it comes after goes down
  Why start_why;
  std::vector<Why> start_waits;  ///< obstacles to the start, orders apart
  /// Goes down, or comes up and was down: what runs after it must be down before.
  [[nodiscard]] bool goes_down() const;
};

[[nodiscard]] std::vector<Need> find_needs(const Picture& picture, const std::vector<Placed>& placed);

}  // namespace duet::policy
