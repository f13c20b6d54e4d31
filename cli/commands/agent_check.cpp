// SPDX-License-Identifier: Apache-2.0
// Checks against the agent's metadata.
#include "cli/commands/agent_check.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/agents/catalog.hpp"
#include "cli/agents/values.hpp"
#include "cli/grammar/words.hpp"
#include "cli/shell/shell.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/fence_cover.hpp"

namespace duet::cli {

namespace {

/// Attributes of a fence device that are for the manager, not for the agent (cluster-semantics 4.2).
const std::vector<std::string>& manager_parameters() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{"pcmk_host_list",  "pcmk_host_map",  "pcmk_host_check",   "pcmk_host_argument",
                                 "pcmk_delay_base", "pcmk_delay_max", "pcmk_action_limit", "stonith-timeout",
                                 "provides",        "notice"};
    for (const auto* action : {"reboot", "off", "on", "status", "monitor", "list"}) {
      for (const auto* what : {"action", "timeout", "retries"}) all.push_back(fmt::format("pcmk_{}_{}", action, what));
    }
    return all;
  }();
  return names;
}

/// Given by the manager for each target, so never required of the administrator.
bool given_by_manager(std::string_view name) {
  return name == "port" || name == "plug" || name == "action" || name == "nodename";
}

std::vector<std::string> names_of(const ParameterCheck& check) {
  std::vector<std::string> names;
  for (const auto& parameter : check.metadata.parameters) names.push_back(parameter.name);
  if (check.fence) names.insert(names.end(), manager_parameters().begin(), manager_parameters().end());
  return names;
}

std::string short_agent(const std::string& agent) {
  return agent.substr(agent.rfind(':') + 1);
}

/// E03
tl::unexpected<Failure> unknown_parameter(const ParameterCheck& check, const std::string& name) {
  const std::string describe =
      fmt::format("duet {} describe {}", check.fence ? "stonith" : "resource", short_agent(check.agent));
  const std::string guess = did_you_mean(name, names_of(check));
  std::string fix = fmt::format("all {}: {}", check.metadata.parameters.size(), describe);
  if (check.metadata.parameters.empty()) fix = fmt::format("{} has no parameters", check.agent);
  if (!guess.empty()) fix = guess + "  " + fix;
  return failure({.id = "E03",
                  .what = fmt::format("{} is not a parameter of {}", cited(name), check.agent),
                  .fix = fix,
                  .subject = check.id});
}

/// The agent's metadata calls it a string, and its start fails only on the node.
bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return inet_pton(AF_INET, text.c_str(), parsed.data()) == 1 || inet_pton(AF_INET6, text.c_str(), parsed.data()) == 1;
}

Outcome<void> check_one(const ParameterCheck& check, const std::string& name, const std::string& value,
                        std::vector<std::string>& warnings) {
  if (check.fence && name == "action") {
    return failure({.what = "stonith option 'action' is deprecated and should not be used",
                    .fix = "use 'pcmk_off_action', 'pcmk_reboot_action' instead",
                    .subject = check.id});
  }
  const auto& manager = manager_parameters();
  if (check.fence && std::find(manager.begin(), manager.end(), name) != manager.end()) {
    const bool time = name.ends_with("_timeout") || name == "stonith-timeout" || name == "pcmk_delay_max";
    if (time && !value.empty() && !parse_duration(value)) {
      return usage_failure(fmt::format("{} {} is not a time", name, cited(value)), "30s, 2min, 500ms");
    }
    // Accepted, so that a set-up of the field works unchanged; said, so that nobody relies on it.
    if (name.ends_with("_retries")) {
      warnings.push_back(fmt::format("{} has no effect: fencing is tried until it succeeds", name));
    } else if (name == "pcmk_action_limit") {
      warnings.push_back(fmt::format("{} has no effect: a device gets one order at a time", name));
    }
    return {};
  }
  const AgentParameter* parameter = check.metadata.parameter(name);
  if (parameter == nullptr) return unknown_parameter(check, name);
  if (parameter->deprecated) {
    const std::string newer = replacement(check.metadata, *parameter);
    warnings.push_back(fmt::format("{} option '{}' is deprecated and should not be used{}",
                                   check.fence ? "stonith" : "resource", name,
                                   newer.empty() ? "" : fmt::format(", use '{}' instead", newer)));
  }
  const std::string allowed = is_secret(name) ? "" : wrong_value(*parameter, value);
  if (allowed.empty()) return {};
  return failure({.code = Exit::usage,
                  .what = fmt::format("{} {} of {} has a wrong form", name, cited(value), check.id),
                  .fix = allowed,
                  .subject = check.id});
}

