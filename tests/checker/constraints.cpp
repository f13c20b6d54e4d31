// SPDX-License-Identifier: Apache-2.0
// S14: begins respect groups and mandatory orders. A constraint counts only if every configuration of the last 30 s had
// it, so that what was ordered before a change of the configuration is no violation.
#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "tests/checker/checkers.hpp"

namespace duet::checker {

namespace {

constexpr Duration settled = 30s;

/// `first` must be up before `then` starts, and `then` down before `first` stops.
struct Pair {
  std::string first;
  std::string then;
  bool same_node = false;  ///< in a group: on the node in question; an order: anywhere
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

class RightOrder final : public Checker {
 public:
  RightOrder() : Checker{"S14"} {}

  void on(Duration now, const TraceEvent& event) override {
    const std::string resource{event.get("resource")};
    switch (event.kind) {
      case TraceKind::config:
        configs_.emplace_back(now, parse(event));
        while (configs_.size() > 1 && now - configs_[1].first > settled) configs_.pop_front();
        return;
      case TraceKind::truth_up:
        up_[resource].insert(event.node);
        died_.erase({resource, event.node});
        return;
      case TraceKind::truth_down:
        up_[resource].erase(event.node);
        if (!stopping_.contains({resource, event.node})) died_.insert({resource, event.node});
        return;
      case TraceKind::exec_begin:
        if (event.get("action") == "stop") stopping_.insert({resource, event.node});
        if (event.get("action") == "stop") return before_stop(now, event, resource);
        if (event.get("action") == "start") return before_start(now, event, resource);
        return;
      case TraceKind::exec_end:
        if (event.get("action") == "stop") stopping_.erase({resource, event.node});
        return;
      case TraceKind::boot:
        std::erase_if(stopping_, [&](const auto& entry) { return entry.second == event.node; });
        return;
      default:
        return;
    }
  }

 private:
  static std::set<Pair> parse(const TraceEvent& event) {
    std::set<Pair> pairs;
    for (const std::string& group : split(event.get("groups"), ';')) {
      const std::vector<std::string> members = split(group, ',');
      for (std::size_t i = 0; i < members.size(); ++i) {
        for (std::size_t j = i + 1; j < members.size(); ++j) pairs.insert({members[i], members[j], true});
      }
    }
    for (const std::string& order : split(event.get("orders"), ';')) {
      const std::vector<std::string> sides = split(order, '>');
      if (sides.size() == 2) pairs.insert({sides[0], sides[1], false});
    }
    return pairs;
  }

  [[nodiscard]] bool holds(Duration now, const Pair& pair) const {
    if (configs_.empty()) return false;
    if (now - configs_.front().first < settled && configs_.size() == 1) return false;
    return std::all_of(configs_.begin(), configs_.end(),
                       [&](const auto& config) { return config.second.contains(pair); });
  }
  [[nodiscard]] bool is_up(const std::string& resource, NodeNumber node, bool same_node) const {
    const auto found = up_.find(resource);
    if (found == up_.end()) return false;
    return same_node ? found->second.contains(node) : !found->second.empty();
  }

  void before_start(Duration now, const TraceEvent& event, const std::string& resource) {
    if (configs_.empty()) return;
    for (const Pair& pair : configs_.back().second) {
      if (pair.then != resource || !holds(now, pair)) continue;
      evaluated();
      const bool excused = died_.contains({pair.first, 1U}) || died_.contains({pair.first, 2U});
      if (!excused && !is_up(pair.first, event.node, pair.same_node)) {
        violated(now, fmt::format("n{} starts {} while {} is not up", event.node, resource, pair.first));
      }
    }
  }
  void before_stop(Duration now, const TraceEvent& event, const std::string& resource) {
    if (configs_.empty()) return;
    for (const Pair& pair : configs_.back().second) {
      if (pair.first != resource || !holds(now, pair)) continue;
      evaluated();
      if (!is_up(resource, event.node, true)) continue;  // nothing is taken away from anybody
      if (is_up(pair.then, event.node, true)) {
        violated(now, fmt::format("n{} stops {} while {} is still up", event.node, resource, pair.then));
      }
    }
  }

  std::deque<std::pair<Duration, std::set<Pair>>> configs_;
  std::map<std::string, std::set<NodeNumber>> up_;
  std::set<std::pair<std::string, NodeNumber>> died_;
  std::set<std::pair<std::string, NodeNumber>> stopping_;
};

}  // namespace

void add_order_checker(Checkers& all) {
  all.push_back(std::make_unique<RightOrder>());
}

}  // namespace duet::checker
