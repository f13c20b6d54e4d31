// SPDX-License-Identifier: Apache-2.0
// S1a: never up on two nodes. S1b: each start is justified by the may-run set as one can derive it from the trace.
// S2: after a failed stop nothing starts before there is evidence.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "tests/checker/checkers.hpp"

namespace duet::checker {

namespace {

/// Codes of a probe that mean "not running" (cluster-semantics 5.1: 2 and 5 are masked).
bool says_stopped(const TraceEvent& event) {
  if (event.get("status") == "not_installed") return event.get("action") == "probe";
  if (event.get("status") != "done") return false;
  const std::string_view code = event.get("rc");
  if (event.get("action") == "stop") return code == "0";
  return event.get("action") == "probe" && (code == "7" || code == "2" || code == "5");
}

class TruthOverlap final : public Checker {
 public:
  TruthOverlap() : Checker{"S1a"} {}

  void on(Duration now, const TraceEvent& event) override {
    if (event.kind == TraceKind::config && event.get("stonith") == "no") fencing_off_ = true;
    if (event.kind == TraceKind::truth_down) up_[std::string{event.get("resource")}].erase(event.node);
    if (event.kind != TraceKind::truth_up) return;
    auto& nodes = up_[std::string{event.get("resource")}];
    nodes.insert(event.node);
    evaluated();
    if (nodes.size() > 1 && !fencing_off_) violated(now, fmt::format("{} is up on n1 and n2", event.get("resource")));
  }

 private:
  std::map<std::string, std::set<NodeNumber>> up_;
  bool fencing_off_ = false;  ///< S18: once the administrator has done without fencing, doubles are not excluded
};

class JustifiedStart final : public Checker {
 public:
  explicit JustifiedStart(const ClusterModel& model) : Checker{"S1b"}, model_{model} {}

  void on(Duration now, const TraceEvent& event) override {
    switch (event.kind) {
      case TraceKind::msg_send:
      case TraceKind::msg_recv:
        return on_message(now, event);
      case TraceKind::msg_reject:
        return rejected(now, event);
      case TraceKind::proc_start:
        if (event.get("process") == "duetd") return new_life(event.node);
        return;
      case TraceKind::op_begin:
        if (event.get("action") == "start") check(now, event);
        if (event.get("action") == "start") ordered(known_[event.node], event, event.node, event.boot);
        return;
      case TraceKind::op_end:
        return result(known_[event.node], event, event.node, event.boot, event.get("op"));
      default:
        return;
    }
  }

 private:
  struct MayRun {
    std::string boot;
    OpNumber since;                      ///< highest start order
    std::optional<std::string> stopped;  ///< boot in which it is known to be stopped
    std::optional<std::string> before;   ///< `stopped` before that order, in case it is never begun
  };
  using Knowledge = std::map<std::pair<std::string, NodeNumber>, MayRun>;

  /// What the delivery at hand changed, in case the node refuses the message (an older epoch: the order is void).
  struct Undo {
    Duration at{-1};
    std::string sender;
    std::pair<std::string, NodeNumber> key;
    std::string op;
    MayRun before;
  };

  /// Its operation numbers may begin anew: results of this life count whatever their number. What it ran it may still
  /// run; what was known to be stopped in this boot stays so, for no order to start it was given since.
  void new_life(NodeNumber node) {
    for (auto& [observer, known] : known_) {
      for (auto& [key, may] : known) {
        if (key.second != node) continue;
        may.since = OpNumber{};
      }
    }
  }

  void remember(Duration now, const TraceEvent& event, NodeNumber about) {
    const std::pair key{std::string{event.get("resource")}, about};
    const std::string op{event.get("op")};
    const auto sent = sent_.find({event.node, op});
    undo_[event.node] = Undo{now, std::string{event.get("sender")}, key, op,
                             sent == sent_.end() ? known_[event.node][key] : sent->second};
    sent_.erase({event.node, op});
  }
  void rejected(Duration now, const TraceEvent& event) {
    Undo& undo = undo_[event.node];
    if (undo.at != now || undo.sender != event.get("from")) return;
    known_[event.node][undo.key] = undo.before;
    undo.at = Duration{-1};
  }

