// SPDX-License-Identifier: Apache-2.0
// What an order or a colocation keeps from running: known for some before anything is placed, and a second look when
// everything is, for constraints may bind units that were placed independently.
#include "core/policy/dependence.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/policy/verdict.hpp"

namespace duet::policy {

namespace {

bool people_decide(const Resource& resource) {
  return resource.blocked || resource.unmanaged;
}

bool runs(const Picture& picture, const Resource& resource) {
  for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
    if (picture.active(resource, n)) return true;
  }
  return false;
}

/// Why it cannot run while those do not for which `down` holds.
template <class Down>
std::optional<Why> dependence(const Picture& picture, std::size_t i, const Down& down) {
  const Resource& resource = picture.resources[i];
  for (const std::size_t index : resource.before) {
    const OrderEdge& edge = picture.orders[index];
    const bool starts = edge.first_action == OrderAction::start && edge.then_action == OrderAction::start;
    if (edge.kind != OrderKind::mandatory || !starts || !down(edge.first)) continue;
    const Resource& first = picture.resources[edge.first];
    if (runs(picture, resource) && (!edge.symmetrical || people_decide(first))) continue;
    return Why{edge.group ? "group" : "order", fmt::format("it comes after {}, which does not run", first.id())};
  }
  for (const std::size_t index : resource.colocations) {
    const ColocationEdge& edge = picture.colocations[index];
    if (!edge.score.is_infinity() || !down(edge.with)) continue;
    return Why{"colocation", fmt::format("it must be with {}, which does not run", picture.resources[edge.with].id())};
  }
  return std::nullopt;
}

class Spreader {
 public:
  Spreader(const Picture& picture, std::vector<Placed>& placed) : picture_{picture}, placed_{placed} {}

  bool pass() {
    bool changed = false;
    for (const std::size_t i : picture_.start_order) {
      if (!placed_[i].node || held(i)) continue;
      if (auto why = dependence(picture_, i, [this](std::size_t other) { return !placed_[other].node; })) {
        placed_[i].node.reset();
        placed_[i].why = std::move(*why);
        changed = true;
      }
    }
    return changed;
  }

 private:
  /// People decide about it: it stays where it is.
  [[nodiscard]] bool held(std::size_t i) const {
    return people_decide(picture_.resources[i]) || picture_.nodes[*placed_[i].node].maintenance;
  }

  const Picture& picture_;
  std::vector<Placed>& placed_;
};

}  // namespace

std::vector<bool> cannot_run(const Picture& picture, const std::vector<Placed>& placed) {
  std::vector<bool> down(picture.resources.size(), false);
  const auto is_down = [&](std::size_t i) { return down[i]; };
  const auto allowed = [](const NodeVerdict& verdict) { return verdict.allowed; };
  bool changed = true;
  while (changed) {
    changed = false;
    for (const std::size_t i : picture.start_order) {
      const Resource& resource = picture.resources[i];
      if (down[i] || people_decide(resource) || pinned_node(picture, resource)) continue;
      const auto& verdicts = placed[i].verdicts;
      const bool nowhere = resource.nowhere || std::none_of(verdicts.begin(), verdicts.end(), allowed);
      if (!nowhere && !dependence(picture, i, is_down)) continue;
      down[i] = changed = true;
    }
  }
  return down;
}

void spread_nowhere(const Picture& picture, std::vector<Placed>& placed) {
  Spreader spreader{picture, placed};
  while (spreader.pass()) {
  }
}

}  // namespace duet::policy
