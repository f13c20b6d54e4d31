// SPDX-License-Identifier: Apache-2.0
// --wait. Asks the daemon for the next change of the view (it answers at once when there is one) and judges each view
// by the policy itself: so it knows when nothing more will happen, and need not wait for the time-out.
#include "cli/commands/wait.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "cli/commands/lookup.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/status_parts.hpp"
#include "core/base/duration_text.hpp"
#include "core/model/options.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

constexpr Duration wait_default = 60min;  // as pcs
constexpr Duration redraw = 500ms;        // of the live line
constexpr Duration poll_longest = 5s;
constexpr Duration settle = 150ms;
constexpr int hopeless_views = 4;

bool concerns(const Goal& goal, std::string_view id) {
  return goal.ids.empty() || std::find(goal.ids.begin(), goal.ids.end(), id) != goal.ids.end();
}

struct Seen {
  bool running = false;
  bool failed = false;
  bool pending = false;
};

Seen seen_on(const ResourceOnNode& on) {
  Seen seen;
  seen.running = on.activity == Activity::running;
  seen.failed = on.activity == Activity::failed || on.stop_failed;
  seen.pending = on.pending && on.pending->action != Action::monitor;
  return seen;
}

/// Nodes of the configuration on which the resource is running.
std::vector<NodeId> running_on(const ClusterView& view, std::string_view id) {
  std::vector<NodeId> nodes;
  for (const auto& node : view.effective.nodes) {
    const auto state = view.state.nodes.find(node.id);
    if (state == view.state.nodes.end() || state->second.membership != Membership::joined) continue;
    const ResourceOnNode* on = view.state.find(id, node.id);
    if (on != nullptr && on->activity == Activity::running) nodes.push_back(node.id);
  }
  return nodes;
}

/// Stopped, and known to be: after a failed stop, or with a lost result, it may still run.
bool stopped_everywhere(const ClusterView& view, std::string_view id) {
  return std::all_of(view.effective.nodes.begin(), view.effective.nodes.end(), [&](const Node& node) {
    const ResourceOnNode* on = view.state.find(id, node.id);
    if (on == nullptr) return true;
    const Seen seen = seen_on(*on);
    return !seen.running && !seen.failed && !on->may_run;
  });
}

bool wanted(const ClusterView& view, const Goal& goal, const Primitive& primitive) {
  const auto running = running_on(view, primitive.id);
  const auto on = [&](NodeId node) { return std::find(running.begin(), running.end(), node) != running.end(); };
  if (goal.stopped || resource_options(view.effective, primitive).stopped) {
    return stopped_everywhere(view, primitive.id);
  }
  if (goal.leave && on(*goal.leave)) return false;
  if (goal.target) return running.size() == 1 && on(*goal.target);
  // "Until nothing is to be done" asks only that nothing goes on; a named resource must run.
  return goal.ids.empty() || goal.leave || running.size() == 1;
}

/// Something goes on, or may begin, for the resources of the goal.
bool busy(const ClusterView& view, const Plan& plan, const Goal& goal) {
  for (const auto& [id, resource] : view.state.resources) {
    for (const auto& [node, on] : resource.on) {
      if (concerns(goal, id) && seen_on(on).pending) return true;
    }
  }
  const bool any_ready = std::any_of(plan.operations.begin(), plan.operations.end(),
                                     [](const PlannedOp& op) { return op.ready && op.action != Action::monitor; });
  const bool concerned = std::any_of(plan.operations.begin(), plan.operations.end(), [&](const PlannedOp& op) {
    return concerns(goal, op.resource) && op.action != Action::monitor;
  });
  if (!concerned) return false;
  bool others_pending = false;
  for (const auto& [id, resource] : view.state.resources) {
    for (const auto& [node, on] : resource.on) others_pending = others_pending || seen_on(on).pending;
  }
  const bool joining = std::any_of(view.state.nodes.begin(), view.state.nodes.end(),
                                   [](const auto& node) { return node.second.membership == Membership::present; });
  // A step of ours waits for a step of another resource, for a node that joins, or for a fencing that goes on.
  return any_ready || others_pending || joining || !view.fencing.empty() || !plan.fences.empty();
}

