// SPDX-License-Identifier: Apache-2.0
// Shared reads.
#include "cli/commands/show.hpp"

#include <algorithm>

#include "cli/commands/lookup.hpp"
#include "cli/render/config_text.hpp"

namespace duet::cli {

Outcome<Exit> show_config(Shell& shell, const Invocation& /*call*/, const std::vector<std::string>& ids, bool devices) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  for (const auto& id : ids) {
    auto found = need(config, id, devices ? Wanted::device : Wanted::resource);
    if (!found) return tl::unexpected(found.error());
  }
  std::vector<std::string> shown = ids;
  if (shown.empty() && devices) {
    for (const auto& device : config.devices) shown.push_back(device.id);
  } else if (shown.empty()) {
    for (const auto& primitive : config.primitives) {
      const Group* group = config.group_of(primitive.id);
      const std::string id = group == nullptr ? primitive.id : group->id;
      if (std::find(shown.begin(), shown.end(), id) == shown.end()) shown.push_back(id);
    }
  }
  if (shell.format == Format::json) {
    shell.out(config_json(config));
    return Exit::ok;
  }
  if (shown.empty()) {
    if (shell.format == Format::text)
      shell.out(devices ? "NO stonith devices configured\n" : "NO resources configured\n");
    return Exit::ok;
  }
  if (shell.format == Format::cmd) {
    for (const auto& line : config_commands(config, shown)) shell.out(line + "\n");
    return Exit::ok;
  }
  for (const auto& id : shown) shell.out(object_text(config, id));
  return Exit::ok;
}

void keep_only(StatusModel& model, const std::vector<std::string>& ids, const std::string& node) {
  const auto named = [&](const std::string& id) {
    return ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (auto& group : model.resources) {
    const bool whole = !group.id.empty() && !ids.empty() && named(group.id);
    std::erase_if(group.items, [&](const ItemStatus& item) {
      const bool there = node.empty() || std::find(item.nodes.begin(), item.nodes.end(), node) != item.nodes.end();
      return !there || !(whole || named(item.id));
    });
  }
  std::erase_if(model.resources, [](const GroupStatus& group) { return group.items.empty(); });
}

std::vector<DaemonLine> daemon_lines(Shell& shell, const StatusModel& model) {
  const auto& enabled = shell.machine().unit_enabled;
  return {{"corosync", model.corosync_active, enabled("corosync.service")},
          {"duetd", true, enabled("duetd.service") || enabled("duetd.socket")},
          {"duet-execd", model.executor_active, enabled("duet-execd.service") || enabled("duet-execd.socket")}};
}

}  // namespace duet::cli
