// SPDX-License-Identifier: Apache-2.0
// Builds the indexes. Objects that the state does not know count as empty: nothing is known of them.
#include "core/policy/picture.hpp"

#include <algorithm>

#include "core/model/fence_cover.hpp"

namespace duet::policy {

namespace {

const NodeState& no_node() {
  static const NodeState empty;
  return empty;
}
const ResourceState& no_resource() {
  static const ResourceState empty;
  return empty;
}
const ResourceOnNode& no_place() {
  static const ResourceOnNode empty;
  return empty;
}

}  // namespace

Picture::Picture(const PolicyInput& from) : input{from}, options{cluster_options(from.config)} {
  if (options.stonith_enabled && duet::fencing_missing(input.config, input.state)) {
    const auto findings = fencing_findings(input.config, input.state);
    fencing_missing = Why{"no_fencing", findings.empty() ? "no fence device" : findings.front().text};
  }
  add_nodes();
  add_resources();
  add_units();
  add_orders();
  add_colocations();
  sort_by_orders();
}

void Picture::add_nodes() {
  for (const Node& node : input.config.nodes) {
    NodeInfo info;
    info.id = node.id;
    info.name = node.name;
    info.options = node_options(node);
    const auto state = input.state.nodes.find(node.id);
    info.state = state == input.state.nodes.end() ? &no_node() : &state->second;
    info.joined = info.state->membership == Membership::joined;
    info.live = info.joined || (info.state->membership == Membership::present && info.state->reported);
    info.maintenance = options.maintenance_mode || info.options.maintenance;
    nodes.push_back(std::move(info));
  }
}

void Picture::add_resources() {
  std::map<std::string_view, const Group*> group_of;
  for (const Group& group : input.config.groups) {
    groups_[group.id] = &group;
    for (const ObjectId& member : group.members) group_of.emplace(member, &group);
  }
  std::map<std::string_view, std::vector<const LocationConstraint*>> locations;
  for (const LocationConstraint& item : input.config.locations) locations[item.resource].push_back(&item);

  resources.reserve(input.config.primitives.size());
  for (const Primitive& primitive : input.config.primitives) {
    Resource resource;
    resource.primitive = &primitive;
    const auto group = group_of.find(primitive.id);
    resource.group = group == group_of.end() ? nullptr : group->second;
    resource.options = resource_options(input.config, options, primitive, resource.group);
    resource.unmanaged = options.maintenance_mode || !resource.options.managed || resource.options.maintenance;
    const auto state = input.state.resources.find(primitive.id);
    resource.state = state == input.state.resources.end() ? &no_resource() : &state->second;
    for (const NodeInfo& node : nodes) {
      const auto place = resource.state->on.find(node.id);
      resource.on.push_back(place == resource.state->on.end() ? &no_place() : &place->second);
    }
    const auto own = locations.find(primitive.id);
    if (own != locations.end()) resource.locations = own->second;
    if (resource.group != nullptr) {
      const auto shared = locations.find(resource.group->id);
      if (shared != locations.end()) {
        resource.locations.insert(resource.locations.end(), shared->second.begin(), shared->second.end());
      }
    }
    index_[primitive.id] = resources.size();
    resources.push_back(std::move(resource));
  }
}

void Picture::add_units() {
  std::map<const Group*, std::size_t> unit_of;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    Resource& resource = resources[i];
    if (resource.group == nullptr) {
      resource.unit = units.size();
      units.push_back({nullptr, {i}});
      continue;
    }
    const auto [unit, fresh] = unit_of.emplace(resource.group, units.size());
    if (fresh) units.push_back({resource.group, members(resource.group->id)});
    resource.unit = unit->second;
  }
}

std::vector<std::size_t> Picture::members(std::string_view id) const {
  std::vector<std::size_t> result;
  const auto group = groups_.find(id);
  if (group != groups_.end()) {
    for (const ObjectId& member : group->second->members) {
      const auto it = index_.find(member);
      if (it != index_.end()) result.push_back(it->second);
    }
  } else if (const auto it = index_.find(id); it != index_.end()) {
    result.push_back(it->second);
  }
  return result;
}

void Picture::add_orders() {
  for (const Unit& unit : units) {
    for (std::size_t i = 1; i < unit.members.size(); ++i) {
      OrderEdge edge;
      edge.first = unit.members[i - 1];
      edge.then = unit.members[i];
      edge.group = true;
      orders.push_back(edge);
    }
  }
  for (const OrderConstraint& item : input.config.orders) {
    // The first member of a group starts first and stops last: what waits for it waits for the whole group.
    const auto thens = members(item.then);
    if (thens.empty()) continue;
    const bool by_stop = item.then_action == OrderAction::stop;
    for (const std::size_t first : members(item.first)) {
      const std::size_t then = by_stop ? thens.back() : thens.front();
      if (first != then) {
        orders.push_back({first, then, item.kind, item.first_action, item.then_action, item.symmetrical, false});
      }
    }
  }
  for (std::size_t i = 0; i < orders.size(); ++i) {
    resources[orders[i].then].before.push_back(i);
    resources[orders[i].first].after.push_back(i);
  }
}

