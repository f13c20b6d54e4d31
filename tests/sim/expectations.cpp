// SPDX-License-Identifier: Apache-2.0
// Which resources a configuration lets one expect to run. Deliberately simple and slow: where it is not sure (finite
// colocations that may pull apart, negative ones with one node left), it says "open" and nothing is demanded.
#include <algorithm>
#include <map>

#include "tests/sim/requests.hpp"

namespace duet::sim {

namespace {

using Kind = Expected::Kind;

bool is_stopped(const Attributes& meta) {
  const auto role = meta.find("target-role");
  return role != meta.end() && (role->second == "Stopped" || role->second == "stopped");
}

bool is_on(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  return found != attributes.end() && (found->second == "on" || found->second == "true");
}

/// Everything is computed over primitives; constraints on a group apply to its members.
class Expecter {
 public:
  Expecter(const ClusterConfig& config, const std::set<NodeId>& up) : config_{config} {
    for (const Node& node : config.nodes) {
      if (up.contains(node.id) && !is_on(node.attributes, "standby")) usable_.insert(node.id);
    }
    for (const Primitive& each : config.primitives) allowed_[each.id] = allowed(each);
    for (std::size_t round = 0; round <= config.primitives.size(); ++round) spread();
  }

  [[nodiscard]] std::vector<Expected> result() const {
    std::vector<Expected> all;
    for (const Primitive& each : config_.primitives) {
      Expected expected{Kind::running, each.id, allowed_.at(each.id)};
      if (stopped_.contains(each.id)) {
        expected.kind = Kind::stopped;
      } else if (open_.contains(each.id) || expected.nodes.empty()) {
        expected.kind = Kind::open;
      }
      all.push_back(std::move(expected));
    }
    return all;
  }

 private:
  [[nodiscard]] std::vector<ObjectId> members(const ObjectId& unit) const {
    const Group* group = config_.group(unit);
    return group == nullptr ? std::vector<ObjectId>{unit} : group->members;
  }

  std::set<NodeId> allowed(const Primitive& each) {
    std::set<NodeId> nodes = usable_;
    const Group* group = config_.group_of(each.id);
    for (const LocationConstraint& location : config_.locations) {
      const bool mine = location.resource == each.id || (group != nullptr && location.resource == group->id);
      if (mine && location.score < Score{0}) {
        if (location.score.is_minus_infinity()) {
          nodes.erase(location.node);
        } else {
          open_.insert(each.id);  // a negative sum excludes a node; sums are the policy's affair
        }
      }
    }
    if (is_stopped(each.meta) || (group != nullptr && is_stopped(group->meta))) stopped_.insert(each.id);
    return nodes;
  }

  /// `dependent` runs only where and when `base` does.
  void together(const ObjectId& base, const ObjectId& dependent) {
    if (stopped_.contains(base)) stopped_.insert(dependent);
    if (open_.contains(base) || open_.contains(dependent)) {
      open_.insert(base);
      open_.insert(dependent);
    }
    std::set<NodeId> common;
    std::set_intersection(allowed_[base].begin(), allowed_[base].end(), allowed_[dependent].begin(),
                          allowed_[dependent].end(), std::inserter(common, common.begin()));
    if (common.empty()) open_.insert({base, dependent});  // which of them gives way is the policy's affair
    if (!stopped_.contains(dependent)) allowed_[base] = common;
    allowed_[dependent] = common;
  }

  void spread() {
    for (const Group& group : config_.groups) {
      for (std::size_t i = 1; i < group.members.size(); ++i) together(group.members[i - 1], group.members[i]);
    }
    for (const ColocationConstraint& each : config_.colocations) {
      for (const ObjectId& with : members(each.with)) {
        for (const ObjectId& resource : members(each.resource)) {
          if (each.score.is_infinity()) {
            together(with, resource);
          } else {
            open_.insert({with, resource});
          }
        }
      }
    }
    for (const OrderConstraint& each : config_.orders) {
      for (const ObjectId& first : members(each.first)) {
        for (const ObjectId& then : members(each.then)) {
          if (stopped_.contains(first)) stopped_.insert(then);
          if (open_.contains(first) || allowed_[first].empty()) open_.insert(then);
        }
      }
    }
  }

  const ClusterConfig& config_;
  std::set<NodeId> usable_;
  std::map<ObjectId, std::set<NodeId>> allowed_;
  std::set<ObjectId> stopped_;
  std::set<ObjectId> open_;
};

}  // namespace

std::vector<Expected> expectations(const ClusterConfig& config, const std::set<NodeId>& up) {
  return Expecter{config, up}.result();
}

}  // namespace duet::sim
