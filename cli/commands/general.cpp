// SPDX-License-Identifier: Apache-2.0
// help, version, completion, answers for what is not there.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/table.hpp"
#include "cli/commands/topics.hpp"
#include "cli/grammar/help.hpp"
#include "cli/grammar/words.hpp"

namespace duet::cli {

namespace {

const Command* exact(const std::vector<std::string>& words) {
  const std::string wanted = join(words, " ");
  for (const auto& part : command_table()) {
    for (const auto& command : part) {
      if (command.words == wanted) return &command;
      for (const auto other : split(command.also, ';')) {
        if (other == wanted) return &command;
      }
    }
  }
  return nullptr;
}

bool takes_ids(const Command& command) {
  return command.synopsis.find("ID") != std::string_view::npos;
}
bool takes_nodes(const Command& command) {
  return command.synopsis.find("NODE") != std::string_view::npos;
}

std::vector<std::string> live_names(Shell& shell, const Command& command) {
  std::vector<std::string> names;
  auto view = shell.view();
  if (!view) return names;  // the daemon is down: no ids
  const ClusterConfig& config = (*view)->effective;
  if (takes_nodes(command)) {
    for (const auto& node : config.nodes) names.push_back(node.name);
  }
  if (!takes_ids(command)) return names;
  const bool fence = command.words.starts_with("stonith");
  if (fence) {
    for (const auto& device : config.devices) names.push_back(device.id);
    return names;
  }
  for (const auto& group : config.groups) names.push_back(group.id);
  for (const auto& primitive : config.primitives) names.push_back(primitive.id);
  return names;
}

}  // namespace

Outcome<Exit> help(Shell& shell, const Invocation& call) {
  if (shell.format == Format::json) {
    shell.out(help_json(command_table()));
    return Exit::ok;
  }
  if (call.args.empty()) {
    shell.out(top_help(command_table()));
    return Exit::ok;
  }
  if (const auto topic = topic_text(call.args[0]); !topic.empty() && call.args.size() == 1) {
    shell.out(topic);
    return Exit::ok;
  }
  if (const Command* command = exact(call.args)) {
    shell.out(command_help(command_table(), *command));
    return Exit::ok;
  }
  const std::string prefix = join(call.args, " ");
  if (!next_words(command_table(), prefix).empty()) {
    shell.out(group_help(command_table(), prefix));
    return Exit::ok;
  }
  return failure(
      {.code = Exit::usage, .id = "E01", .what = fmt::format("no help for {}", cited(prefix)), .fix = "duet help"});
}

Outcome<Exit> version(Shell& shell, const Invocation& call) {
  shell.out(fmt::format("duet {}\n", DUET_VERSION));
  if (call.has("full"))
    shell.out("capabilities: two-node fencing groups constraints output-json output-cmd classic-status\n");
  return Exit::ok;
}

Outcome<Exit> complete(Shell& shell, const Invocation& call) {
  std::vector<std::string> words = call.args;
  std::string begun;
  if (!words.empty()) {
    begun = words.back();
    words.pop_back();
  }
  std::vector<std::string> candidates = next_words(command_table(), join(words, " "));
  std::vector<std::string> path = words;
  const Command* command = nullptr;
  while (!path.empty() && (command = exact(path)) == nullptr) path.pop_back();
  if (begun.starts_with("-")) {
    for (const auto& option : all_options()) {
      if (command == nullptr || accepts(*command, option)) candidates.push_back("--" + std::string{option.name});
    }
  } else if (command != nullptr) {
    for (auto& name : live_names(shell, *command)) candidates.push_back(std::move(name));
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  for (const auto& candidate : candidates) {
    if (candidate.starts_with(begun) && !candidate.starts_with("__")) shell.out(candidate + "\n");
  }
  return Exit::ok;
}

Outcome<Exit> not_yet_command(Shell& shell, const Invocation& call) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> never{
      {{"resource clone", "clones"},
       {"resource unclone", "clones"},
       {"resource promotable", "promotable clones"},
       {"resource master", "promotable clones"},
       {"resource bundle", "bundles"},
       {"cluster node add-remote", "remote nodes"},
       {"cluster node add-guest", "guest nodes"},
       {"booth", "tickets between sites"},
       {"dr", "recovery sites"}}};
  for (const auto& [words, what] : never) {
    if (call.words != words) continue;
    const bool copies = words.starts_with("resource");
    return failure({.code = Exit::failed,
                    .id = "E24",
                    .what = fmt::format("duet does not have {}", what),
                    .why = copies ? "it keeps one copy on two nodes" : "it is for one cluster of two nodes",
                    .fix = copies ? "run such services on both nodes with systemd; see duet help pcs-differences"
                                  : "duet help pcs-differences"});
  }
  return not_yet(shell, call);
}

}  // namespace duet::cli
