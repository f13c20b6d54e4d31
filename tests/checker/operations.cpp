// SPDX-License-Identifier: Apache-2.0
// S9: one operation at a time, in order, once. S10: probe first. S12: fresh decisions. S16: equal states.
#include <fmt/format.h>

#include "tests/checker/checkers.hpp"

namespace duet::checker {

namespace {

constexpr Duration fresh = 1s;           // protocol.md 3
constexpr Duration order_of_days = 1ms;  // order and begin are recorded by two clocks of one node

class OneAtATime final : public Checker {
 public:
  OneAtATime() : Checker{"S9"} {}

  void on(Duration now, const TraceEvent& event) override {
    if (event.kind == TraceKind::boot) {
      std::erase_if(open_, [&](const auto& entry) { return entry.first.first == event.node; });
      std::erase_if(newest_, [&](const auto& entry) { return entry.first.first == event.node; });
    }
    if (event.kind == TraceKind::proc_start && event.get("process") == "duetd") {  // a new life decides anew
      std::erase_if(newest_, [&](const auto& entry) { return entry.first.first == event.node; });
      std::erase_if(begun_, [&](const auto& entry) { return std::get<0>(entry) == event.node; });
    }
    if (event.kind == TraceKind::exec_end) open_.erase({event.node, std::string{event.get("resource")}});
    if (event.kind != TraceKind::exec_begin) return;
    evaluated();
    const Key key{event.node, std::string{event.get("resource")}};
    const auto [other, free] = open_.emplace(key, fmt::format("{} {}", event.get("action"), event.get("op")));
    if (!free) {
      return violated(now, fmt::format("n{} begins {} of {} ({}) while {} runs", event.node, event.get("action"),
                                       key.second, event.get("op"), other->second));
    }
    const OpNumber op = OpNumber::parse(event.get("op"));
    if (!op.valid()) return;
    if (!begun_.emplace(event.node, event.boot, op).second) {
      return violated(now, fmt::format("n{} executes {} twice", event.node, event.get("op")));
    }
    OpNumber& newest = newest_[key];
    if (op < newest)
      violated(now, fmt::format("n{} begins {} of {} after a later one", event.node, event.get("op"), key.second));
    newest = op;
  }

 private:
  using Key = std::pair<NodeNumber, std::string>;
  std::map<Key, std::string> open_;
  std::map<Key, OpNumber> newest_;
  std::set<std::tuple<NodeNumber, std::string, OpNumber>> begun_;
};

class ProbeFirst final : public Checker {
 public:
  ProbeFirst() : Checker{"S10"} {}

  void on(Duration now, const TraceEvent& event) override {
    const std::string resource{event.get("resource")};
    if (event.kind == TraceKind::proc_start && event.get("process") == "duetd") probed_[event.node].clear();
    if (event.kind == TraceKind::op_end && event.get("action") == "probe" && event.get("status") != "voided") {
      probed_[event.node].insert(resource);
    }
    if (event.kind != TraceKind::op_begin) return;
    if (event.get("action") != "start" && event.get("action") != "stop") return;
    evaluated();
    if (!probed_[event.node].contains(resource)) {
      violated(now, fmt::format("n{} begins {} of {} before a probe since its daemon started", event.node,
                                event.get("action"), resource));
    }
  }

 private:
  std::map<NodeNumber, std::set<std::string>> probed_;
};

class FreshDecision final : public Checker {
 public:
  explicit FreshDecision(const ClusterModel& model) : Checker{"S12"}, model_{model} {}

  void on(Duration now, const TraceEvent& event) override {
    if (event.kind == TraceKind::pause) paused_[event.node].first = now;
    if (event.kind == TraceKind::resume) paused_[event.node].second = now;
    if (event.kind == TraceKind::msg_send && event.get("body") == "order") {
      sent_[std::string{event.get("op")}] = {now, static_cast<NodeNumber>(number(event, "target"))};
    }
    if (event.kind == TraceKind::proc_start && event.get("process") == "duetd") {
      std::erase_if(orders_, [&](const auto& order) { return order.first.first == event.node; });
    }
    if (event.kind == TraceKind::msg_recv && event.get("body") == "order") {  // the first time counts (F10)
      orders_.try_emplace({event.node, std::string{event.get("op")}}, Delivery{now, model_.node(event.node).views});
    }
    if (event.get("action") != "start") return;
    if (event.kind == TraceKind::op_begin) decided(now, event);
    if (event.kind == TraceKind::exec_begin) begun(now, event);
  }

