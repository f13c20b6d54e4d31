// SPDX-License-Identifier: Apache-2.0
// status and what belongs to it.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/arguments.hpp"
#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/commands/show.hpp"
#include "cli/commands/wait.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/status_json.hpp"
#include "cli/render/status_lines.hpp"
#include "cli/render/style.hpp"
#include "core/base/escape.hpp"

namespace duet::cli {

namespace {

StatusOptions options_of(Shell& shell, const Invocation& call, const StatusModel& model) {
  StatusOptions options;
  options.full = call.has("full");
  options.hide_inactive = call.has("hide-inactive");
  options.color = shell.color();
  options.daemons = daemon_lines(shell, model);
  return options;
}

Outcome<StatusModel> get_model(Shell& shell) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  return status_model(**view, plan_of(**view));
}

Exit check_exit(Health health) {
  switch (health) {
    case Health::ok:
      return Exit::ok;
    case Health::warning:
      return static_cast<Exit>(1);
    case Health::down:
      return static_cast<Exit>(2);
    case Health::unknown:
      return static_cast<Exit>(3);
  }
  return static_cast<Exit>(3);
}

std::string whole(Shell& shell, const StatusModel& model, const StatusOptions& options) {
  if (shell.format == Format::json) return status_json(model, options);
  const bool classic = shell.format == Format::classic || shell.machine().classic_status;
  if (classic) return classic_status_text(model, options);
  return status_text(model, options);
}

/// `status ID`: one resource, device or node with its reason.
Outcome<Exit> one(Shell& shell, const Invocation& call, StatusModel model) {
  const std::string& id = call.args[0];
  for (const auto& node : model.nodes) {
    if (node.name != id) continue;
    shell.out(fmt::format("  * Node {}: {}\n", node.name, styled(node.state, shell.color())));
    if (!node.why.empty()) shell.out(fmt::format("    {}\n", escape_line(node.why)));
    return Exit::ok;
  }
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  if (auto found = need((*view)->effective, id, Wanted::resource_or_device); !found)
    return tl::unexpected(found.error());
  keep_only(model, {id}, "");
  StatusOptions options;
  options.color = shell.color();
  shell.out(item_list_text(model, options, false) + item_list_text(model, options, true));
  for (const auto& group : model.resources) {
    for (const auto& item : group.items) {
      if (!item.reason.empty()) shell.out(fmt::format("    {}: {}\n", item.id, escape_line(item.reason)));
    }
  }
  for (const auto& action : model.failed_actions) {
    for (const auto& group : model.resources) {
      for (const auto& item : group.items) {
        if (item.id == action.resource) shell.out(fmt::format("  * {}\n", failed_action_text(action)));
      }
    }
  }
  return Exit::ok;
}

/// `-w`: again at each change, until interrupted.
Outcome<Exit> watch(Shell& shell, const Invocation& call) {
  while (true) {
    auto model = get_model(shell);
    if (!model) return tl::unexpected(model.error());
    const std::string text = whole(shell, *model, options_of(shell, call, *model));
    shell.out(shell.out_terminal() ? "\033[H\033[2J" + text : text + "\n");
    if (auto next = shell.refresh(30s); !next) return tl::unexpected(next.error());
  }
}

}  // namespace

Outcome<Exit> status(Shell& shell, const Invocation& call) {
  if (call.has("watch")) return watch(shell, call);
  auto model = get_model(shell);
  if (!model) {
    if (!call.has("check")) return tl::unexpected(model.error());
    shell.out(fmt::format("DUET UNKNOWN - {}\n", model.error().what));
    return static_cast<Exit>(3);
  }
  if (call.has("check")) {
    shell.out(check_line(*model));
    return check_exit(model->health);
  }
  if (!call.args.empty()) return one(shell, call, std::move(*model));
  shell.out(whole(shell, *model, options_of(shell, call, *model)));
  return Exit::ok;
}

