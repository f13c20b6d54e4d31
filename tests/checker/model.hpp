// SPDX-License-Identifier: Apache-2.0
// What the trace says about nodes: power, boots, daemons, views, joins. Kept once for all checkers, from events only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/trace/trace.hpp"

namespace duet::checker {

using NodeNumber = std::uint32_t;

/// "epoch.seq.giver" as numbers that compare like the core's.
struct OpNumber {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint64_t giver = 0;
  static OpNumber parse(std::string_view text);
  [[nodiscard]] bool valid() const { return sequence != 0; }
  friend auto operator<=>(const OpNumber&, const OpNumber&) = default;
};

[[nodiscard]] std::uint64_t number(const TraceEvent& event, std::string_view key);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

struct NodeModel {
  bool on = false;
  std::string boot;                ///< of the running boot, or the last one
  std::vector<std::string> boots;  ///< all, oldest first
  bool daemon = false;             ///< duetd runs
  Duration daemon_changed{0};
  bool paused = false;
  Duration pause_changed{0};
  std::set<NodeNumber> view;  ///< group members as last told to duetd
  Duration view_at{0};
  std::uint64_t views = 0;
  bool quorate = false;
  Duration quorate_changed{0};
  std::map<NodeNumber, std::string> joined;   ///< member -> boot, as this duetd completed the join
  std::map<NodeNumber, std::string> greeted;  ///< member -> boot, from its hello in this view
  /// "node/boot" that this node holds durable evidence against, with the resources about which it says nothing.
  std::map<std::string, std::set<std::string>> evidence;
  std::set<std::string> assumed;  ///< those of them that only stonith-enabled=false is the reason for
};

class ClusterModel {
 public:
  void on(Duration now, const TraceEvent& event);
  [[nodiscard]] const NodeModel& node(NodeNumber id) const;
  /// The boot has ended in truth: power off, or another boot runs.
  [[nodiscard]] bool is_over(NodeNumber id, const std::string& boot) const;
  /// Position of a boot in the life of a node; 0 = unknown.
  [[nodiscard]] std::size_t age(NodeNumber id, const std::string& boot) const;
  /// `holder` has evidence against this boot, or against a later one of the same node, that is about this resource.
  [[nodiscard]] bool excluded(NodeNumber holder, NodeNumber id, const std::string& boot,
                              const std::string& resource) const;
  /// The same by E1 - E7 alone: with fencing switched off a lost node counts as down, but that proves nothing.
  [[nodiscard]] bool proved(NodeNumber holder, NodeNumber id, const std::string& boot) const;
  /// Boots of `id` whose join `holder` has recorded: they count as members of every may-run set there.
  [[nodiscard]] const std::set<std::string>& recorded(NodeNumber holder, NodeNumber id) const;
  [[nodiscard]] const std::map<NodeNumber, NodeModel>& nodes() const { return nodes_; }

 private:
  [[nodiscard]] bool excluded(NodeNumber holder, NodeNumber id, const std::string& boot, const std::string* resource,
                              bool proof) const;
  void on_join(NodeModel& node, const TraceEvent& event);
  void on_view(Duration now, NodeModel& node, const TraceEvent& event);
  std::map<NodeNumber, NodeModel> nodes_;
  std::map<std::pair<NodeNumber, NodeNumber>, std::set<std::string>> recorded_;
};

}  // namespace duet::checker