 private:
  struct Delivery {
    Duration at{0};
    std::uint64_t views = 0;
  };
  void decided(Duration now, const TraceEvent& event) {
    evaluated();
    decided_[{event.node, std::string{event.get("run")}}] = now;
    const auto wrong = [&](std::string_view what) {
      violated(now, fmt::format("n{} begins start of {} ({}, {}): {}", event.node, event.get("resource"),
                                event.get("op"), event.get("mode"), what));
    };
    if (event.get("mode") == "normal") {
      const auto order = orders_.find({event.node, std::string{event.get("op")}});
      if (order == orders_.end()) return wrong("its order was never delivered here");
      if (now - order->second.at > fresh + order_of_days) return wrong("its order is older than 1 s");
      if (order->second.views != model_.node(event.node).views) return wrong("its order came in an older view");
      if (given_before_pause(event)) return wrong("its order is from before the node was paused");
    } else if (event.get("mode") == "solo") {
      for (const auto& [other, node] : model_.nodes()) {
        if (other == event.node) continue;
        for (const std::string& boot : model_.recorded(event.node, other)) {
          if (!model_.excluded(event.node, other, boot, std::string{event.get("resource")}))
            return wrong("solo without evidence against the peer");
        }
      }
    } else if (event.get("mode") != "inplace") {
      wrong("no such mode");
    }
  }
  /// Sent while the node slept for more than a second, or before: what it was decided from may long be over.
  [[nodiscard]] bool given_before_pause(const TraceEvent& event) const {
    const auto pause = paused_.find(event.node);
    const auto sent = sent_.find(std::string{event.get("op")});
    if (pause == paused_.end() || sent == sent_.end() || sent->second.second != event.node) return false;
    const auto& [from, to] = pause->second;
    return to - from > fresh && sent->second.first <= to;
  }
  void begun(Duration now, const TraceEvent& event) {
    evaluated();
    const auto decision = decided_.find({event.node, std::string{event.get("run")}});
    if (decision != decided_.end() && now - decision->second > fresh + order_of_days) {
      violated(now, fmt::format("n{} executes start of {} more than 1 s after its decision", event.node,
                                event.get("resource")));
    }
  }

  const ClusterModel& model_;
  std::map<std::pair<NodeNumber, std::string>, Delivery> orders_;
  std::map<std::pair<NodeNumber, std::string>, Duration> decided_;
  std::map<NodeNumber, std::pair<Duration, Duration>> paused_;   ///< the last pause: from, to
  std::map<std::string, std::pair<Duration, NodeNumber>> sent_;  ///< by operation: when, to whom
};

class EqualStates final : public Checker {
 public:
  EqualStates() : Checker{"S16"} {}

  void on(Duration now, const TraceEvent& event) override {
    if (event.kind != TraceKind::digest) return;
    const std::string place = fmt::format("{} {}", event.get("place"), event.get("epoch"));
    const auto [known, first] = digests_.emplace(place, std::pair{event.node, std::string{event.get("digest")}});
    if (first || known->second.first == event.node) return;
    evaluated();
    if (known->second.second != event.get("digest")) {
      violated(now, fmt::format("shared states differ after message {} in epoch {}", event.get("place"),
                                event.get("epoch")));
    }
    digests_.erase(known);
  }

 private:
  std::map<std::string, std::pair<NodeNumber, std::string>> digests_;
};

}  // namespace

void add_operation_checkers(Checkers& all, const ClusterModel& model) {
  all.push_back(std::make_unique<OneAtATime>());
  all.push_back(std::make_unique<ProbeFirst>());
  all.push_back(std::make_unique<FreshDecision>(model));
  all.push_back(std::make_unique<EqualStates>());
}

}  // namespace duet::checker