Outcome<Exit> status_resources(Shell& shell, const Invocation& call) {
  return resource_status(shell, call);
}

Outcome<Exit> status_nodes(Shell& shell, const Invocation& call) {
  auto model = get_model(shell);
  if (!model) return tl::unexpected(model.error());
  if (shell.format == Format::json) {
    shell.out(status_json(*model, {}));
    return Exit::ok;
  }
  const std::string kind = call.args.empty() ? "" : call.args[0];
  if (!kind.empty() && kind != "corosync" && kind != "both" && kind != "config") {
    return usage_failure(fmt::format("no list of nodes {}", cited(kind)), "corosync, both or config");
  }
  std::string online;
  std::string offline;
  std::string all;
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  for (const auto& node : (*view)->effective.nodes) {
    const auto state = (*view)->state.nodes.find(node.id);
    const bool there = state != (*view)->state.nodes.end() && state->second.in_corosync;
    (there ? online : offline) += " " + node.name;
    all += " " + node.name;
  }
  if (kind == "corosync" || kind == "both")
    shell.out(fmt::format("Corosync Nodes:\n Online:{}\n Offline:{}\n", online, offline));
  if (kind == "config") shell.out(fmt::format("Corosync Nodes:\n{}\nPacemaker Nodes:\n{}\n", all, all));
  if (kind.empty() || kind == "both") shell.out(nodes_by_state_text(*model));
  return Exit::ok;
}

Outcome<Exit> status_cluster(Shell& shell, const Invocation& call) {
  auto model = get_model(shell);
  if (!model) return tl::unexpected(model.error());
  const StatusOptions options = options_of(shell, call, *model);
  if (shell.format == Format::json) {
    shell.out(status_json(*model, options));
    return Exit::ok;
  }
  std::string text = "Cluster Status:\n";
  const std::string body = health_text(*model, options.color) + summary_text(*model, options) + "Node List:\n" +
                           node_list_text(*model, options);
  for (const auto line : split(body, '\n')) text += fmt::format(" {}\n", line);
  shell.out(text);
  return Exit::ok;
}

Outcome<Exit> cluster_status(Shell& shell, const Invocation& call) {
  return status_cluster(shell, call);
}

Outcome<Exit> status_groups(Shell& shell, const Invocation& call) {
  return group_list(shell, call);
}

Outcome<Exit> status_corosync(Shell& shell, const Invocation& call) {
  Invocation nodes = call;
  nodes.args = {"corosync"};
  return status_nodes(shell, nodes);
}

Outcome<Exit> status_quorum(Shell& shell, const Invocation& /*call*/) {
  // corosync's own tool knows ring id and votes; without permission for it the daemon's knowledge has to do.
  if (const auto text = shell.machine().ask("/usr/sbin/corosync-quorumtool", {"-s"})) {
    shell.out(*text);
    return Exit::ok;
  }
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterView& v = **view;
  std::size_t present = 0;
  for (const auto& [id, node] : v.state.nodes) present += node.in_corosync ? 1U : 0U;
  std::string text = "Quorum information\n------------------\n";
  text += fmt::format("Nodes:            {}\nNode ID:          {}\nQuorate:          {}\n\n", present, v.self.get(),
                      v.quorate ? "Yes" : "No");
  text += "Votequorum information\n----------------------\n";
  text += fmt::format(
      "Expected votes:   {}\nTotal votes:      {}\nQuorum:           1 {}\nFlags:            2Node {}{}\n\n",
      v.effective.nodes.size(), present, v.quorate ? " " : "Activity blocked", v.quorate ? "Quorate " : "",
      v.waiting_for_all ? "WaitForAll " : "");
  text += "Membership information\n----------------------\n    Nodeid      Votes Name\n";
  for (const auto& node : v.effective.nodes) {
    const auto state = v.state.nodes.find(node.id);
    if (state == v.state.nodes.end() || !state->second.in_corosync) continue;
    text += fmt::format("{:>10} {:>10} {}{}\n", node.id.get(), 1, node.name, node.id == v.self ? " (local)" : "");
  }
  shell.out(text);
  return Exit::ok;
}

