// SPDX-License-Identifier: Apache-2.0
// stonith fence, confirm, history, level: what is done with fence devices.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "cli/commands/arguments.hpp"
#include "cli/commands/change.hpp"
#include "cli/commands/device_trial.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/config_text.hpp"
#include "cli/render/status_json.hpp"
#include "cli/render/time_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

constexpr Duration fence_limit = 3min;  // two tries of a level with the default time-out of 60 s, and a delay

/// Ids of the events about the target that were there before the request.
std::set<std::string> known_events(const ClusterView& view, NodeId target) {
  std::set<std::string> ids;
  for (const auto& event : view.state.fencing) {
    if (event.target == target && event.outcome != FenceOutcome::pending) ids.insert(event.id);
  }
  return ids;
}

/// Shows each step of the fencing once.
class StepNotes {
 public:
  StepNotes(Shell& shell, NodeId target, std::string name) : shell_{shell}, target_{target}, name_{std::move(name)} {}
  void operator()(const ClusterView& view) {
    for (const auto& progress : view.fencing) {
      if (progress.target != target_) continue;
      std::string step = fmt::format("{}: {}", name_, escape_line(progress.step, 200));
      if (!progress.last_error.empty()) step += fmt::format("; last: {}", escape_line(progress.last_error, 200));
      if (step == last_) continue;
      shell_.note(step + "\n");
      last_ = std::move(step);
    }
  }

 private:
  Shell& shell_;
  NodeId target_;
  std::string name_;
  std::string last_;
};

/// What came of it, by the event in the history: duetd's answer says only that there is one.
Outcome<Exit> outcome_of(Shell& shell, NodeId target, const std::string& name, const std::set<std::string>& before,
                         Instant start) {
  while (shell.machine().now() - start < fence_limit) {
    auto view = shell.refresh(1s);
    if (!view) return tl::unexpected(view.error());
    for (const auto& event : (*view)->state.fencing) {
      if (event.target != target || before.contains(event.id) || event.outcome == FenceOutcome::pending) continue;
      const auto took = seconds_text((shell.machine().now() - start) / 1ms);
      if (event.outcome == FenceOutcome::succeeded) {
        shell.note(fmt::format("{}: off, verified{} after {}\n", name,
                               event.device.empty() ? "" : " through " + escape_line(event.device, 80), took));
        shell.out(fmt::format("Node: {} fenced\n", name));
        return Exit::ok;
      }
      return failure({.code = Exit::failed,
                      .id = "E17",
                      .what = fmt::format("fencing {} failed after {}", name, took),
                      .why = escape_line(event.detail, 300),
                      .fix = fmt::format("duet stonith status; if it is certainly off: duet stonith confirm {}", name),
                      .subject = name});
    }
  }
  return failure({.code = Exit::timeout,
                  .what = fmt::format("{} is not fenced yet", name),
                  .fix = fmt::format("it is tried again until it succeeds; duet why {}", name)});
}

}  // namespace

Outcome<Exit> stonith_fence(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  auto target = find_node((*view)->effective, call.args[0]);
  if (!target) return tl::unexpected(target.error());
  const std::string name = call.args[0];
  const Node* node = (*view)->effective.node(*target);
  const auto& devices = (*view)->effective.devices;
  const bool covered = std::any_of(devices.begin(), devices.end(),
                                   [&](const FenceDevice& device) { return device_covers(device, *node); });
  if (!covered) {
    return failure({.code = Exit::failed,
                    .what = fmt::format("no fence device can fence {}", name),
                    .fix = "duet stonith create --help; duet stonith config",
                    .subject = name});
  }
  for (const auto& device : devices) {
    if (device_covers(device, *node)) shell.note(fmt::format("{}: device {} ({})\n", name, device.id, device.agent));
  }
  const auto before = known_events(**view, *target);
  const FenceAction action = call.has("off") ? FenceAction::off : FenceAction::reboot;
  const ClusterAction request = FenceNode{*target, action};
  if (call.has("dry-run")) return submit(shell, call, {.body = request});
  const Instant start = shell.machine().now();
  StepNotes notes{shell, *target, name};
  CallOptions waiting;
  waiting.timeout = fence_limit;
  waiting.progress = [&](const ClusterView& now) { notes(now); };
  auto reply = send_change(shell, call, request, false, waiting);
  if (!reply) return tl::unexpected(reply.error());
  return outcome_of(shell, *target, name, before, start);
}

Outcome<Exit> stonith_confirm(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  auto target = find_node((*view)->effective, call.args[0]);
  if (!target) return tl::unexpected(target.error());
  const std::string& name = call.args[0];
  if (*target == (*view)->self) {
    return failure({.code = Exit::failed,
                    .what = fmt::format("{} is this node: it is not off", name),
                    .fix = "name the node that is off",
                    .subject = name});
  }
  const ClusterAction request = ConfirmFenced{*target};
  if (call.has("dry-run")) return submit(shell, call, {.body = request});
  if (shell.machine().root && call.value("skip-check") != "power-state") {
    auto off = refuse_if_on(shell, (*view)->effective, *(*view)->effective.node(*target));
    if (!off) return tl::unexpected(off.error());
  }
  auto sure = confirm(shell,
                      fmt::format("If node '{}' is not powered off or it does have access to shared resources, data "
                                  "corruption and/or cluster failure may occur",
                                  name),
                      name);
  if (!sure) return tl::unexpected(sure.error());
  shell.yes = true;
  return submit(shell, call, {.body = request, .stdout_text = fmt::format("Node: {} confirmed fenced\n", name)});
}

