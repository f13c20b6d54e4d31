// SPDX-License-Identifier: Apache-2.0
// A walk against the start order: who must be stopped first is looked at before who waits for it.
#include "core/policy/leaving.hpp"

#include <algorithm>

#include "core/policy/picture.hpp"
#include "core/policy/trouble.hpp"

namespace duet {

namespace {

using policy::OrderEdge;
using policy::Picture;
using policy::Resource;

/// It is up there and stays so.
bool stays(const Picture& picture, const Resource& resource, std::size_t n) {
  const ResourceOnNode& place = *resource.on[n];
  const bool up = picture.to_stop(resource, n) || (picture.nodes[n].live && place.may_run);
  return up && !place.stop_failed && (picture.hands_off(resource, n) || resource.blocked);
}

}  // namespace

std::vector<ObjectId> left_running(const PolicyInput& input, NodeId node) {
  Picture picture{input};
  static_cast<void>(policy::assess(picture));
  const auto leaver = picture.node_index(node);
  if (!leaver) return {};
  // Per resource and node: it stays there, or something that comes after it does.
  std::vector<std::vector<bool>> held(picture.resources.size(), std::vector<bool>(picture.nodes.size(), false));
  for (auto it = picture.start_order.rbegin(); it != picture.start_order.rend(); ++it) {
    for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
      held[*it][n] = stays(picture, picture.resources[*it], n);
      for (const std::size_t index : picture.resources[*it].after) {
        const OrderEdge& edge = picture.orders[index];
        const bool binds = edge.kind == OrderKind::mandatory && edge.symmetrical &&
                           edge.first_action == OrderAction::start && edge.then_action == OrderAction::start;
        for (std::size_t m = 0; binds && m < picture.nodes.size(); ++m) {
          if (!edge.group || m == n) held[*it][n] = held[*it][n] || held[edge.then][m];
        }
      }
    }
  }
  std::vector<ObjectId> left;
  for (std::size_t i = 0; i < picture.resources.size(); ++i) {
    const ResourceOnNode& place = *picture.resources[i].on[*leaver];
    if (held[i][*leaver] && place.may_run && !place.stop_failed) left.push_back(picture.resources[i].id());
  }
  std::sort(left.begin(), left.end());
  return left;
}

}  // namespace duet
