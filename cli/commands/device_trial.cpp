// SPDX-License-Identifier: Apache-2.0
// See device_trial.hpp. Exit 0 (on) and 2 (off) of status are answers; everything else is not.
#include "cli/commands/device_trial.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cli/agents/catalog.hpp"
#include "cli/grammar/words.hpp"
#include "core/base/escape.hpp"
#include "core/model/fence_cover.hpp"

namespace duet::cli {

namespace {

constexpr int state_on = 0;
constexpr int state_off = 2;
// Seconds; fence_xvm's own default is 30. A trial leaves it time for its second question; a confirmation is in a hurry.
constexpr const char* trial_timeout = "4";
constexpr const char* confirm_timeout = "1";

struct Target {
  std::string node;
  std::string plug;
};

/// What the configuration alone tells; of a map all machines of a node, since all of them are switched off.
std::vector<Target> targets_of(const ClusterConfig& config, const Attributes& parameters) {
  const auto value = [&](const char* name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string{} : found->second;
  };
  std::vector<Target> targets;
  const auto entries = parse_host_map(value("pcmk_host_map"));
  const auto list = parse_host_list(value("pcmk_host_list"));
  for (const auto& node : config.nodes) {
    bool mapped = false;
    if (entries) {
      for (const auto& entry : *entries) {
        if (entry.node != node.name) continue;
        mapped = true;
        for (const auto& plug : entry.plugs) targets.push_back({node.name, plug});
      }
    }
    if (mapped || std::find(list.begin(), list.end(), node.name) == list.end()) continue;
    const std::string fixed = value("plug").empty() ? value("port") : value("plug");
    targets.push_back({node.name, fixed.empty() ? node.name : fixed});
  }
  return targets;
}

/// The parameters that the agent gets: not those that are for the manager.
Attributes for_agent(const AgentMetadata& metadata, const Attributes& parameters, const Target& target) {
  Attributes values;
  for (const auto& [name, value] : parameters) {
    if (!name.starts_with("pcmk_") && name != "plug" && name != "port") values[name] = value;
  }
  const auto argument = parameters.find("pcmk_host_argument");
  const char* const usual = metadata.parameter("plug") != nullptr ? "plug" : "port";
  values.insert_or_assign(argument == parameters.end() ? std::string{usual} : argument->second, target.plug);
  return values;
}

/// The messages of our fence_xvm have ids of their own in the manual.
std::string id_of(std::string_view said) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> known{
      {{"Timed out waiting for response", "E12"},
       {"Invalid response to challenge", "E13"},
       {"knows no domain", "E14"}}};
  for (const auto& [words, id] : known) {
    if (said.find(words) != std::string_view::npos) return std::string{id};
  }
  return {};
}

Failure no_answer(const std::string& id, const Target& target, const AgentOutput& output) {
  std::vector<std::string> lines;
  for (const auto line : split(output.text, '\n')) {
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(escape_line(line, 300));
  }
  std::string why =
      lines.empty() ? fmt::format("its agent ended with {} and said nothing", output.exit_code) : lines[0];
  lines.erase(lines.begin(), lines.begin() + (lines.empty() ? 0 : 1));
  return {.code = Exit::failed,
          .id = id_of(output.text),
          .what = fmt::format("{}: no power state of {} ({}); the device is not created", id, target.node,
                              escape_line(target.plug, 64)),
          .detail = std::move(lines),
          .why = std::move(why),
          .fix = "mend it, or create it without a trial: --no-proof",
          .subject = id};
}

}  // namespace

Outcome<void> try_device(Shell& shell, const ClusterConfig& config, const AgentRef& agent,
                         const AgentMetadata& metadata, const std::string& id, const Attributes& parameters) {
  if (!metadata.actions.empty() && metadata.action("status") == nullptr) return {};
  for (const Target& target : targets_of(config, parameters)) {
    shell.live(fmt::format("{}: asking for the power state of {}", id, target.node));
    Attributes values = for_agent(metadata, parameters, target);
    if (agent.type == "fence_xvm") values.emplace("timeout", trial_timeout);
    auto output = shell.agents().ask(agent, "status", values);
    shell.end_live();
    if (!output) return tl::unexpected(output.error());
    if (output->exit_code != state_on && output->exit_code != state_off) {
      return failure(no_answer(id, target, *output));
    }
  }
  return {};
}

Outcome<void> refuse_if_on(Shell& shell, const ClusterConfig& config, const Node& node) {
  for (const FenceDevice& device : config.devices) {
    if (!device_covers(device, node)) continue;
    const AgentRef agent{"stonith", "", device.agent};
    auto metadata = shell.agents().metadata(agent);
    if (!metadata || metadata->action("status") == nullptr) continue;
    for (const Target& target : targets_of(config, device.parameters)) {
      if (target.node != node.name) continue;
      shell.live(fmt::format("{}: asking {} for the power state of {}", node.name, device.id, target.plug));
      Attributes values = for_agent(*metadata, device.parameters, target);
      if (agent.type == "fence_xvm") values.insert_or_assign("timeout", std::string{confirm_timeout});
      auto output = shell.agents().ask(agent, "status", values);
      shell.end_live();
      if (!output || output->exit_code != state_on) continue;
      return failure(
          {.code = Exit::dangerous,
           .what = fmt::format("{} is not off: {} says that {} is running", node.name, device.id,
                               escape_line(target.plug, 64)),
           .why = "what runs there would be started here, too",
           .fix = fmt::format("duet stonith fence {}; if the device is wrong: --skip-check=power-state", node.name),
           .subject = node.name});
    }
  }
  return {};
}

}  // namespace duet::cli
