// SPDX-License-Identifier: Apache-2.0
// cluster stop and start on this node, quorum config. Starting over the network is admind's, in a later version.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/commands/wait.hpp"
#include "cli/grammar/words.hpp"

namespace duet::cli {

namespace {

constexpr Duration leave_limit = 21min;  // duetd itself gives up after 20

/// Only this node can be meant.
Outcome<void> only_here(const Invocation& call, const std::string& self) {
  const bool others = call.has("all") || std::any_of(call.args.begin(), call.args.end(),
                                                     [&](const std::string& name) { return name != self; });
  if (!others) return {};
  return failure({.code = Exit::usage,
                  .id = "E25",
                  .what = fmt::format("'{}' of other nodes is not available in this version yet", call.words),
                  .fix = "run it on that node"});
}

/// E20: what runs here could not go anywhere.
Outcome<void> check_last_node(Shell& shell, const ClusterView& view) {
  std::vector<std::string> running;
  bool other_online = false;
  for (const auto& node : view.effective.nodes) {
    const auto state = view.state.nodes.find(node.id);
    const bool joined = state != view.state.nodes.end() && state->second.membership == Membership::joined;
    if (node.id != view.self && joined) other_online = true;
  }
  for (const auto& primitive : view.effective.primitives) {
    const ResourceOnNode* on = view.state.find(primitive.id, view.self);
    if (on == nullptr || on->activity != Activity::running) continue;
    const Group* group = view.effective.group_of(primitive.id);
    std::string name = group == nullptr ? primitive.id : group->id;
    if (std::find(running.begin(), running.end(), name) == running.end()) running.push_back(std::move(name));
  }
  if (other_online || running.empty() || shell.yes || shell.force) return {};
  return failure({.code = Exit::dangerous,
                  .id = "E20",
                  .what = fmt::format("this would stop {} on the only online node", join(running, ", ")),
                  .fix = "add --yes if that is meant"});
}

}  // namespace

Outcome<Exit> cluster_stop(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) {
    if (view.error().code != Exit::not_running) return tl::unexpected(view.error());
    shell.note("duetd is not running on this node\n");
    return Exit::ok;
  }
  if (auto good = only_here(call, (*view)->node_name); !good) return tl::unexpected(good.error());
  const ClusterAction request = LeaveCluster{};
  if (call.has("dry-run")) return submit(shell, call, {.body = request});
  if (auto good = check_last_node(shell, **view); !good) return tl::unexpected(good.error());
  shell.out(fmt::format("{}: Stopping Cluster (duetd)...\n", (*view)->node_name));
  CallOptions waiting;
  waiting.timeout = leave_limit;
  std::vector<std::string> shown;
  waiting.progress = [&](const ClusterView& now) {
    const auto steps = steps_under_way(now, {});
    for (const auto& step : steps) {
      if (std::find(shown.begin(), shown.end(), step) == shown.end()) shell.note(step + "\n");
    }
    shown = steps;
  };
  auto reply = send_change(shell, call, request, false, waiting);
  if (!reply) return tl::unexpected(reply.error());
  shell.note("corosync goes on; to stop it too: systemctl stop corosync\n");
  return Exit::ok;
}

Outcome<Exit> cluster_start(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (view) {
    if (auto good = only_here(call, (*view)->node_name); !good) return tl::unexpected(good.error());
    shell.note(fmt::format("duetd is running on {}\n", (*view)->node_name));
    return Exit::ok;
  }
  return failure({.code = Exit::usage,
                  .id = "E25",
                  .what = "'cluster start' is not available in this version yet",
                  .fix = "systemctl start corosync duetd"});
}

Outcome<Exit> quorum_config(Shell& shell, const Invocation& /*call*/) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  shell.out(
      fmt::format("Options:\n  two_node: 1\n  wait_for_all: {}\n", (*view)->waiting_for_all ? "1 (waiting)" : "1"));
  return Exit::ok;
}

}  // namespace duet::cli