/// Whether a required parameter is there, under its own or its older or newer name.
bool is_given(const AgentMetadata& metadata, const AgentParameter& wanted, const Attributes& parameters) {
  const auto given = [&](const std::string& name) {
    const auto found = parameters.find(name);
    return found != parameters.end() && !found->second.empty();
  };
  if (given(wanted.name)) return true;
  return std::any_of(metadata.parameters.begin(), metadata.parameters.end(), [&](const AgentParameter& other) {
    const bool same = other.replaced_by == wanted.name || other.obsoletes == wanted.name ||
                      wanted.obsoletes == other.name || wanted.replaced_by == other.name;
    return same && given(other.name);
  });
}

/// E05
Outcome<void> check_required(const ParameterCheck& check, const Attributes& parameters) {
  for (const auto& wanted : check.metadata.parameters) {
    const bool needed = wanted.required && !wanted.deprecated && !(check.fence && given_by_manager(wanted.name));
    if (!needed || is_given(check.metadata, wanted, parameters)) continue;
    std::string words = fmt::format("{}={}", wanted.name, wanted.name == "ip" ? "ADDRESS" : "VALUE");
    const std::string_view group = check.fence ? "stonith" : "resource";
    if (check.update) {
      return failure({.id = "E05",
                      .what = fmt::format("{} needs parameter '{}'", check.id, wanted.name),
                      .fix = fmt::format("duet {} update {} {}", group, check.id, words),
                      .subject = check.id});
    }
    for (const auto& [name, value] : parameters) {
      words += fmt::format(" {}", shell_word(is_secret(name) ? name + "=-" : name + "=" + value));
    }
    if (wanted.name == "ip" && check.metadata.parameter("cidr_netmask") != nullptr &&
        !parameters.contains("cidr_netmask")) {
      words += " cidr_netmask=24";
    }
    return failure(
        {.id = "E05",
         .what = fmt::format("{} needs parameter '{}'", check.id, wanted.name),
         .fix = fmt::format("duet {} create {} {} {}", group, check.id, check.agent, escape_line(words, 200)),
         .subject = check.id});
  }
  return {};
}

/// The entries, if blanks separate them where a ';' should.
std::optional<std::string> corrected_map(const std::string& text) {
  if (text.find(';') != std::string::npos || text.find(' ') == std::string::npos) return std::nullopt;
  std::vector<std::string> entries;
  for (const auto part : split(text, ' ')) {
    if (part.find(':') == std::string_view::npos) return std::nullopt;
    entries.emplace_back(part);
  }
  return join(entries, ";");
}

Outcome<void> add_operation(std::vector<Operation>& operations, Operation operation) {
  const bool twice = std::any_of(operations.begin(), operations.end(), [&](const Operation& known) {
    return known.action == operation.action && known.interval == operation.interval;
  });
  if (twice) {
    return usage_failure(
        fmt::format("{} is given twice with interval {}", operation.action, format_duration(operation.interval)),
        "operations of one action need different intervals");
  }
  operations.push_back(std::move(operation));
  return {};
}

std::optional<Duration> time_of(const std::string& text) {
  const auto parsed = parse_duration(text);
  return parsed && parsed->count() > 0 ? std::optional{*parsed} : std::nullopt;
}

}  // namespace

Outcome<void> check_parameters(const ParameterCheck& check, const Attributes& parameters,
                               std::vector<std::string>& warnings) {
  for (const auto& [name, value] : parameters) {
    if (auto good = check_one(check, name, value, warnings); !good) return good;
  }
  const auto ip = parameters.find("ip");
  if (ip != parameters.end() && short_agent(check.agent) == "IPaddr2" && !ip->second.empty() &&
      !is_address(ip->second)) {
    return usage_failure(fmt::format("ip {} is not an address", cited(ip->second)),
                         "ip=192.168.122.100, ip=2001:db8::10");
  }
  return check.complete ? check_required(check, parameters) : Outcome<void>{};
}

