// SPDX-License-Identifier: Apache-2.0
// S11: what is in maintenance or not managed is left alone. S18: without fencing nobody is fenced, and nothing is said
// to be so. What a node has to keep to is the configuration on its own disk; an order that was given before a change
// may still begin, so a configuration counts from two seconds after it became durable. A change that is on the disk and
// waits for the other node's may be in force at any moment: until then each of the two configurations is good.
#include <fmt/format.h>

#include <algorithm>

#include "tests/checker/checkers.hpp"

namespace duet::checker {

namespace {

constexpr Duration settled = 2s;

/// What config events say, by the hash of the entry.
struct Rules {
  std::set<std::string> unmanaged;  ///< resources
  std::set<NodeNumber> maintenance;
  bool maintenance_mode = false;
  bool stonith = true;
};

class LocalRules {
 public:
  void on(Duration now, const TraceEvent& event) {
    if (event.kind == TraceKind::config) {
      Rules& rules = known_[std::string{event.get("hash")}];
      for (const std::string& resource : split(event.get("unmanaged"), ',')) rules.unmanaged.insert(resource);
      for (const std::string& node : split(event.get("maintenance"), ',')) {
        rules.maintenance.insert(static_cast<NodeNumber>(std::stoul(node)));
      }
      rules.maintenance_mode = event.get("maintenance_mode") == "yes";
      rules.stonith = event.get("stonith") != "no";
    }
    if (event.kind != TraceKind::commit_durable) return;
    Local& local = nodes_[event.node];
    if (event.get("step") == "entry") {  // may be committed before the marker of that is durable
      local.since = now;
      local.prepared = std::string{event.get("hash")};
    }
    if (event.get("step") == "committed") {
      local.since = now;
      local.hash = std::string{event.get("hash")};
    }
    if (event.get("step") == "committed" || event.get("step") == "abandon") local.prepared.clear();
    if (event.get("step") == "override") local.overridden = true;
    if (event.get("step") == "clear_overrides") local.overridden = false;
  }
  /// What forbids something forbids it by each of these. Empty: not known, or about to change, or overridden by an
  /// emergency command on that node (S3b).
  [[nodiscard]] std::vector<const Rules*> of(Duration now, NodeNumber node) const {
    const auto local = nodes_.find(node);
    if (local == nodes_.end() || local->second.overridden || now - local->second.since < settled) return {};
    std::vector<const Rules*> all;
    for (const std::string& hash : {local->second.hash, local->second.prepared}) {
      if (hash.empty()) continue;
      const auto rules = known_.find(hash);
      if (rules == known_.end()) return {};
      all.push_back(&rules->second);
    }
    return all;
  }

 private:
  struct Local {
    std::string hash;
    std::string prepared;  ///< on the disk, perhaps in force
    Duration since{0};
    bool overridden = false;
  };
  std::map<std::string, Rules> known_;
  std::map<NodeNumber, Local> nodes_;
};

class HandsOff final : public Checker {
 public:
  HandsOff() : Checker{"S11"} {}

  void on(Duration now, const TraceEvent& event) override {
    local_.on(now, event);
    if (event.kind == TraceKind::op_begin) operation(now, event);
    if (event.kind == TraceKind::fence_dispatch) fencing(now, event);
  }

 private:
  static const char* objection(const Rules& rules, NodeNumber node, const std::string& resource) {
    if (rules.maintenance_mode) return "the cluster is in maintenance";
    if (rules.maintenance.contains(node)) return "the node is in maintenance";
    return rules.unmanaged.contains(resource) ? "it is not managed" : nullptr;
  }
  void operation(Duration now, const TraceEvent& event) {
    const std::string_view action = event.get("action");
    const auto rules = local_.of(now, event.node);
    if ((action != "start" && action != "stop") || rules.empty()) return;
    evaluated();
    const std::string resource{event.get("resource")};
    const char* why = nullptr;
    for (const Rules* one : rules) {
      why = objection(*one, event.node, resource);
      if (why == nullptr) return;
    }
    violated(now, fmt::format("n{} begins {} of {}: {}", event.node, action, resource, why));
  }
  void fencing(Duration now, const TraceEvent& event) {
    const auto rules = local_.of(now, event.node);
    if (rules.empty() || event.get("cause_kind") == "administrator") return;
    evaluated();
    const bool maintenance =
        std::all_of(rules.begin(), rules.end(), [](const Rules* one) { return one->maintenance_mode; });
    if (maintenance && event.get("cause_kind") != "lost") {
      violated(now, fmt::format("n{} fences ({}) although the cluster is in maintenance", event.node,
                                event.get("cause_kind")));
    }
  }

  LocalRules local_;
};

class FencingOff final : public Checker {
 public:
  FencingOff() : Checker{"S18"} {}

  void on(Duration now, const TraceEvent& event) override {
    local_.on(now, event);
    const bool asked = event.get("cause_kind") == "administrator";
    const bool fences = event.kind == TraceKind::fence_dispatch && !asked;
    const bool assumed = event.kind == TraceKind::evidence && event.get("evidence_kind") == "off";
    if (!fences && !assumed) return;
    const auto rules = local_.of(now, event.node);
    if (rules.empty()) return;
    evaluated();
    const auto on = [](const Rules* one) { return one->stonith; };
    if (fences && std::none_of(rules.begin(), rules.end(), on)) {
      violated(now, fmt::format("n{} fences n{} with stonith-enabled=false", event.node, event.get("target")));
    }
    if (assumed && std::all_of(rules.begin(), rules.end(), on)) {
      violated(now,
               fmt::format("n{} takes n{} for down as if fencing were switched off", event.node, event.get("target")));
    }
  }

 private:
  LocalRules local_;
};

}  // namespace

void add_policy_checkers(Checkers& all) {
  all.push_back(std::make_unique<HandsOff>());
  all.push_back(std::make_unique<FencingOff>());
}

}  // namespace duet::checker
