// SPDX-License-Identifier: Apache-2.0
// The word after "Health:" and its reasons: DOWN if something that should run does not, WARNING if it runs and the next
// failure is not covered, UNKNOWN if this node cannot tell.
#include <fmt/core.h>

#include <algorithm>

#include "cli/render/status_parts.hpp"
#include "cli/render/time_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

constexpr std::size_t clause_length = 160;

class Judge {
 public:
  Judge(const ClusterView& view, const Plan& plan, StatusModel& model) : view_{view}, plan_{plan}, model_{model} {}

  void run() {
    knowledge();
    doubles();
    services();
    if (view_.state.fork) add(Health::down, *view_.state.fork, "");
    nodes();
    switches();
    corosync();
    fencing();
    barred();
    for (const auto& override_request : view_.overrides) {
      add(Health::warning, fmt::format("emergency override on {}: {}", view_.node_name, override_request.command), "");
    }
    for (const auto& warning : view_.warnings) {
      // The overrides are told one by one above; their number adds nothing.
      const bool counted = !view_.overrides.empty() && warning.find("emergency change") != std::string::npos;
      if (!counted) add(Health::warning, warning, "");
    }
    finish();
  }

 private:
  /// What an earlier reason has said already is not said again.
  void add(Health level, std::string text, std::string next) {
    const bool said = std::any_of(model_.reasons.begin(), model_.reasons.end(), [&](const HealthReason& reason) {
      return reason.text.find(text) != std::string::npos;
    });
    if (!said) model_.reasons.push_back({level, escape_line(text, 400), std::move(next)});
  }

  /// Without corosync, executor or membership this node knows nothing about what runs.
  void knowledge() {
    if (!view_.corosync_connected) {
      add(Health::unknown, fmt::format("{} has no connection to corosync", view_.node_name),
          "systemctl status corosync");
    }
    if (!view_.executor_connected) {
      add(Health::unknown, fmt::format("duet-execd does not answer on {}", view_.node_name),
          "systemctl status duet-execd");
    }
    if (view_.state.joined().empty()) {
      std::string text = fmt::format("{} is joining the cluster", view_.node_name);
      if (!view_.quorate && view_.waiting_for_all) {
        text = fmt::format("{} waits until both nodes have been seen once (wait_for_all)", view_.node_name);
      }
      add(Health::unknown, std::move(text), fmt::format("duet why {}", view_.node_name));
    }
  }

  /// Active on both nodes: worse than not running.
  void doubles() {
    for (const auto& group : model_.resources) {
      for (const auto& item : group.items) {
        if (item.nodes.size() < 2 || item.role == "Starting" || item.role == "Stopping") continue;
        add(Health::down, fmt::format("{} is active on {} and {}", item.id, item.nodes[0], item.nodes[1]),
            fmt::format("duet why {}", item.id));
      }
    }
  }

  /// One reason for each group or single resource; a group is named if its first failing member is its first member.
  void services() {
    for (const auto& group : model_.resources) {
      const auto item = std::find_if(group.items.begin(), group.items.end(), [](const ItemStatus& i) {
        return i.should_run && !i.active() && !i.agent.starts_with("stonith:");
      });
      if (item == group.items.end()) continue;
      const bool whole = !group.id.empty() && item == group.items.begin();
      const std::string name = whole ? group.id : item->id;
      const bool unsure = item->role == "UNKNOWN" && view_.state.joined().empty();
      if (unsure) continue;  // said once for the whole node
      add(Health::down, sentence(name, *item), fmt::format("duet why {}", name));
    }
  }

  [[nodiscard]] static std::string sentence(const std::string& name, const ItemStatus& item) {
    const std::string where = item.nodes.empty() ? "" : " on " + item.nodes.front();
    if (item.role == "Starting") return fmt::format("{} is starting{}", name, where);
    const std::string what =
        item.role == "FAILED" ? fmt::format("{} failed{}", name, where) : fmt::format("{} does not run", name);
    return item.reason.empty() ? what : fmt::format("{}: {}", what, escape_line(item.reason, clause_length));
  }

