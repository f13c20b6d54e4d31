// SPDX-License-Identifier: Apache-2.0
// A second look after everything is placed: order constraints may bind units that were placed independently.
#include "core/policy/dependence.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace duet::policy {

namespace {

class Spreader {
 public:
  Spreader(const Picture& picture, std::vector<Placed>& placed) : picture_{picture}, placed_{placed} {}

  bool pass() {
    bool changed = false;
    for (const std::size_t i : picture_.start_order) {
      if (!placed_[i].node || held(i)) continue;
      if (auto why = obstacle(i)) {
        placed_[i].node.reset();
        placed_[i].why = std::move(*why);
        changed = true;
      }
    }
    return changed;
  }

 private:
  [[nodiscard]] const Resource& resource(std::size_t i) const { return picture_.resources[i]; }

  /// People decide about it: it stays where it is.
  [[nodiscard]] bool held(std::size_t i) const {
    if (resource(i).blocked || resource(i).unmanaged) return true;
    return placed_[i].node && picture_.nodes[*placed_[i].node].maintenance;
  }
  [[nodiscard]] bool runs(std::size_t i) const {
    for (std::size_t n = 0; n < picture_.nodes.size(); ++n) {
      if (picture_.active(resource(i), n)) return true;
    }
    return false;
  }

  [[nodiscard]] std::optional<Why> obstacle(std::size_t i) const {
    for (const std::size_t index : resource(i).before) {
      const OrderEdge& edge = picture_.orders[index];
      const bool starts = edge.first_action == OrderAction::start && edge.then_action == OrderAction::start;
      if (edge.kind != OrderKind::mandatory || !starts || placed_[edge.first].node) continue;
      const bool may_stay = runs(i) && (!edge.symmetrical || held(edge.first));
      if (may_stay) continue;
      return Why{edge.group ? "group" : "order",
                 fmt::format("it comes after {}, which does not run", resource(edge.first).id())};
    }
    for (const std::size_t index : resource(i).colocations) {
      const ColocationEdge& edge = picture_.colocations[index];
      if (!edge.score.is_infinity() || placed_[edge.with].node) continue;
      return Why{"colocation", fmt::format("it must be with {}, which does not run", resource(edge.with).id())};
    }
    return std::nullopt;
  }

  const Picture& picture_;
  std::vector<Placed>& placed_;
};

}  // namespace

void spread_nowhere(const Picture& picture, std::vector<Placed>& placed) {
  Spreader spreader{picture, placed};
  while (spreader.pass()) {
  }
}

}  // namespace duet::policy
