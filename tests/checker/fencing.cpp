// SPDX-License-Identifier: Apache-2.0
// S4: only for a cause that is still true. S5: one winner. S7: a success is a success. S8: aimed at one boot. L2: no
// loop.
#include <fmt/format.h>

#include <algorithm>

#include "tests/checker/checkers.hpp"

namespace duet::checker {

namespace {

constexpr Duration silence = 29s;        // S4(c) says 30 s; the observer's clock starts a little later
constexpr Duration startup_wait = 119s;  // S4(e) says 120 s
constexpr Duration request_life = 600s;  // an administrator's request may have been tried for a while

/// Cause ids are unique in one life of a daemon only.
std::string cause_key(const TraceEvent& event) {
  return fmt::format("{}/{}/{}", event.boot, event.start, event.get("cause"));
}

class TrueCause final : public Checker {
 public:
  explicit TrueCause(const ClusterModel& model) : Checker{"S4"}, model_{model} {}

  void on(Duration now, const TraceEvent& event) override {
    switch (event.kind) {
      case TraceKind::fence_cause:
        causes_[cause_key(event)] = std::string{event.get("target_boot")};
        return;
      case TraceKind::exec_end:
        if (event.get("action") == "stop" && (event.get("status") != "done" || event.get("rc") != "0")) {
          failed_stops_.insert(event.boot);
        }
        if (event.get("status") != "voided" && event.get("status") != "cancelled") ended(event);
        return;
      case TraceKind::config:
        for (const std::string& rule : split(event.get("fences"), ',')) rules_.insert(rule);
        return;
      case TraceKind::admin_req:
        if (event.get("what") == "fence") asked_[static_cast<NodeNumber>(number(event, "target"))] = now;
        return;
      case TraceKind::fence_dispatch:
        return check(now, event);
      default:
        return;
    }
  }

 private:
  void check(Duration now, const TraceEvent& event) {
    evaluated();
    const auto target = static_cast<NodeNumber>(number(event, "target"));
    const NodeModel& self = model_.node(event.node);
    const std::string_view kind = event.get("cause_kind");
    const auto wrong = [&](std::string_view what) {
      violated(now, fmt::format("n{} fences n{} ({}): {}", event.node, target, kind, what));
    };
    const auto cause = causes_.find(cause_key(event));
    if (cause == causes_.end()) return wrong("no such cause");
    if (cause->second != event.get("target_boot")) return wrong("the cause names another boot");
    if (target == event.node) return wrong("itself");
    if (kind != "administrator" && !self.quorate) return wrong("without quorum");
    if (kind == "lost" && self.view.contains(target)) return wrong("it is in the view");
    if (kind == "stop_failed" && !failed_stops_.contains(std::string{event.get("target_boot")})) {
      return wrong("no stop has failed in that boot");
    }
    if (kind == "resource_rule" && !failed_by_rule_.contains(std::string{event.get("target_boot")})) {
      return wrong("no operation with on-fail=fence has failed in that boot");
    }
    if (kind == "silent" && !is_silent(now, target)) return wrong("its daemon was heard less than 30 s ago");
    if (kind == "startup" && now - self.quorate_changed < startup_wait) return wrong("less than 120 s after quorum");
    if (kind == "startup" && self.joined.contains(target)) return wrong("it is joined");
    const auto asked = asked_.find(target);
    if (kind == "administrator" && (asked == asked_.end() || now - asked->second > request_life)) {
      return wrong("no administrator asked");
    }
  }

  /// Configured with on-fail=fence, now or earlier, and not a success (7 is one for a probe only).
  void ended(const TraceEvent& event) {
    const bool failed = event.get("status") != "done" || event.get("rc") != "0";
    const std::string rule = fmt::format("{}/{}", event.get("resource"), event.get("action"));
    if (failed && rules_.contains(rule)) failed_by_rule_.insert(event.boot);
  }

  [[nodiscard]] bool is_silent(Duration now, NodeNumber target) const {
    const NodeModel& peer = model_.node(target);
    if (!peer.on) return true;
    if (peer.paused) return now - peer.pause_changed >= silence;
    return !peer.daemon && now - peer.daemon_changed >= silence;
  }

  const ClusterModel& model_;
  std::map<std::string, std::string> causes_;
  std::set<std::string> failed_stops_;
  std::set<std::string> rules_;  ///< "resource/action" that a configuration had with on-fail=fence
  std::set<std::string> failed_by_rule_;
  std::map<NodeNumber, Duration> asked_;
};

/// Two nodes that powered each other off, in the same boots.
class OneWinner final : public Checker {
 public:
  OneWinner() : Checker{"S5"} {}

  void on(Duration now, const TraceEvent& event) override {
    const std::string_view fault = event.get("fault");
    if (event.kind == TraceKind::fault && fault.starts_with("fence-") && fault != "fence-race") device_fault_ = now;
    if (event.kind == TraceKind::fence_dispatch && event.get("cause_kind") == "administrator") {
      asked_.insert(event.boot);
    }
    if (event.kind != TraceKind::power_off) return;
    const std::string_view why = event.get("why");
    const auto at = why.find("_boot_");
    if (!why.starts_with("fenced_by") || at == std::string_view::npos) return;
    evaluated();
    const std::string killer{why.substr(at + 6)};
    killed_by_[event.boot] = killer;
    const auto back = killed_by_.find(killer);
    const bool mutual = back != killed_by_.end() && back->second == event.boot;
    const bool excused = asked_.contains(killer) || asked_.contains(event.boot) || now - device_fault_ < excuse;
    if (mutual && !excused)
      violated(now, fmt::format("both nodes are powered off, each by the other (n{} last)", event.node));
  }