Outcome<Exit> status_wait(Shell& shell, const Invocation& call) {
  Invocation with_limit = call;
  with_limit.options.emplace_back("wait", call.args.empty() ? "" : call.args[0]);
  auto limit = wait_limit(with_limit);
  if (!limit) return tl::unexpected(limit.error());
  return wait_for(shell, Goal{}, *limit);
}

namespace {

Exit answer(Shell& shell, bool yes) {
  shell.note(yes ? "True\n" : "False\n");
  return yes ? Exit::ok : Exit::failed;
}

const ItemStatus* find_item(const StatusModel& model, const std::string& id) {
  for (const auto& group : model.resources) {
    for (const auto& item : group.items) {
      if (item.id == id) return &item;
    }
  }
  return nullptr;
}

/// The states of pcs 0.12 that we can tell.
Outcome<bool> has_state(const ItemStatus& item, const std::string& state) {
  const std::vector<std::string> states{"started", "stopped",   "failed", "blocked", "disabled",   "enabled",
                                        "managed", "unmanaged", "active", "pending", "maintenance"};
  if (state == "started") return item.role == "Started";
  if (state == "stopped") return item.role == "Stopped";
  if (state == "failed") return item.failed;
  if (state == "blocked") return item.blocked;
  if (state == "disabled") return item.disabled;
  if (state == "enabled") return !item.disabled;
  if (state == "managed") return item.managed;
  if (state == "unmanaged") return !item.managed;
  if (state == "active") return item.role == "Started" || item.role == "FAILED";
  if (state == "pending") return item.role == "Starting" || item.role == "Stopping";
  if (state == "maintenance") {
    return std::find(item.flags.begin(), item.flags.end(), "maintenance") != item.flags.end();
  }
  const std::string guess = did_you_mean(state, states);
  return usage_failure(fmt::format("no state {}", cited(state)),
                       guess.empty() ? "one of: " + join(states, ", ") : guess);
}

}  // namespace

Outcome<Exit> status_query(Shell& shell, const Invocation& call) {
  const auto& words = call.args;
  auto model = get_model(shell);
  if (!model) return tl::unexpected(model.error());
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  const std::string& id = words[0];
  const std::string& query = words[1];
  const bool group = config.group(id) != nullptr;
  const ItemStatus* item = find_item(*model, group ? config.group(id)->members.back() : id);
  if (query == "exists") return answer(shell, group || item != nullptr);
  if (item == nullptr) {
    auto found = need(config, id, Wanted::resource_or_device);
    if (!found) return tl::unexpected(found.error());
    return failure({.code = Exit::not_found, .what = fmt::format("no resource {}", cited(id))});
  }
  if (query == "is-type" && words.size() == 3) {
    const std::string type = group ? "group" : item->agent.starts_with("stonith:") ? "stonith" : "primitive";
    return answer(shell, type == words[2]);
  }
  if (query == "is-state" && words.size() >= 3) {
    auto yes = has_state(*item, words[2]);
    if (!yes) return tl::unexpected(yes.error());
    if (words.size() == 5 && words[3] == "on-node") {
      const bool there = std::find(item->nodes.begin(), item->nodes.end(), words[4]) != item->nodes.end();
      return answer(shell, *yes && there);
    }
    return answer(shell, *yes);
  }
  if (query == "is-in-group") {
    const Group* owner = config.group_of(id);
    return answer(shell, owner != nullptr && (words.size() < 3 || owner->id == words[2]));
  }
  return usage_failure(fmt::format("no query {}", cited(query)),
                       "exists, is-type TYPE, is-state STATE [on-node NODE], is-in-group [GROUP]");
}

}  // namespace duet::cli