void Picture::add_colocations() {
  for (const ColocationConstraint& item : input.config.colocations) {
    const auto followers = members(item.resource);
    const auto leaders = members(item.with);
    if (followers.empty() || leaders.empty()) continue;
    // A group follows by its first member; whoever must be with a group must be with all of it, hence with its last.
    const std::size_t with = item.score.is_infinity() ? leaders.back() : leaders.front();
    if (resources[followers.front()].unit == resources[with].unit) continue;
    resources[followers.front()].colocations.push_back(colocations.size());
    resources[with].followers.push_back(colocations.size());
    colocations.push_back({followers.front(), with, item.score, &item});
  }
}

// Kahn's algorithm, in rounds by index so that the order is stable. What is left in a cycle (refused by validation)
// goes to the end in configuration order.
void Picture::sort_by_orders() {
  std::vector<std::size_t> waiting(resources.size(), 0);
  const auto counts = [&](const OrderEdge& edge) {
    return edge.kind != OrderKind::serialize && edge.first_action == edge.then_action;
  };
  const auto source = [](const OrderEdge& edge) {
    return edge.first_action == OrderAction::start ? edge.first : edge.then;
  };
  std::vector<std::vector<std::size_t>> targets(resources.size());
  for (const OrderEdge& edge : orders) {
    if (!counts(edge)) continue;
    const std::size_t target = source(edge) == edge.first ? edge.then : edge.first;
    targets[source(edge)].push_back(target);
    ++waiting[target];
  }
  std::vector<bool> done(resources.size(), false);
  const auto visit = [&](std::size_t start) {
    std::vector<std::size_t> stack{start};
    while (!stack.empty()) {
      const std::size_t at = stack.back();
      stack.pop_back();
      done[at] = true;
      start_order.push_back(at);
      for (auto it = targets[at].rbegin(); it != targets[at].rend(); ++it) {
        if (--waiting[*it] == 0 && !done[*it]) stack.push_back(*it);
      }
    }
  };
  for (std::size_t i = 0; i < resources.size(); ++i) {
    if (waiting[i] == 0 && !done[i]) visit(i);
  }
  for (std::size_t i = 0; i < resources.size(); ++i) {
    if (!done[i]) start_order.push_back(i);
  }
}

bool Picture::active(const Resource& resource, std::size_t node) const {
  if (!nodes[node].live) return false;
  const Activity activity = resource.on[node]->activity;
  return activity == Activity::running || activity == Activity::failed;
}

bool Picture::to_stop(const Resource& resource, std::size_t node) const {
  return active(resource, node) || (nodes[node].live && resource.on[node]->needs_stop);
}

bool Picture::healthy(const Resource& resource, std::size_t node) const {
  const ResourceOnNode& place = *resource.on[node];
  return nodes[node].live && place.activity == Activity::running && !place.needs_stop && !place.stop_failed &&
         !(place.pending && place.pending->action == Action::stop);
}

bool Picture::hands_off(const Resource& resource, std::size_t node) const {
  return resource.unmanaged || nodes[node].maintenance;
}

bool Picture::unknown(const Resource& resource, std::size_t node) const {
  return nodes[node].live && (!resource.on[node]->probed || resource.on[node]->activity == Activity::unknown);
}

bool Picture::starting(const Resource& resource, std::size_t node) const {
  const auto& pending = resource.on[node]->pending;
  return nodes[node].live && pending && pending->action == Action::start;
}

bool Picture::current(const Resource& resource, std::size_t node) const {
  if (to_stop(resource, node) || starting(resource, node)) return true;
  for (std::size_t other = 0; other < nodes.size(); ++other) {
    if (to_stop(resource, other) || starting(resource, other)) return false;
  }
  return resource.state->last_node == nodes[node].id;
}

std::optional<std::size_t> Picture::held(const Resource& resource) const {
  std::optional<std::size_t> holder;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    if (nodes[n].joined) {
      if (to_stop(resource, n) || starting(resource, n)) return std::nullopt;
    } else if (active(resource, n) || (resource.on[n]->may_run && current(resource, n))) {
      holder = n;
    }
  }
  return holder;
}

std::optional<std::size_t> Picture::node_index(NodeId id) const {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].id == id) return i;
  }
  return std::nullopt;
}

bool Picture::held_by_quorum() const {
  return !input.quorate && options.no_quorum_policy == NoQuorumPolicy::freeze;
}

}  // namespace duet::policy