  void nodes() {
    for (const auto& node : model_.nodes) {
      if (node.unclean) {
        add(Health::warning, fmt::format("{} {}", node.name, fencing_clause(view_, node.id)),
            fmt::format("duet why {}", node.name));
      } else if (node.pending) {
        if (view_.state.joined().empty()) continue;  // said of the whole cluster
        add(Health::warning, fmt::format("{} is joining", node.name), fmt::format("duet why {}", node.name));
      } else if (!node.online) {
        add(Health::warning, fmt::format("{} is offline: no failover", node.name),
            fmt::format("duet why {}", node.name));
      } else if (node.standby) {
        add(Health::warning, fmt::format("{} is in standby: no failover", node.name),
            fmt::format("duet node unstandby {}", node.name));
      } else if (node.maintenance) {
        add(Health::warning, fmt::format("{} is in maintenance: nothing is started or stopped there", node.name),
            fmt::format("duet node unmaintenance {}", node.name));
      } else if (node.leaving) {
        add(Health::warning, fmt::format("{} is leaving the cluster", node.name), "");
      }
    }
    if (!view_.quorate && !view_.state.joined().empty()) {
      add(Health::warning, "no quorum: nothing new is started", "duet quorum status");
    }
  }

  void switches() {
    const ClusterOptions options = cluster_options(view_.effective);
    if (options.maintenance_mode) {
      add(Health::warning, "maintenance-mode=true: nothing is started or stopped",
          "duet property set maintenance-mode=false");
    }
    if (options.stop_all_resources) {
      add(Health::warning, "stop-all-resources=true: everything is kept stopped",
          "duet property unset stop-all-resources");
    }
  }

  void corosync() {
    for (const auto& finding : view_.unsafe) add(Health::warning, finding.text, finding.fix);
  }

  void fencing() {
    const ClusterOptions options = cluster_options(view_.effective);
    if (!options.stonith_enabled) {
      std::string unit = "the same resource";
      for (const auto& group : model_.resources) {
        if (group.items.empty() || group.items.front().agent.starts_with("stonith:")) continue;
        unit = group.id.empty() ? group.items.front().id : group.id;
        break;
      }
      add(Health::warning, fmt::format("fencing is off: if the nodes lose each other both may run {}", unit),
          "duet property set stonith-enabled=true");
      return;
    }
    for (const auto node : unverified_nodes(view_.effective, view_.state)) {
      add(Health::warning,
          fmt::format("no fence device of {} has ever answered: nothing can be started",
                      view_.effective.node_name(node)),
          "duet stonith status");
    }
    for (const auto node : uncovered_nodes(view_.effective)) {
      if (view_.effective.devices.empty()) {
        const bool said = std::any_of(model_.reasons.begin(), model_.reasons.end(), [](const HealthReason& reason) {
          return reason.text.find("no STONITH resources") != std::string::npos;
        });
        if (said) return;
        add(Health::warning, "no fence device: nothing can be started", "duet stonith create --help");
        return;
      }
      add(Health::warning,
          fmt::format("no fence device covers {}: nothing can be started", view_.effective.node_name(node)),
          "duet stonith config");
    }
    for (const auto& group : model_.resources) {
      for (const auto& item : group.items) {
        if (!item.agent.starts_with("stonith:") || item.disabled || item.role == "Started") continue;
        std::string text = fmt::format("fence device {}: {}", item.id, item.note);
        if (!item.reason.empty()) text += fmt::format(": {}", escape_line(item.reason, clause_length));
        add(Health::warning, std::move(text), item.failed ? "duet stonith status" : "");
      }
    }
  }

  /// Running resources that could not go to the other node although it is there.
  void barred() {
    for (const auto& group : model_.resources) {
      for (const auto& item : group.items) {
        const auto placed = plan_.placement.find(item.id);
        if (placed == plan_.placement.end() || !item.active() || !item.managed) continue;
        bool found = false;
        for (const auto& [id, verdict] : placed->second.verdicts) found = found || bar(group, item, id, verdict);
        if (found) break;  // one reason for a group
      }
    }
  }