 private:
  static constexpr Duration excuse = 400s;  // latency above F_max is outside the promise
  std::map<std::string, std::string> killed_by_;
  std::set<std::string> asked_;
  Duration device_fault_{-1000s};
};

class RealSuccess final : public Checker {
 public:
  explicit RealSuccess(const ClusterModel& model) : Checker{"S7"}, model_{model} {}

  void on(Duration now, const TraceEvent& event) override {
    if (event.kind == TraceKind::fence_dispatch) {
      runs_[{event.boot, std::string{event.get("run")}}] = cause_key(event);
    }
    if (event.kind == TraceKind::dev_result && event.get("action") != "status" && event.get("rc") == "0") {
      const auto run = runs_.find({event.boot, std::string{event.get("run")}});
      if (run != runs_.end()) succeeded_.insert(run->second);
    }
    if (event.kind != TraceKind::fence_done || event.get("result") != "ok") return;
    evaluated();
    const auto target = static_cast<NodeNumber>(number(event, "target"));
    if (!model_.is_over(target, std::string{event.get("target_boot")})) {
      violated(now,
               fmt::format("n{} calls the fencing of n{} a success, but that boot is running", event.node, target));
    } else if (!succeeded_.contains(cause_key(event))) {
      violated(now, fmt::format("n{} calls the fencing of n{} a success, but no device said so", event.node, target));
    }
  }

 private:
  const ClusterModel& model_;
  std::map<std::pair<std::string, std::string>, std::string> runs_;  ///< (requester boot, run) -> cause
  std::set<std::string> succeeded_;
};

class Aimed final : public Checker {
 public:
  explicit Aimed(const ClusterModel& model) : Checker{"S8"}, model_{model} {}

  void on(Duration now, const TraceEvent& event) override {
    const auto target = static_cast<NodeNumber>(number(event, "target"));
    const std::string boot{event.get("target_boot")};
    if (event.kind == TraceKind::fence_done && event.get("result") == "ok") fenced_.insert(boot);
    if (event.kind == TraceKind::clean_leave) left_.insert(event.boot);
    if (event.kind == TraceKind::fence_dispatch) {
      evaluated();
      const auto& joined = model_.node(event.node).joined;
      const auto now_in = joined.find(target);
      if (now_in != joined.end() && now_in->second != boot) {
        violated(now, fmt::format("n{} fences n{} for boot {}, but another boot of it is joined", event.node, target,
                                  model_.age(target, boot)));
      }
    }
    if (event.kind == TraceKind::evidence && target != event.node) check(now, event, target, boot);
  }

 private:
  /// What a record claims is true of exactly this boot.
  void check(Duration now, const TraceEvent& event, NodeNumber target, const std::string& boot) {
    evaluated();
    const std::string_view kind = event.get("evidence_kind");
    const auto wrong = [&](std::string_view what) {
      violated(now, fmt::format("n{} records {} against boot {} of n{}: {}", event.node, kind, model_.age(target, boot),
                                target, what));
    };
    if (kind == "E3" && !fenced_.contains(boot)) return wrong("no fencing of this boot has succeeded");
    if (kind == "E5" && !left_.contains(boot)) return wrong("this boot has not left cleanly");
    if (kind == "E7" && model_.node(event.node).joined.contains(target) &&
        model_.node(event.node).joined.at(target) == boot) {
      return wrong("it is joined");
    }
    const bool must_be_over = kind == "E3" || kind == "E4" || kind == "E6";
    if (must_be_over && !model_.is_over(target, boot)) wrong("this boot is running");
  }

  const ClusterModel& model_;
  std::set<std::string> fenced_;
  std::set<std::string> left_;
};

/// Each cause gives at most one success; the counts over a whole fault are in the `expect` events of rule L2.
class NoLoop final : public Checker {
 public:
  NoLoop() : Checker{"L2"} {}

  void on(Duration now, const TraceEvent& event) override {
    if (event.kind == TraceKind::fence_done && event.get("result") == "ok") {
      evaluated();
      if (!succeeded_.insert(cause_key(event)).second) {
        violated(now, fmt::format("cause {} of n{} has succeeded twice", event.get("cause"), event.node));
      }
    }
    if (event.kind == TraceKind::power_off && event.get("why").starts_with("fenced")) fenced_.push_back(now);
    if (event.kind != TraceKind::expect || event.get("what") != "fenced_at_most") return;
    evaluated();
    const Duration since{static_cast<std::int64_t>(number(event, "since_ns"))};
    const auto count = std::count_if(fenced_.begin(), fenced_.end(), [&](Duration at) { return at >= since; });
    if (count > static_cast<std::int64_t>(number(event, "count"))) {
      violated(now, fmt::format("{} nodes were fenced since {:.3f} s, {} may be", count,
                                static_cast<double>(since.count()) / 1e9, event.get("count")));
    }
  }

 private:
  std::set<std::string> succeeded_;
  std::vector<Duration> fenced_;
};

}  // namespace

void add_fencing_checkers(Checkers& all, const ClusterModel& model) {
  all.push_back(std::make_unique<TrueCause>(model));
  all.push_back(std::make_unique<OneWinner>());
  all.push_back(std::make_unique<RealSuccess>(model));
  all.push_back(std::make_unique<Aimed>(model));
  all.push_back(std::make_unique<NoLoop>());
}

}  // namespace duet::checker