  void on_message(Duration now, const TraceEvent& event) {
    const std::string_view body = event.get("body");
    const auto about = static_cast<NodeNumber>(number(event, body == "order" ? "target" : "sender"));
    if (event.kind == TraceKind::msg_recv) remember(now, event, about);
    if (body == "order" && event.get("action") == "start") {
      const auto target = static_cast<NodeNumber>(number(event, "target"));
      if (event.kind == TraceKind::msg_send) {  // counts from here on, until it is delivered and refused
        sent_[{event.node, std::string{event.get("op")}}] =
            known_[event.node][{std::string{event.get("resource")}, target}];
      }
      ordered(known_[event.node], event, target, model_.node(target).boot);
    }
    if (event.kind == TraceKind::msg_send) return;
    const auto sender = static_cast<NodeNumber>(number(event, "sender"));
    if (body == "op_result") {
      result(known_[event.node], event, sender, std::string{event.get("sender_boot")}, event.get("highest"));
    }
    if (body == "snapshot" && sender != event.node) known_[event.node] = known_[sender];
  }

  static void ordered(Knowledge& known, const TraceEvent& event, NodeNumber target, const std::string& boot) {
    MayRun& may = known[{std::string{event.get("resource")}, target}];
    const OpNumber op = OpNumber::parse(event.get("op"));
    if (may.boot == boot && op <= may.since) return;
    if (may.stopped) may.before = std::exchange(may.stopped, std::nullopt);
    may.boot = boot;
    may.since = op;
  }

  static void result(Knowledge& known, const TraceEvent& event, NodeNumber node, const std::string& boot,
                     std::string_view highest_text) {
    if (number(event, "interval_ms") != 0) return;
    MayRun& may = known[{std::string{event.get("resource")}, node}];
    const OpNumber highest = OpNumber::parse(highest_text);
    if (may.boot != boot) may = MayRun{};  // what an older boot was ordered to do says nothing about this one
    if (highest < may.since) return;
    if (event.get("status") == "voided") {
      if (event.get("action") == "start" && !may.stopped) may.stopped = may.before;
    } else if (says_stopped(event)) {
      may.stopped = boot;
    } else if (event.get("action") == "start" || event.get("rc") == "0") {
      may.stopped = may.before = std::nullopt;
    }
    may.boot = boot;
  }

  void check(Duration now, const TraceEvent& event) {
    evaluated();
    const std::string resource{event.get("resource")};
    for (const auto& [other, node] : model_.nodes()) {
      if (other == event.node) continue;
      const auto may = known_[event.node].find({resource, other});
      for (const std::string& boot : node.boots) {
        const bool was_in = model_.recorded(event.node, other).contains(boot);
        const bool known_stopped = may != known_[event.node].end() && may->second.stopped == boot;
        if (!was_in || known_stopped || model_.excluded(event.node, other, boot, resource)) continue;
        return violated(now,
                        fmt::format("n{} starts {} ({}), but boot {} of n{} may run it: neither stopped nor excluded",
                                    event.node, resource, event.get("op"), model_.age(other, boot), other));
      }
    }
  }

  const ClusterModel& model_;
  std::map<NodeNumber, Knowledge> known_;
  std::map<NodeNumber, Undo> undo_;
  std::map<std::pair<NodeNumber, std::string>, MayRun> sent_;  ///< own orders on their way: what was known before
};

class FailedStop final : public Checker {
 public:
  explicit FailedStop(const ClusterModel& model) : Checker{"S2"}, model_{model} {}

  void on(Duration now, const TraceEvent& event) override {
    if (event.kind == TraceKind::exec_end) {
      const Key key{std::string{event.get("resource")}, event.node, event.boot};
      if (says_stopped(event)) {
        failed_.erase(key);
      } else if (event.get("action") == "stop" && event.get("status") != "voided") {
        failed_.insert(key);
      }
    }
    if (event.kind != TraceKind::op_begin || event.get("action") != "start") return;
    evaluated();
    for (const auto& [resource, node, boot] : failed_) {
      if (resource != event.get("resource")) continue;
      // A boot that never joined here has no part in anything (E7), as for S1b.
      if (node != event.node && !model_.recorded(event.node, node).contains(boot)) continue;
      const bool excused =
          node == event.node ? model_.node(node).boot != boot : model_.excluded(event.node, node, boot, resource);
      if (!excused) {
        return violated(now, fmt::format("n{} starts {} after its stop failed on n{}", event.node, resource, node));
      }
    }
  }

 private:
  using Key = std::tuple<std::string, NodeNumber, std::string>;
  const ClusterModel& model_;
  std::set<Key> failed_;
};

}  // namespace

void add_activity_checkers(Checkers& all, const ClusterModel& model) {
  all.push_back(std::make_unique<TruthOverlap>());
  all.push_back(std::make_unique<JustifiedStart>(model));
  all.push_back(std::make_unique<FailedStop>(model));
}

}  // namespace duet::checker
