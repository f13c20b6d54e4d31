// SPDX-License-Identifier: Apache-2.0
// From a view to the status: puts the parts together.
#include "cli/render/status_model.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/render/status_parts.hpp"
#include "core/base/invariant.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/options.hpp"
#include "core/policy/plan.hpp"

namespace duet::cli {

namespace {

void count(StatusModel& model, const ItemStatus& item) {
  ++model.instances;
  if (item.disabled) ++model.disabled;
  if (item.blocked) ++model.blocked;
}

void add_resources(const ClusterView& view, const Plan& plan, StatusModel& model) {
  const ClusterConfig& config = view.effective;
  std::vector<std::string_view> done;
  for (const auto& primitive : config.primitives) {
    const Group* owner = config.group_of(primitive.id);
    if (owner == nullptr) {
      model.resources.push_back({"", false, false, {primitive_status(view, plan, primitive)}});
      continue;
    }
    if (std::find(done.begin(), done.end(), owner->id) != done.end()) continue;
    done.push_back(owner->id);
    GroupStatus group;
    group.id = owner->id;
    for (const auto& member : owner->members) {
      if (const Primitive* item = config.primitive(member)) group.items.push_back(primitive_status(view, plan, *item));
    }
    const auto all = [&](auto test) { return std::all_of(group.items.begin(), group.items.end(), test); };
    group.disabled = all([](const ItemStatus& item) { return item.disabled; });
    group.unmanaged = all([](const ItemStatus& item) { return !item.managed; });
    model.resources.push_back(std::move(group));
  }
  for (const auto& device : config.devices)
    model.resources.push_back({"", false, false, {device_status(view, device)}});
  for (const auto& group : model.resources) {
    for (const auto& item : group.items) count(model, item);
  }
}

void add_warnings(const ClusterView& view, StatusModel& model) {
  const ClusterOptions options = cluster_options(view.effective);
  if (options.stonith_enabled && view.effective.devices.empty()) {
    model.warnings.emplace_back("No stonith devices and stonith-enabled is not false");
  }
}

}  // namespace

std::string_view to_string(Health health) {
  switch (health) {
    case Health::ok:
      return "OK";
    case Health::warning:
      return "WARNING";
    case Health::down:
      return "DOWN";
    case Health::unknown:
      return "UNKNOWN";
  }
  invariant_failed("Health out of range", __FILE__, __LINE__);
}

Plan plan_of(const ClusterView& view) {
  return make_plan(PolicyInput{view.effective, view.state, view.quorate,
                               view.unsafe.empty() ? std::string{} : view.unsafe.front().text});
}

StatusModel status_model(const ClusterView& view, const Plan& plan) {
  StatusModel model;
  model.cluster = view.effective.name;
  model.from = view.node_name;
  model.version = view.version;
  model.quorate = view.quorate;
  model.waiting_for_all = view.waiting_for_all;
  model.solo = view.state.solo;
  model.now_unix_ms = view.now_unix_ms;
  model.commit = view.committed.position;
  model.changed_unix_ms = view.committed.unix_ms;
  const auto at = view.committed.author.find('@');
  model.changed_by = view.committed.author.substr(0, at);
  if (at != std::string::npos) model.changed_on = view.committed.author.substr(at + 1);
  model.changed_command = view.committed.command;
  const ClusterOptions options = cluster_options(view.effective);
  model.maintenance_mode = options.maintenance_mode;
  model.stonith_enabled = options.stonith_enabled;
  model.corosync_active = view.corosync_connected;
  model.executor_active = view.executor_connected;
  if (const auto dc = view.state.coordinator()) model.dc = view.effective.node_name(*dc);
  for (const auto& node : view.effective.nodes) model.nodes.push_back(node_status(view, node));
  add_resources(view, plan, model);
  model.failed_actions = failed_actions(view);
  for (const auto& location : view.effective.locations) {
    if (!location.score.is_minus_infinity()) continue;
    model.bans.push_back({location.id, location.resource, view.effective.node_name(location.node)});
  }
  add_fencing(view, model);
  add_warnings(view, model);
  judge_health(view, plan, model);
  return model;
}

}  // namespace duet::cli