std::string where_text(const ClusterView& view, const Goal& goal) {
  std::vector<std::string> names;
  for (const auto& id : goal.ids) {
    for (const auto node : running_on(view, id)) {
      std::string name = fmt::format("'{}'", view.effective.node_name(node));
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
  }
  if (names.empty()) return fmt::format("resource '{}' is not running on any node\n", goal.named);
  return fmt::format("resource '{}' is running on node{} {}\n", goal.named, names.size() > 1 ? "s" : "",
                     join(names, ", "));
}

/// What has changed since the last view, one line per step.
class StepLog {
 public:
  StepLog(Shell& shell, const Goal& goal, Instant start, Duration limit)
      : shell_{shell}, goal_{goal}, start_{start}, limit_{limit} {}

  void show(const ClusterView& view) {
    const auto steps = steps_under_way(view, goal_);
    if (shell_.err_terminal()) {
      const auto now = shell_.machine().now();
      std::string line = steps.empty() ? "waiting" : steps.front();
      if (steps.size() > 1) line += fmt::format(" (+{})", steps.size() - 1);
      const auto tenths = (now - start_) / 100ms;
      const std::string limit = limit_ == wait_default ? "" : fmt::format(" (limit {})", format_duration(limit_));
      shell_.live(fmt::format("{} ... {}.{} s{}", line, tenths / 10, tenths % 10, limit));
      return;
    }
    for (const auto& step : steps) {
      if (std::find(before_.begin(), before_.end(), step) == before_.end()) shell_.note(step + "\n");
    }
    before_ = steps;
  }

 private:
  Shell& shell_;
  const Goal& goal_;
  Instant start_;
  Duration limit_;
  std::vector<std::string> before_;
};

Failure unreachable(const ClusterView& view, const Goal& goal, const std::string& why) {
  Failure what;
  what.why = why;
  if (goal.named.empty()) {
    what.what = "the change did not take effect";
    what.fix = "duet status";
    return what;
  }
  what.subject = goal.named;
  if (goal.stopped) {
    what.what = fmt::format("resource '{}' did not stop", goal.named);
  } else if (goal.target) {
    what.what = fmt::format("resource '{}' does not run on {}", goal.named, view.effective.node_name(*goal.target));
  } else {
    what.what = fmt::format("resource '{}' is not running on any node", goal.named);
  }
  what.fix = fmt::format("duet why {}", goal.named);
  return what;
}

}  // namespace

Standing standing(const ClusterView& view, const Plan& plan, const Goal& goal) {
  std::string not_yet;
  for (const auto& primitive : view.effective.primitives) {
    if (!concerns(goal, primitive.id) || wanted(view, goal, primitive)) continue;
    not_yet = primitive.id;
    break;
  }
  if (busy(view, plan, goal)) return {Progress::working, ""};
  if (not_yet.empty()) return {Progress::reached, ""};
  std::string why = stopped_reason(view, plan, not_yet);
  if (const auto block = plan.blocked.find(not_yet); block != plan.blocked.end()) why = block->second.text;
  if (goal.target) {
    const auto placed = plan.placement.find(not_yet);
    if (placed != plan.placement.end()) {
      const auto verdict = placed->second.verdicts.find(*goal.target);
      if (verdict != placed->second.verdicts.end() && !verdict->second.why.empty())
        why = verdict->second.why.front().text;
    }
  }
  return {Progress::unreachable, why};
}

std::vector<std::string> steps_under_way(const ClusterView& view, const Goal& goal) {
  std::vector<std::string> steps;
  for (const auto& primitive : view.effective.primitives) {
    if (!concerns(goal, primitive.id)) continue;
    for (const auto& node : view.effective.nodes) {
      const ResourceOnNode* on = view.state.find(primitive.id, node.id);
      if (on == nullptr || !on->pending) continue;
      const Action action = on->pending->action;
      if (action == Action::monitor || action == Action::probe) continue;
      steps.push_back(
          fmt::format("{}: {} on {}", primitive.id, action == Action::start ? "starting" : "stopping", node.name));
    }
  }
  for (const auto& progress : view.fencing) {
    steps.push_back(fmt::format("{}: fencing{}{}", view.effective.node_name(progress.target),
                                progress.step.empty() ? "" : ", ", progress.step));
  }
  return steps;
}

Outcome<Duration> wait_limit(const Invocation& call) {
  const auto text = call.value("wait");
  if (!text || text->empty()) return wait_default;
  auto parsed = parse_duration(*text);
  if (!parsed) {
    return usage_failure(fmt::format("--wait={} is not a time", *text), "--wait, --wait=30, --wait=2min");
  }
  return *parsed;
}

Outcome<Exit> wait_for(Shell& shell, const Goal& goal, Duration limit) {
  const Instant start = shell.machine().now();
  StepLog log{shell, goal, start, limit};
  auto view = shell.refresh(Duration{0});
  int hopeless = 0;
  while (true) {
    if (!view) {
      shell.end_live();
      return tl::unexpected(view.error());
    }
    const Plan plan = plan_of(**view);
    const Standing now = standing(**view, plan, goal);
    if (now.progress == Progress::reached) {
      shell.end_live();
      if (goal.say_where && shell.format == Format::text) shell.out(where_text(**view, goal));
      return Exit::ok;
    }
    // Between two messages of the stream nothing may be under way although more will follow: only what stays is
    // believed.
    hopeless = now.progress == Progress::unreachable ? hopeless + 1 : 0;
    if (hopeless >= hopeless_views) return failure(unreachable(**view, goal, now.why));
    log.show(**view);
    const Duration left = limit - (shell.machine().now() - start);
    if (left <= Duration{0}) {
      shell.end_live();
      Failure late{.code = Exit::timeout, .what = fmt::format("not done after {}", format_duration(limit))};
      const auto steps = steps_under_way(**view, goal);
      if (!steps.empty()) late.why = "still " + join(steps, "; ");
      late.fix = "it goes on; duet status shows it";
      return failure(std::move(late));
    }
    const Duration pause = hopeless > 0 ? settle : shell.err_terminal() ? redraw : poll_longest;
    view = shell.refresh(std::min(left, pause));
  }
}

}  // namespace duet::cli
