// SPDX-License-Identifier: Apache-2.0
// L1, L3 - L7 and a few more: whoever drives the run (simulator, lab script) says with an `expect` event at which
// moment a bound is over and what must be true then; the checker compares with the truth of the trace.
#include <fmt/format.h>

#include <algorithm>

#include "tests/checker/checkers.hpp"

namespace duet::checker {

namespace {

constexpr Duration answer_bound = 31s;  // L8: 30 s, and the way there and back
constexpr Duration fence_bound = 700s;  // the administrator waits for the fencing itself

class Bound final : public Checker {
 public:
  Bound(std::string rule, const ClusterModel& model) : Checker{std::move(rule)}, model_{model} {}

  void on(Duration now, const TraceEvent& event) override {
    watch(now, event);
    if (event.kind != TraceKind::expect || event.get("rule") != id()) return;
    evaluated();
    const std::string_view what = event.get("what");
    if (what == "running") running(now, event);
    if (what == "stopped") stopped(now, event);
    if (what == "joined") joined(now);
    if (what == "same_config") same_config(now);
    if (what == "quiet") quiet(now, event);
    if (what == "idle" && !open_.empty()) {
      violated(now, fmt::format("an operation of {} still runs on n{}", open_.begin()->second, open_.begin()->first));
    }
    if (what == "false") violated(now, fmt::format("not so: {}", event.get("why")));
  }

 private:
  void watch(Duration now, const TraceEvent& event) {
    const std::string resource{event.get("resource")};
    switch (event.kind) {
      case TraceKind::truth_up:
        up_[resource].insert(event.node);
        changes_.emplace_back(now, fmt::format("{} came up on n{}", resource, event.node));
        return;
      case TraceKind::truth_down:
        up_[resource].erase(event.node);
        changes_.emplace_back(now, fmt::format("{} went down on n{}", resource, event.node));
        return;
      case TraceKind::fence_dispatch:
        changes_.emplace_back(now, fmt::format("n{} fenced", event.node));
        return;
      case TraceKind::commit_durable:
        if (event.get("step") == "committed") committed_[event.node] = std::string{event.get("hash")};
        return;
      case TraceKind::exec_begin:
        if (event.get("interval_ms").empty()) open_.insert({event.node, resource});
        return;
      case TraceKind::exec_end:
        if (event.get("interval_ms").empty()) open_.erase({event.node, resource});
        return;
      case TraceKind::boot:
        std::erase_if(open_, [&](const auto& entry) { return entry.first == event.node; });
        return;
      default:
        return;
    }
  }

  void running(Duration now, const TraceEvent& event) {
    const std::string resource{event.get("resource")};
    const auto& on = up_[resource];
    const auto allowed = split(event.get("nodes"), ',');
    const auto is_allowed = [&](NodeNumber node) {
      return std::find(allowed.begin(), allowed.end(), std::to_string(node)) != allowed.end();
    };
    const auto count = std::count_if(on.begin(), on.end(), is_allowed);
    if (count == 1) return;
    violated(now, fmt::format("{} should run on n{}, it runs on {} of them", resource, event.get("nodes"), count));
  }

  void stopped(Duration now, const TraceEvent& event) {
    const std::string resource{event.get("resource")};
    if (!up_[resource].empty())
      violated(now, fmt::format("{} should be stopped, it is up on n{}", resource, *up_[resource].begin()));
  }

  /// The join of one of them, the later one, is complete on both, in the view that both are in.
  void joined(Duration now) {
    for (const NodeNumber node : {1U, 2U}) {
      if (!model_.node(node).daemon) return violated(now, fmt::format("n{} has no daemon", node));
      if (model_.node(node).view.size() != 2) return violated(now, fmt::format("n{} is alone in its view", node));
    }
    const auto complete = [&](NodeNumber member) {
      return std::all_of(std::begin(both_), std::end(both_), [&](NodeNumber node) {
        const auto& done = model_.node(node).joined;
        const auto found = done.find(member);
        return found != done.end() && found->second == model_.node(member).boot;
      });
    };
    if (!complete(1) && !complete(2)) violated(now, "neither node has joined the other");
  }

  void same_config(Duration now) {
    if (committed_[1].empty() || committed_[1] != committed_[2])
      violated(now, "the nodes have not the same configuration");
  }

  void quiet(Duration now, const TraceEvent& event) {
    const Duration since{static_cast<std::int64_t>(number(event, "since_ns"))};
    for (const auto& [at, what] : changes_) {
      if (at >= since) return violated(now, fmt::format("nothing should have happened, but {}", what));
    }
  }

  static constexpr NodeNumber both_[] = {1, 2};
  const ClusterModel& model_;
  std::map<std::string, std::set<NodeNumber>> up_;
  std::vector<std::pair<Duration, std::string>> changes_;
  std::map<NodeNumber, std::string> committed_;
  std::set<std::pair<NodeNumber, std::string>> open_;
};

/// L8: every request is answered in time, unless the node was stopped meanwhile.
class Answered final : public Checker {
 public:
  Answered() : Checker{"L8"} {}

  void on(Duration now, const TraceEvent& event) override {
    const std::string client{event.get("client")};
    if (event.kind == TraceKind::expect && event.get("rule") == id()) {
      evaluated();
      if (event.get("what") == "false") violated(now, fmt::format("not so: {}", event.get("why")));
    }
    if (event.kind == TraceKind::pause || event.kind == TraceKind::power_off) {
      std::erase_if(open_, [&](const auto& entry) { return entry.second.node == event.node; });
    }
    if (event.kind == TraceKind::admin_req) {
      const Duration bound = event.get("what") == "fence" ? fence_bound : answer_bound;
      open_[client] = Question{event.node, now + bound, std::string{event.get("command")}};
    }
    if (event.kind == TraceKind::admin_resp) {
      evaluated();
      open_.erase(client);
    }
    for (const auto& [id, question] : open_) {
      if (now > question.until)
        return violated(now, fmt::format("no answer to \"{}\" on n{}", question.command, question.node));
    }
  }

 private:
  struct Question {
    NodeNumber node = 0;
    Duration until{0};
    std::string command;
  };
  std::map<std::string, Question> open_;
};

}  // namespace

void add_liveness_checkers(Checkers& all, const ClusterModel& model) {
  for (const char* rule : {"L1", "L3", "L4", "L5", "L6", "L7", "L11", "L12"}) {
    all.push_back(std::make_unique<Bound>(rule, model));
  }
  all.push_back(std::make_unique<Answered>());
}

}  // namespace duet::checker
