// SPDX-License-Identifier: Apache-2.0
// Deleting: stop, wait, remove. A resource that would vanish from the configuration while it runs could not be stopped
// any more, so a resource that does not stop is not deleted.
#include "cli/commands/deleting.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/wait.hpp"
#include "cli/grammar/words.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

/// The named ids that are there; without --if-exists one that is not there is an error.
Outcome<std::vector<std::string>> present(const ClusterConfig& config, const Invocation& call, Wanted wanted) {
  std::vector<std::string> ids;
  for (const auto& id : call.args) {
    auto found = need(config, id, wanted);
    if (!found && call.has("if-exists")) continue;
    if (!found) return tl::unexpected(found.error());
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

/// Something is going on, or may be running: duetd refuses to delete it.
bool may_run(const ClusterView& view, const std::vector<ObjectId>& primitives) {
  return std::any_of(primitives.begin(), primitives.end(), [&](const ObjectId& id) {
    const auto resource = view.state.resources.find(id);
    if (resource == view.state.resources.end()) return false;
    return std::any_of(resource->second.on.begin(), resource->second.on.end(), [](const auto& entry) {
      const ResourceOnNode& on = entry.second;
      return on.may_run || on.pending || on.activity == Activity::running || on.activity == Activity::failed;
    });
  });
}

/// Switches off those that run.
std::vector<ConfigEdit> stop_edits(const ClusterView& view, const std::vector<std::string>& ids) {
  std::vector<ConfigEdit> edits;
  for (const auto& id : ids) {
    if (may_run(view, primitives_of(view.effective, id)))
      edits.emplace_back(UpdateResource{id, {}, {{"target-role", "Stopped"}}, {}});
  }
  return edits;
}

/// Disables what runs and waits until it has stopped. Prints pcs' words.
Outcome<Exit> stop_first(Shell& shell, const Invocation& call, const std::vector<std::string>& ids) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  Goal goal;
  goal.stopped = true;
  goal.named = join(ids, "', '");
  std::vector<ConfigEdit> edits = stop_edits(**view, ids);
  for (const auto& id : ids) {
    for (const auto& member : primitives_of(config, id)) {
      if (may_run(**view, {member})) goal.ids.push_back(member);
    }
  }
  if (edits.empty()) {
    for (const auto& id : ids) shell.out(fmt::format("Deleting Resource - {}\n", id));
    return Exit::ok;
  }
  auto limit = wait_limit(call);
  if (!limit) return tl::unexpected(limit.error());
  shell.out(fmt::format("Attempting to stop: {}...", join(goal.ids, " ")));
  auto reply = send_change(shell, call, std::move(edits), false);
  if (!reply) {
    shell.out("\n");
    return tl::unexpected(reply.error());
  }
  auto stopped = wait_for(shell, goal, *limit);
  shell.out(stopped ? " Stopped\n" : " Failed\n");
  return stopped;
}

}  // namespace

Outcome<void> check_last_device(Shell& shell, const ClusterConfig& config, const std::vector<std::string>& going,
                                std::string_view verb) {
  if (!cluster_options(config).stonith_enabled) return {};
  bool some_go = false;
  for (const auto& device : config.devices) {
    if (!device_enabled(device)) continue;
    if (std::find(going.begin(), going.end(), device.id) == going.end()) return {};
    some_go = true;
  }
  if (!some_go) return {};
  return confirm(shell,
                 fmt::format("this would {} the last fence device while stonith-enabled=true: "
                             "nothing could be started any more",
                             verb),
                 going.front());
}

Outcome<Exit> delete_objects(Shell& shell, const Invocation& call, Wanted wanted) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig config = (*view)->effective;
  auto ids = present(config, call, wanted);
  if (!ids) return tl::unexpected(ids.error());
  if (ids->empty()) return unchanged(shell);
  std::vector<ConfigEdit> edits{DeleteObjects{*ids, call.has("if-exists")}};
  if (call.has("dry-run")) {
    auto stops = stop_edits(**view, *ids);
    const bool stops_first = wanted != Wanted::device && !call.has("no-stop") && !stops.empty();
    return submit(shell, call, {.body = stops_first ? std::move(stops) : std::move(edits)});
  }
  if (wanted == Wanted::device) {
    if (auto good = check_last_device(shell, config, *ids, "delete"); !good) return tl::unexpected(good.error());
    return submit(shell, call, {.body = std::move(edits)});
  }
  if (!call.has("no-stop")) {
    auto stopped = stop_first(shell, call, *ids);
    if (!stopped) return stopped;
    if (*stopped != Exit::ok) return stopped;
  }
  auto reply = send_change(shell, call, std::move(edits), false);
  if (!reply) return tl::unexpected(reply.error());
  return Exit::ok;
}

}  // namespace duet::cli