Outcome<Exit> stonith_history(Shell& shell, const Invocation& call) {
  std::vector<std::string> words = call.args;
  if (!words.empty() && words[0] == "show") words.erase(words.begin());
  if (!words.empty() && words[0] == "update") words.erase(words.begin());  // both nodes always hold the same history
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  if (words.size() > 1) return usage_failure("at most one node can be given");
  if (!words.empty()) {
    if (auto found = find_node((*view)->effective, words[0]); !found) return tl::unexpected(found.error());
  }
  const StatusModel model = status_model(**view, plan_of(**view));
  if (shell.format == Format::json) {
    shell.out(status_json(model, {}));
  } else {
    shell.out(fencing_history_text(model, words.empty() ? "" : words[0]));
  }
  return Exit::ok;
}

Outcome<Exit> stonith_history_cleanup(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  ClearFenceHistory action;
  if (!call.args.empty()) {
    auto target = find_node((*view)->effective, call.args[0]);
    if (!target) return tl::unexpected(target.error());
    action.target = *target;
  }
  const std::string text =
      fmt::format("cleaning up fencing-history for node {}\n", call.args.empty() ? "*" : call.args[0]);
  const ClusterAction request = action;
  return submit(shell, call, {.body = request, .stdout_text = text});
}

namespace {

Outcome<std::uint32_t> level_number(const std::string& text) {
  if (text.size() == 1 && text[0] >= '1' && text[0] <= '9') return static_cast<std::uint32_t>(text[0] - '0');
  return usage_failure(fmt::format("{} is not a level", cited(text)), "1 to 9");
}

/// Device ids, also with commas between (pcs 0.9).
Outcome<std::vector<ObjectId>> device_ids(const ClusterConfig& config, const std::vector<std::string>& words,
                                          std::size_t from) {
  std::vector<ObjectId> ids;
  for (std::size_t i = from; i < words.size(); ++i) {
    for (const auto part : split(words[i], ',')) {
      if (auto found = need(config, part, Wanted::device); !found) return tl::unexpected(found.error());
      ids.emplace_back(part);
    }
  }
  return ids;
}

}  // namespace

Outcome<Exit> level_show(Shell& shell, const Invocation& /*call*/) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  shell.out(shell.format == Format::json ? config_json((*view)->effective) : levels_text((*view)->effective));
  return Exit::ok;
}

Outcome<Exit> level_add(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  auto level = level_number(call.args[0]);
  if (!level) return tl::unexpected(level.error());
  auto target = find_node(config, call.args[1]);
  if (!target) return tl::unexpected(target.error());
  auto devices = device_ids(config, call.args, 2);
  if (!devices) return tl::unexpected(devices.error());
  const FenceLevel wanted{*target, *level, std::move(*devices)};
  const bool known = std::find(config.levels.begin(), config.levels.end(), wanted) != config.levels.end();
  if (known) return unchanged(shell);
  std::vector<ConfigEdit> edits{AddLevel{wanted}};
  return submit(shell, call, {.body = std::move(edits)});
}

Outcome<Exit> level_delete(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  auto level = level_number(call.args[0]);
  if (!level) return tl::unexpected(level.error());
  DeleteLevels edit;
  edit.level = *level;
  std::size_t from = 1;
  if (call.args.size() > 1) {
    if (const Node* node = config.node(call.args[1])) {
      edit.target = node->id;
      from = 2;
    }
    if (call.args[1] == "target" || call.args[1] == "stonith") from = 2;
  }
  auto devices = device_ids(config, call.args, from);
  if (!devices) return tl::unexpected(devices.error());
  edit.devices = std::move(*devices);
  std::vector<ConfigEdit> edits{std::move(edit)};
  return submit(shell, call, {.body = std::move(edits)});
}

Outcome<Exit> level_clear(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  DeleteLevels edit;
  if (!call.args.empty()) {
    if (const Node* node = config.node(call.args[0])) {
      edit.target = node->id;
    } else {
      auto devices = device_ids(config, call.args, 0);
      if (!devices) return tl::unexpected(devices.error());
      edit.devices = std::move(*devices);
    }
  }
  if (config.levels.empty()) return unchanged(shell);
  std::vector<ConfigEdit> edits{std::move(edit)};
  return submit(shell, call, {.body = std::move(edits)});
}

Outcome<Exit> level_verify(Shell& shell, const Invocation& /*call*/) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  std::string wrong;
  for (const auto& level : config.levels) {
    const Node* node = config.node(level.target);
    for (const auto& id : level.devices) {
      const FenceDevice* device = config.device(id);
      const bool good = node != nullptr && device != nullptr && device_covers(*device, *node);
      if (!good)
        wrong += fmt::format("{}level {} of {}: {}", wrong.empty() ? "" : "; ", level.level,
                             config.node_name(level.target), id);
    }
  }
  if (wrong.empty()) return Exit::ok;
  return failure(
      {.code = Exit::failed, .what = "fencing levels name devices that cannot fence their node", .why = wrong});
}

}  // namespace duet::cli