  bool bar(const GroupStatus& group, const ItemStatus& item, NodeId id, const NodeVerdict& verdict) {
    const auto node =
        std::find_if(model_.nodes.begin(), model_.nodes.end(), [&](const NodeStatus& n) { return n.id == id; });
    if (verdict.allowed || verdict.why.empty() || node == model_.nodes.end()) return false;
    const bool free = node->online && !node->standby && !node->maintenance && !node->leaving;
    const bool here = std::find(item.nodes.begin(), item.nodes.end(), node->name) != item.nodes.end();
    // Who must be with another goes where that one goes: what bars it is told of the other.
    if (!free || here || verdict.why.front().rule == "colocation") return false;
    add(Health::warning,
        fmt::format("{} cannot run on {}: {}", group.id.empty() ? item.id : group.id, node->name,
                    escape_line(verdict.why.front().text, clause_length)),
        fmt::format("duet why-not {} {}", item.id, node->name));
    return true;
  }

  void finish() {
    const auto rank = [](Health level) {
      switch (level) {
        case Health::ok:
          return 0;
        case Health::warning:
          return 1;
        case Health::unknown:
          return 2;
        case Health::down:
          return 3;
      }
      return 0;
    };
    std::stable_sort(model_.reasons.begin(), model_.reasons.end(),
                     [&](const HealthReason& a, const HealthReason& b) { return rank(a.level) > rank(b.level); });
    model_.health = model_.reasons.empty() ? Health::ok : model_.reasons.front().level;
  }

  const ClusterView& view_;
  const Plan& plan_;
  StatusModel& model_;
};

}  // namespace

std::string fencing_clause(const ClusterView& view, NodeId target) {
  const auto progress = std::find_if(view.fencing.begin(), view.fencing.end(),
                                     [&](const FencingProgress& p) { return p.target == target; });
  const ClusterOptions options = cluster_options(view.effective);
  if (progress == view.fencing.end()) {
    return options.stonith_enabled ? "is lost and not known to be off" : "is lost";
  }
  if (progress->attempts == 0 || progress->last_error.empty()) {
    return progress->step.empty() ? "is lost and is being fenced" : "is lost, fencing: " + progress->step;
  }
  std::int64_t last = 0;
  for (const auto& event : view.state.fencing) {
    if (event.target == target) last = std::max(last, event.unix_ms);
  }
  const std::string when = last == 0 ? "last" : fmt::format("last {} ago", age_text(view.now_unix_ms - last));
  return fmt::format("is lost and could not be fenced ({} {}, {}: {})", progress->attempts,
                     progress->attempts == 1 ? "try" : "tries", when, escape_line(progress->last_error, clause_length));
}

std::string lost_node_clause(const ClusterView& view) {
  for (const auto& node : view.effective.nodes) {
    const auto state = view.state.nodes.find(node.id);
    if (state == view.state.nodes.end() || !state->second.unclean) continue;
    return fmt::format("{} {}", node.name, fencing_clause(view, node.id));
  }
  return {};
}

std::string stopped_reason(const ClusterView& view, const Plan& plan, std::string_view id) {
  const auto step = std::find_if(plan.operations.begin(), plan.operations.end(), [&](const PlannedOp& op) {
    return op.resource == id && !op.ready && !op.waits_for.empty();
  });
  const std::string lost = lost_node_clause(view);
  const auto placed = plan.placement.find(ObjectId{id});
  const bool nowhere = placed == plan.placement.end() || !placed->second.node;
  if (step != plan.operations.end()) {
    return lost.empty() ? step->waits_for.front().text : lost;
  }
  if (!lost.empty() && !nowhere) return lost;
  return placed == plan.placement.end() ? lost : placed->second.why.text;
}

void judge_health(const ClusterView& view, const Plan& plan, StatusModel& model) {
  Judge{view, plan, model}.run();
}

}  // namespace duet::cli
