// SPDX-License-Identifier: Apache-2.0
// First pass of a decision. Nodes are judged before resources: a blocked resource depends on whether its node can be
// fenced.
#include "core/policy/trouble.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/outcome_text.hpp"
#include "core/model/text.hpp"
#include "core/policy/failure.hpp"

namespace duet::policy {

namespace {

void judge_node(NodeInfo& node) {
  const NodeState& state = *node.state;
  const auto set = [&](const char* rule, std::string text, std::string fix = {}) {
    node.obstacle = Why{rule, std::move(text)};
    node.obstacle_fix = std::move(fix);
  };
  if (state.membership == Membership::absent) {
    if (state.evidence) {
      set("node_down", fmt::format("{} is down ({})", node.name, to_string(state.evidence->kind)));
    } else if (state.unclean) {
      set("node_unclean", fmt::format("{} is lost and not proven to be off", node.name),
          fmt::format("duet stonith confirm {}", node.name));
    } else {
      set("node_absent", fmt::format("{} is not in the cluster", node.name));
    }
  } else if (state.membership == Membership::present) {
    set("node_joining", fmt::format("{} is joining: its resources are not all probed yet", node.name));
  } else if (state.unclean) {
    set("node_unclean", fmt::format("{} is unclean", node.name), fmt::format("duet stonith confirm {}", node.name));
  } else if (state.leaving) {
    set("node_leaving", fmt::format("{} is leaving the cluster", node.name));
  } else if (node.options.standby) {
    set("standby", fmt::format("{} is in standby", node.name), fmt::format("duet node unstandby {}", node.name));
  }
}

class Assessor {
 public:
  explicit Assessor(Picture& picture) : picture_{picture} {}

  std::vector<FenceDemand> run() {
    for (NodeInfo& node : picture_.nodes) judge_node(node);
    for (Resource& resource : picture_.resources) {
      for (std::size_t n = 0; n < picture_.nodes.size(); ++n) node_failures(resource, n);
    }
    for (Resource& resource : picture_.resources) {
      switches(resource);
      multiple_active(resource);
    }
    return std::move(demands_);
  }

 private:
  /// Empty: the node can be fenced from here. Else the reason why not.
  [[nodiscard]] std::string fencing_obstacle(std::size_t n) const {
    const NodeInfo& node = picture_.nodes[n];
    if (!picture_.options.stonith_enabled) return "fencing is off";
    const Node* configured = picture_.input.config.node(node.id);
    if (configured == nullptr || !node_covered(picture_.input.config, *configured)) {
      return fmt::format("no fence device covers {}", node.name);
    }
    const bool helper = std::any_of(picture_.nodes.begin(), picture_.nodes.end(),
                                    [&](const NodeInfo& other) { return other.id != node.id && other.joined; });
    if (!helper) return fmt::format("no other node is here to fence {}", node.name);
    const bool may = picture_.input.quorate || picture_.options.no_quorum_policy == NoQuorumPolicy::ignore;
    return may ? "" : "without quorum no node is fenced";
  }

  void fence(std::size_t n, CauseKind cause, const Resource& resource, const FailureRecord* failure) {
    NodeInfo& node = picture_.nodes[n];
    const std::string what = failure != nullptr ? describe(*failure) : "its stop failed";
    const std::string text = fmt::format("{} on {}: {}", resource.id(), node.name, what);
    demands_.push_back({node.id, node.state->incarnation.boot, cause, resource.id(), text});
    node.fenced_soon = true;
    if (!node.obstacle || node.obstacle->rule != "to_be_fenced") {
      node.obstacle = Why{"to_be_fenced", fmt::format("{} must be fenced: {}", node.name, text)};
      node.obstacle_fix.clear();
    }
  }

  void block(Resource& resource, const char* rule, std::string text) {
    if (!resource.blocked) resource.blocked = Why{rule, std::move(text)};
  }

  void nowhere(Resource& resource, const char* rule, std::string text, std::string fix) {
    if (resource.nowhere) return;
    resource.nowhere = Why{rule, std::move(text)};
    resource.nowhere_fix = std::move(fix);
  }

  void failed_stop(Resource& resource, std::size_t n) {
    const NodeInfo& node = picture_.nodes[n];
    if (picture_.hands_off(resource, n)) {
      block(resource, "stop_failed", fmt::format("its stop failed on {} and it is not managed", node.name));
      return;
    }
    const FailureRecord* record = nullptr;
    for (const FailureRecord& failure : resource.on[n]->failures) {
      if (failure.action == Action::stop) record = &failure;
    }
    const OnFail rule = on_fail(picture_.input.config, *resource.primitive, "stop", Duration{0});
    std::string obstacle = fencing_obstacle(n);
    if (rule != OnFail::fence && picture_.options.stonith_enabled) obstacle = "on-fail is block";
    if (obstacle.empty()) {
      fence(n, CauseKind::stop_failed, resource, record);
    } else {
      block(resource, "stop_failed",
            fmt::format("its stop failed on {}, where it may still run, and {}: mend the cause, then 'duet resource "
                        "cleanup {}'",
                        node.name, obstacle, resource.id()));
    }
  }

