// SPDX-License-Identifier: Apache-2.0
// The gate before every start. Each check stands for an invariant; none is skipped because another one seems to cover
// it.
#include "core/policy/starting.hpp"

#include <fmt/core.h>

namespace duet::policy {

namespace {

/// S6(ii): without quorum only a restart in place of what was nowhere else.
bool in_place(const Resource& resource, const NodeInfo& node, const ResourceOnNode& place) {
  return place.may_run.has_value() || resource.state->last_node == node.id;
}

void whole_cluster(const Picture& picture, const Resource& resource, std::size_t node, std::vector<Why>& out) {
  if (picture.fencing_missing) out.push_back(*picture.fencing_missing);
  if (!picture.input.unsafe.empty()) out.push_back({"unsafe", picture.input.unsafe});
  if (picture.input.state.fork) out.push_back({"fork", *picture.input.state.fork});
  if (picture.held_by_quorum() && !in_place(resource, picture.nodes[node], *resource.on[node])) {
    out.push_back({"no_quorum", "no quorum: nothing is started that did not run here"});
  }
}

void own_node(const Picture& picture, const Resource& resource, std::size_t node, std::vector<Why>& out) {
  const NodeInfo& info = picture.nodes[node];
  const ResourceOnNode& place = *resource.on[node];
  if (!info.joined) out.push_back({"node_joining", fmt::format("{} has not joined yet", info.name)});
  if (info.fenced_soon) out.push_back({"to_be_fenced", fmt::format("{} is going to be fenced", info.name)});
  if (!place.probed || place.activity == Activity::unknown) {
    out.push_back({"probe", fmt::format("it has not been probed on {} yet", info.name)});
  } else if (picture.to_stop(resource, node) || place.stop_failed) {
    out.push_back({"stop", fmt::format("it must be stopped on {} first", info.name)});
  }
}

/// S1 and S10 for one other node.
std::optional<Why> other_node(const Picture& picture, const Resource& resource, std::size_t other) {
  const NodeInfo& info = picture.nodes[other];
  const ResourceOnNode& place = *resource.on[other];
  const bool present = info.state->membership == Membership::present;
  if (picture.active(resource, other) || (place.pending && place.pending->action != Action::probe)) {
    return Why{"stop", fmt::format("it must be stopped on {} first", info.name)};
  }
  if (place.may_run) {
    if (info.live) return Why{"may_run", fmt::format("{} may run it: not proven to be stopped there", info.name)};
    return may_run_why(info);
  }
  if ((info.joined || present) && picture.unknown(resource, other)) {  // it may have run alone, in a solo of its own
    return Why{"probe", fmt::format("it has not been probed on {} yet", info.name)};
  }
  const bool proven = info.state->evidence && info.state->evidence->boot == info.state->incarnation.boot;
  if (present && !proven && !info.state->reported) {
    return Why{"node_joining", fmt::format("{} is joining and has not told yet what it runs", info.name)};
  }
  return std::nullopt;
}

}  // namespace

Why may_run_why(const NodeInfo& node) {
  const bool present = node.state->membership == Membership::present;
  return {"may_run", fmt::format("{} may still run it: {}", node.name,
                                 present                ? "it is joining"
                                 : node.state->evidence ? "it was left running there, not managed, when the node left"
                                 : node.state->unclean  ? "lost, and not proven to be off"
                                                        : "its duetd is gone, the node is not")};
}

std::vector<Why> start_obstacles(const Picture& picture, const Resource& resource, std::size_t node,
                                 std::optional<std::size_t> leaving) {
  std::vector<Why> out;
  whole_cluster(picture, resource, node, out);
  own_node(picture, resource, node, out);
  for (std::size_t other = 0; other < picture.nodes.size(); ++other) {
    if (other == node || leaving == other) continue;
    if (auto why = other_node(picture, resource, other)) out.push_back(std::move(*why));
  }
  return out;
}

}  // namespace duet::policy
