// SPDX-License-Identifier: Apache-2.0
// Agents: list, describe.
#include "cli/commands/agent_show.hpp"

#include <fmt/core.h>

#include "cli/agents/catalog.hpp"
#include "cli/agents/values.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/simple_json.hpp"
#include "core/base/ascii.hpp"
#include "core/base/escape.hpp"

namespace duet::cli {

namespace {

/// Foreign text: each line escaped, white space at both ends of lines removed.
std::string paragraph(const std::string& text, const std::string& indent) {
  std::string out;
  for (auto line : split(text, '\n')) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    out += indent + escape_line(line) + "\n";
  }
  return out;
}

std::string parameter_text(const AgentMetadata& metadata, const AgentParameter& parameter, bool full) {
  std::string head = "  " + escape_line(parameter.name, 200);
  if (parameter.required) head += " (required)";
  if (parameter.deprecated) head += " (deprecated)";
  std::string text = head + "\n";
  const std::string newer = parameter.deprecated ? replacement(metadata, parameter) : "";
  if (!newer.empty()) text += fmt::format("    Use instead: {}\n", escape_line(newer, 200));
  std::string description =
      parameter.long_description.empty() ? parameter.short_description : parameter.long_description;
  if (!full && description.size() > 400) description = parameter.short_description;
  text += paragraph(description, "    ");
  std::string type = parameter.type;
  if (!parameter.options.empty()) type += ": " + join(parameter.options, ", ");
  text += fmt::format("    Type: {}\n", escape_line(type, 400));
  if (!parameter.default_value.empty()) text += fmt::format("    Default: {}\n", escape_line(parameter.default_value));
  return text;
}

std::string action_text(const AgentAction& action) {
  std::string text = fmt::format("  {}:", escape_line(action.name, 100));
  if (!action.interval.empty()) text += fmt::format(" interval={}", escape_line(action.interval, 40));
  if (!action.timeout.empty()) text += fmt::format(" timeout={}", escape_line(action.timeout, 40));
  if (!action.role.empty()) text += fmt::format(" role={}", escape_line(action.role, 40));
  if (!action.depth.empty() && action.depth != "0")
    text += fmt::format(" OCF_CHECK_LEVEL={}", escape_line(action.depth, 40));
  return text + "\n";
}

}  // namespace

Outcome<Exit> list_agents(Shell& shell, const Invocation& call, bool fence, const std::string& filter) {
  std::size_t count = 0;
  std::vector<std::string> names;
  for (const auto& agent : shell.agents().list()) {
    if ((agent.standard == "stonith") != fence) continue;
    const std::string name = fence ? agent.type : agent.text();
    if (!filter.empty() && ascii_lower(name).find(ascii_lower(filter)) == std::string::npos) continue;
    ++count;
    names.push_back(name);
    if (shell.format == Format::json) continue;
    // Without a filter the descriptions of hundreds of agents would have to be asked one by one.
    const bool describe = !call.has("nodesc") && (!filter.empty() || fence);
    std::string text = name;
    if (describe && agent.standard != "systemd" && agent.standard != "lsb") {
      const auto metadata = shell.agents().metadata(agent);
      if (metadata && !metadata->short_description.empty())
        text += " - " + escape_line(metadata->short_description, 200);
    }
    shell.out(text + "\n");
  }
  if (count > 0 && shell.format == Format::json) shell.out(list_json("duet.agents/1", "agents", names));
  if (count > 0) return Exit::ok;
  return failure({.code = Exit::not_found,
                  .what = filter.empty() ? std::string{"no agents are installed"}
                                         : fmt::format("no agent's name contains {}", cited(filter)),
                  .fix = fence ? "packages: fence-agents, fence-virt" : "package: resource-agents"});
}

Outcome<Exit> describe_agent(Shell& shell, const Invocation& call, const AgentRef& agent) {
  auto metadata = shell.agents().metadata(agent);
  if (!metadata) return tl::unexpected(metadata.error());
  const std::string name = agent.standard == "stonith" ? agent.type : agent.text();
  std::string text = name;
  if (!metadata->short_description.empty()) text += " - " + escape_line(metadata->short_description, 400);
  text += "\n\n" + paragraph(metadata->long_description, "");
  text += agent.standard == "stonith" ? "\nStonith options:\n" : "\nResource options:\n";
  if (metadata->parameters.empty()) text += "  none\n";
  for (const bool required : {true, false}) {
    for (const auto& parameter : metadata->parameters) {
      if (parameter.required != required || (parameter.deprecated && !call.has("full"))) continue;
      text += parameter_text(*metadata, parameter, call.has("full"));
    }
  }
  text += "\nDefault operations:\n";
  for (const auto& action : metadata->actions) {
    const bool shown = action.name == "start" || action.name == "stop" || action.name == "monitor";
    if (shown || call.has("full")) text += action_text(action);
  }
  shell.out(text);
  return Exit::ok;
}

}  // namespace duet::cli
