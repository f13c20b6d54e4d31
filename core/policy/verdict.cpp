// SPDX-License-Identifier: Apache-2.0
// Location constraints, stickiness, bans by failures, state of the node.
#include "core/policy/verdict.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/policy/failure.hpp"
#include "core/policy/trouble.hpp"

namespace duet::policy {

namespace {

const FailureRecord* failure_with(const ResourceOnNode& place, Action action) {
  const auto it = std::find_if(place.failures.begin(), place.failures.end(),
                               [&](const FailureRecord& failure) { return failure.action == action; });
  return it == place.failures.end() ? nullptr : &*it;
}

std::string last_failure(const ResourceOnNode& place) {
  return place.failures.empty() ? std::string{"a failure"} : describe(place.failures.back());
}

void failures(const Picture& picture, const Resource& resource, std::size_t node, NodeVerdict& verdict) {
  const ResourceOnNode& place = *resource.on[node];
  const std::string& name = picture.nodes[node].name;
  const std::string cleanup = fmt::format("duet resource cleanup {}", resource.id());
  if (place.hard_ban) forbid(verdict, {"hard_failure", fmt::format("{} on {}", last_failure(place), name)}, cleanup);
  const std::int32_t threshold = resource.options.migration_threshold;
  const std::int32_t count = place.fail_count();
  if (threshold > 0 && count >= threshold) {
    const FailureRecord* start = failure_with(place, Action::start);
    if (start != nullptr && start->count >= Score::infinite) {
      forbid(verdict, {"start_failed", fmt::format("{} on {}, and start-failure-is-fatal", describe(*start), name)},
             cleanup);
    } else {
      forbid(verdict,
             {"migration_threshold", fmt::format("it failed {} times on {}, migration-threshold is {}",
                                                 Score{count}.text(), name, Score{threshold}.text())},
             cleanup);
    }
  }
  const bool banned = !place.failures.empty() && !picture.hands_off(resource, node) &&
                      worst_on_fail(picture.input.config, *resource.primitive, place) == OnFail::ban;
  if (banned) {
    forbid(verdict, {"on_fail_ban", fmt::format("{} on {} (on-fail=ban)", last_failure(place), name)}, cleanup);
  }
}

std::string end_of_constraint(const LocationConstraint& constraint, const std::string& node) {
  const bool by_command = constraint.id.rfind("cli-ban-", 0) == 0 || constraint.id.rfind("cli-prefer-", 0) == 0;
  if (by_command) return fmt::format("duet resource clear {} {}", constraint.resource, node);
  return fmt::format("duet constraint delete {}", constraint.id);
}

/// A wish for a group counts once, with its first member; stickiness adds up over the members.
bool counts_here(const Resource& resource, const LocationConstraint& constraint) {
  const bool of_group = resource.group != nullptr && constraint.resource == resource.group->id;
  return !of_group || resource.group->members.front() == resource.id();
}

void locations(const Picture& picture, const Resource& resource, std::size_t node, NodeVerdict& verdict) {
  const NodeInfo& info = picture.nodes[node];
  bool named = false;
  for (const LocationConstraint* constraint : resource.locations) {
    if (constraint->node != info.id) continue;
    named = true;
    if (constraint->score.is_minus_infinity()) {
      forbid(verdict,
             {"location",
              fmt::format("constraint {} keeps {} away from {}", constraint->id, constraint->resource, info.name)},
             end_of_constraint(*constraint, info.name));
    } else if (counts_here(resource, *constraint)) {
      verdict.score = verdict.score + constraint->score;
    }
  }
  if (!picture.options.symmetric_cluster && !named) {
    forbid(verdict, {"opt_in", fmt::format("symmetric-cluster is false and no constraint allows {}", info.name)},
           fmt::format("duet constraint location {} prefers {}=0", resource.id(), info.name));
  }
}

}  // namespace

void forbid(NodeVerdict& verdict, Why why, std::string fix) {
  verdict.allowed = false;
  verdict.score = Score::minus_infinity();
  verdict.why.push_back(std::move(why));
  if (!fix.empty()) verdict.fix.push_back(std::move(fix));
}

NodeVerdict own_verdict(const Picture& picture, const Resource& resource, std::size_t node) {
  const NodeInfo& info = picture.nodes[node];
  NodeVerdict verdict;
  verdict.allowed = true;
  if (info.obstacle) forbid(verdict, *info.obstacle, info.obstacle_fix);
  if (info.maintenance && !picture.active(resource, node)) {
    const bool cluster = picture.options.maintenance_mode;
    forbid(verdict,
           {"maintenance", cluster ? "the cluster is in maintenance" : fmt::format("{} is in maintenance", info.name)},
           cluster ? "duet property set maintenance-mode=false" : fmt::format("duet node unmaintenance {}", info.name));
  }
  failures(picture, resource, node, verdict);
  if (verdict.allowed && picture.current(resource, node)) verdict.score = verdict.score + resource.options.stickiness;
  locations(picture, resource, node, verdict);
  return verdict;
}

std::optional<std::size_t> pinned_node(const Picture& picture, const Resource& resource) {
  for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
    const bool ours = picture.hands_off(resource, n) || resource.blocked.has_value();
    if (ours && picture.active(resource, n) && !picture.nodes[n].fenced_soon) return n;
  }
  return resource.nowhere ? std::nullopt : picture.held(resource);
}

}  // namespace duet::policy