  void node_failures(Resource& resource, std::size_t n) {
    NodeInfo& node = picture_.nodes[n];
    const ResourceOnNode& place = *resource.on[n];
    if (!node.live) return;
    if (place.stop_failed) failed_stop(resource, n);
    if (place.failures.empty() || picture_.hands_off(resource, n)) return;
    const std::string cleanup = fmt::format("duet resource cleanup {}", resource.id());
    for (const FailureRecord& failure : place.failures) {
      if (failure.action == Action::stop) continue;
      const FailureEffect effect =
          classify(picture_.input.config, *resource.primitive, failure.action, failure.interval, failure.last);
      if (!effect.failure) continue;
      const std::string what = fmt::format("{} on {}", describe(failure), node.name);
      OnFail rule = effect.on_fail;
      std::string unable;
      if (rule == OnFail::fence) {
        unable = fencing_obstacle(n);
        if (!unable.empty()) rule = OnFail::stop;
      }
      switch (rule) {
        case OnFail::fence:
          fence(n, CauseKind::resource_rule, resource, &failure);
          break;
        case OnFail::standby:
          if (!node.obstacle) {
            node.obstacle = Why{"standby_on_fail", fmt::format("{} is in standby (on-fail) because of {}: {}",
                                                               node.name, resource.id(), what)};
            node.obstacle_fix = cleanup;
          }
          break;
        case OnFail::stop:
          nowhere(resource, "on_fail_stop",
                  unable.empty() ? fmt::format("{} (on-fail=stop)", what)
                                 : fmt::format("{} (on-fail=fence, but {})", what, unable),
                  cleanup);
          break;
        case OnFail::block:
          block(resource, "on_fail_block", fmt::format("{} (on-fail=block); end it: {}", what, cleanup));
          break;
        case OnFail::ignore:
        case OnFail::restart:
        case OnFail::ban:
          break;
      }
    }
  }

  [[nodiscard]] std::string fatal_text(const Resource& resource) const {
    constexpr std::int32_t not_configured = 6;
    for (std::size_t n = 0; n < picture_.nodes.size(); ++n) {
      for (const FailureRecord& failure : resource.on[n]->failures) {
        if (failure.last.exit_code != not_configured) continue;
        return fmt::format("{} on {}", describe(failure), picture_.nodes[n].name);
      }
    }
    return resource.options.multiple_active == MultipleActive::stop_only
               ? "it was active on two nodes, and multiple-active is stop_only"
               : "an operation failed with 6 (not configured)";
  }

  void switches(Resource& resource) {
    const std::string& id = resource.id();
    if (picture_.options.stop_all_resources) {
      nowhere(resource, "stop_all", "stop-all-resources is set", "duet property set stop-all-resources=false");
    }
    if (resource.options.stopped) {
      const bool own = resource.primitive->meta.contains("target-role");
      const bool by_group = !own && resource.group != nullptr && resource.group->meta.contains("target-role");
      const std::string& who = by_group ? resource.group->id : id;
      nowhere(resource, "disabled", fmt::format("{} is disabled", who), fmt::format("duet resource enable {}", who));
    }
    if (resource.state->fatal) {
      nowhere(resource, "fatal", fatal_text(resource), fmt::format("duet resource cleanup {}", id));
    }
    if (!picture_.input.quorate && picture_.options.no_quorum_policy == NoQuorumPolicy::stop) {
      nowhere(resource, "no_quorum", "no quorum, and no-quorum-policy is stop", {});
    }
  }

  void multiple_active(Resource& resource) {
    if (resource.options.multiple_active != MultipleActive::block) return;
    std::size_t copies = 0;
    for (std::size_t n = 0; n < picture_.nodes.size(); ++n) copies += picture_.active(resource, n) ? 1U : 0U;
    if (copies > 1) block(resource, "multiple_active", "it is active on two nodes, and multiple-active is block");
  }

  Picture& picture_;
  std::vector<FenceDemand> demands_;
};

}  // namespace

std::string describe(const FailureRecord& failure) {
  std::string name{to_string(failure.action)};
  if (failure.action == Action::monitor) name = fmt::format("{}-interval monitor", format_duration(failure.interval));
  std::string text;
  switch (failure.last.status) {
    case OpStatus::done:
      text = fmt::format("{} failed with {}", name, failure.last.exit_code);
      if (const auto word = exit_code_text(failure.last.exit_code)) text += fmt::format(" ({})", *word);
      break;
    case OpStatus::timed_out:
      text = fmt::format("{} timed out", name);
      break;
    case OpStatus::not_installed:
      text = fmt::format("{} failed: not installed", name);
      break;
    case OpStatus::not_supported:
      text = fmt::format("{} failed: not supported", name);
      break;
    case OpStatus::error:
    case OpStatus::cancelled:
    case OpStatus::voided:
      text = fmt::format("{} did not end by itself", name);
      break;
  }
  if (!failure.last.reason.empty()) text += fmt::format(": {}", escape_line(failure.last.reason, 200));
  return text;
}

std::vector<FenceDemand> assess(Picture& picture) {
  return Assessor{picture}.run();
}

}  // namespace duet::policy