Outcome<void> check_host_map(const ClusterConfig& config, const Attributes& parameters,
                             std::vector<std::string>& warnings) {
  std::vector<std::string> names;
  if (const auto map = parameters.find("pcmk_host_map"); map != parameters.end() && !map->second.empty()) {
    if (const auto better = corrected_map(map->second)) {
      return failure({.code = Exit::usage,
                      .id = "E15",
                      .what = fmt::format("pcmk_host_map \"{}\" has no ';'", escape_line(map->second, 80)),
                      .fix = fmt::format("\"{}\"", escape_line(*better, 100))});
    }
    auto entries = parse_host_map(map->second);
    if (!entries) return failure(to_failure(entries.error()));
    for (const auto& entry : *entries) names.push_back(entry.node);
  }
  if (const auto list = parameters.find("pcmk_host_list"); list != parameters.end()) {
    for (auto& name : parse_host_list(list->second)) names.push_back(std::move(name));
  }
  std::vector<std::string> known;
  for (const auto& node : config.nodes) known.push_back(node.name);
  for (const auto& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string guess = did_you_mean(name, known);
    warnings.push_back(fmt::format("{} is no node of this cluster{}", cited(name), guess.empty() ? "" : "; " + guess));
  }
  return {};
}

Operation default_monitor() {
  Operation monitor;
  monitor.action = "monitor";
  monitor.interval = 60s;
  return monitor;
}

Outcome<std::vector<Operation>> typed_operations(const std::vector<OperationWords>& typed) {
  std::vector<Operation> operations;
  for (const auto& words : typed) {
    auto operation = to_operation(words);
    if (!operation) return tl::unexpected(operation.error());
    if (auto added = add_operation(operations, std::move(*operation)); !added) return tl::unexpected(added.error());
  }
  return operations;
}

Outcome<void> validate_by_agent(Shell& shell, const AgentMetadata& metadata, const AgentRef& agent,
                                const std::string& id, const Attributes& parameters) {
  if (agent.standard != "ocf" && agent.standard != "stonith") return {};
  if (metadata.action("validate-all") == nullptr) {
    shell.warn(fmt::format("{} has no validate-all: it has not looked at the values", agent.text()));
    return {};
  }
  return shell.agents().validate(agent, id, parameters);
}

Outcome<UpdateWords> parse_update_words(Shell& shell, const std::vector<std::string>& typed, std::string_view command) {
  auto words = parse_resource_words(typed);
  if (!words) return tl::unexpected(words.error());
  auto operations = typed_operations(words->operations);
  if (!operations) return tl::unexpected(operations.error());
  if (auto secrets = read_secrets(shell, words->parameters); !secrets) return tl::unexpected(secrets.error());
  if (words->parameters.empty() && words->meta.empty() && operations->empty()) {
    return usage_failure("nothing to change is given", fmt::format("duet {} --help", command));
  }
  return UpdateWords{std::move(*words), std::move(*operations)};
}

Outcome<std::vector<Operation>> with_default_operations(const std::vector<OperationWords>& typed,
                                                        const AgentMetadata& metadata, bool monitors_only) {
  auto operations = typed_operations(typed);
  if (!operations) return operations;
  const auto is_typed = [&](std::string_view action) {
    return std::any_of(typed.begin(), typed.end(), [&](const OperationWords& words) { return words.action == action; });
  };
  for (const auto& action : metadata.actions) {
    const bool monitor = action.name == "monitor";
    const bool wanted = monitor || (!monitors_only && (action.name == "start" || action.name == "stop"));
    const bool other_role = !action.role.empty() && action.role != "Started";
    if (!wanted || other_role || is_typed(action.name)) continue;
    Operation operation;
    operation.action = action.name;
    operation.timeout = time_of(action.timeout);
    if (monitor) operation.interval = time_of(action.interval).value_or(60s);
    if (monitor && !action.depth.empty() && action.depth != "0") operation.extra["OCF_CHECK_LEVEL"] = action.depth;
    // Agents that offer two monitors of one interval mean different depths; the first is the one to have.
    if (auto added = add_operation(*operations, std::move(operation)); !added) continue;
  }
  const bool any_monitor = std::any_of(operations->begin(), operations->end(),
                                       [](const Operation& operation) { return operation.action == "monitor"; });
  if (!any_monitor) operations->push_back(default_monitor());
  return operations;
}

}  // namespace duet::cli
