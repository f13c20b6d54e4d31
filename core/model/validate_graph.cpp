// SPDX-License-Identifier: Apache-2.0
// Cycles: of what must start before what, and of what is placed before what. A group counts with its member chain, so
// that a constraint between members which is against their order is found too.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/model/validate_parts.hpp"

namespace duet::validation {

namespace {

using Edges = std::map<std::string_view, std::set<std::string_view>>;

class Graph {
 public:
  explicit Graph(const ClusterConfig& config) {
    for (const Group& group : config.groups) {
      if (group.members.empty()) continue;
      groups_[group.id] = &group;
      for (std::size_t i = 1; i < group.members.size(); ++i) edges_[group.members[i - 1]].insert(group.members[i]);
    }
  }

  /// `before` comes before `after`; a group comes as a whole: its last member before the other's first.
  void add(std::string_view before, std::string_view after) { edges_[last(before)].insert(first(after)); }

  /// The ids of one cycle, the first one repeated at the end; empty if there is none.
  [[nodiscard]] std::vector<std::string_view> cycle() const {
    std::set<std::string_view> done;
    for (const auto& [start, unused] : edges_) {
      std::vector<std::string_view> path;
      if (walk(start, done, path)) return path;
    }
    return {};
  }

 private:
  struct Frame {
    std::string_view at;
    std::set<std::string_view>::const_iterator next;
  };

  [[nodiscard]] std::string_view first(std::string_view id) const {
    const auto it = groups_.find(id);
    return it == groups_.end() ? id : std::string_view{it->second->members.front()};
  }
  [[nodiscard]] std::string_view last(std::string_view id) const {
    const auto it = groups_.find(id);
    return it == groups_.end() ? id : std::string_view{it->second->members.back()};
  }

  /// Depth first without recursion: a chain may be 1,000 long. True: `path` is a cycle.
  bool walk(std::string_view start, std::set<std::string_view>& done, std::vector<std::string_view>& path) const {
    static const std::set<std::string_view> none;
    const auto targets = [&](std::string_view id) -> const std::set<std::string_view>& {
      const auto it = edges_.find(id);
      return it == edges_.end() ? none : it->second;
    };
    if (done.contains(start)) return false;
    std::vector<Frame> stack{{start, targets(start).begin()}};
    std::set<std::string_view> open{start};
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next == targets(top.at).end()) {
        done.insert(top.at);
        open.erase(top.at);
        stack.pop_back();
        continue;
      }
      const std::string_view next = *top.next++;
      if (open.contains(next)) {
        const auto from = std::find_if(stack.begin(), stack.end(), [&](const Frame& f) { return f.at == next; });
        for (auto it = from; it != stack.end(); ++it) path.push_back(it->at);
        path.push_back(next);
        return true;
      }
      if (done.contains(next)) continue;
      open.insert(next);
      stack.push_back({next, targets(next).begin()});
    }
    return false;
  }

  std::map<std::string_view, const Group*> groups_;
  Edges edges_;
};

std::string chain(const std::vector<std::string_view>& ids, std::string_view arrow) {
  std::string text;
  for (const std::string_view id : ids) {
    if (!text.empty()) text += arrow;
    text += id;
  }
  return text;
}

void check_orders(const ClusterConfig& config, Findings& out) {
  Graph graph{config};
  for (const OrderConstraint& order : config.orders) {
    // "Never at the same time" has no direction, and a start that waits for a stop cannot be followed as a chain.
    if (order.kind == OrderKind::serialize || order.first_action != order.then_action) continue;
    if (order.first == order.then) continue;
    if (order.first_action == OrderAction::start) {
      graph.add(order.first, order.then);
    } else {
      graph.add(order.then, order.first);
    }
  }
  const auto cycle = graph.cycle();
  if (cycle.empty()) return;
  error(out, cycle.front(), fmt::format("these wait for each other and would never start: {}", chain(cycle, " then ")),
        "remove one of the order constraints: duet constraint order");
}

void check_colocations(const ClusterConfig& config, Findings& out) {
  Graph graph{config};
  std::map<std::pair<std::string_view, std::string_view>, const ColocationConstraint*> pairs;
  for (const ColocationConstraint& item : config.colocations) {
    if (item.resource == item.with) continue;
    graph.add(item.with, item.resource);
    const auto [known, fresh] =
        pairs.emplace(std::pair{std::string_view{item.resource}, std::string_view{item.with}}, &item);
    const bool clash = !fresh && ((known->second->score.is_infinity() && item.score.is_minus_infinity()) ||
                                  (known->second->score.is_minus_infinity() && item.score.is_infinity()));
    if (clash) {
      error(out, item.id,
            fmt::format("{} and {} contradict each other: {} must be with {} and must not", known->second->id, item.id,
                        item.resource, item.with));
    }
    const Group* group = config.group_of(item.resource);
    if (group != nullptr && group == config.group_of(item.with) && item.score.is_minus_infinity()) {
      error(out, item.id, fmt::format("{} keeps two members of group {} apart", item.id, group->id));
    }
  }
  const auto cycle = graph.cycle();
  if (cycle.empty()) return;
  error(out, cycle.front(),
        fmt::format("each of these is placed after the next one: {}", chain({cycle.rbegin(), cycle.rend()}, " with ")),
        "remove one of the colocation constraints: duet constraint colocation");
}

}  // namespace

void check_graphs(const ClusterConfig& config, Findings& out) {
  check_orders(config, out);
  check_colocations(config, out);
}

}  // namespace duet::validation
