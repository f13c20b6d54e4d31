// SPDX-License-Identifier: Apache-2.0
// Troubles, then places, then steps.
#include "core/policy/plan.hpp"

#include "core/policy/placement.hpp"
#include "core/policy/steps.hpp"
#include "core/policy/trouble.hpp"

namespace duet {

Plan make_plan(const PolicyInput& input) {
  policy::Picture picture{input};
  Plan plan;
  plan.fences = policy::assess(picture);
  std::vector<policy::Placed> placed = policy::place_all(picture);
  plan.operations = policy::plan_operations(picture, placed);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const policy::Resource& resource = picture.resources[i];
    PlacementDecision& decision = plan.placement[resource.id()];
    if (placed[i].node) decision.node = picture.nodes[*placed[i].node].id;
    decision.why = std::move(placed[i].why);
    for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
      decision.verdicts.emplace(picture.nodes[n].id, std::move(placed[i].verdicts[n]));
    }
    if (resource.blocked) plan.blocked.emplace(resource.id(), *resource.blocked);
  }
  return plan;
}

}  // namespace duet
