// SPDX-License-Identifier: Apache-2.0
// property: options of the cluster.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/arguments.hpp"
#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/simple_json.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

const PropertyInfo* find_property(std::string_view name) {
  const auto& known = known_properties();
  const auto found = std::find_if(known.begin(), known.end(), [&](const PropertyInfo& property) {
    return property.name == name || (!property.alias.empty() && property.alias == name);
  });
  return found == known.end() ? nullptr : &*found;
}

/// E04
tl::unexpected<Failure> no_property(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& property : known_properties()) names.emplace_back(property.name);
  const std::string guess = did_you_mean(name, names);
  return failure({.code = Exit::failed,
                  .id = "E04",
                  .what = fmt::format("no property {}", cited(name)),
                  .fix = guess.empty() ? "all: duet property describe" : guess,
                  .subject = std::string{name.substr(0, 64)}});
}

/// The allowed form, if the value has another.
std::string wrong_property_value(const PropertyInfo& property, const std::string& value) {
  if (value.empty()) return {};
  if (property.type == "boolean") return parse_bool(value) ? "" : "true or false";
  if (property.type == "duration") return parse_duration(value) ? "" : "a time: 30s, 2min, 500ms, 1h";
  for (const auto choice : split(property.type, '|')) {
    if (choice == value) return {};
  }
  std::vector<std::string> choices;
  for (const auto choice : split(property.type, '|')) choices.emplace_back(choice);
  return "one of: " + join(choices, ", ");
}

std::string value_of(const ClusterConfig& config, const PropertyInfo& property) {
  for (const auto name : {property.name, property.alias}) {
    const auto found = config.properties.find(std::string{name});
    if (found != config.properties.end()) return found->second;
  }
  return {};
}

void warn_about_fencing(Shell& shell, const ClusterConfig& config, const Attributes& values) {
  const auto off = values.find("stonith-enabled");
  if (off == values.end() || parse_bool(off->second).value_or(true)) return;
  std::string unit = "the same resource";
  if (!config.groups.empty()) {
    unit = config.groups.front().id;
  } else if (!config.primitives.empty()) {
    unit = config.primitives.front().id;
  }
  shell.warn(fmt::format("fencing is off: if the nodes lose each other both may run {}", unit));
}

Outcome<Exit> change_properties(Shell& shell, const Invocation& call, Attributes values) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  const bool same = std::all_of(values.begin(), values.end(), [&](const auto& entry) {
    return value_of(config, *find_property(entry.first)) == entry.second;
  });
  if (!call.has("dry-run")) warn_about_fencing(shell, config, values);
  if (same && !call.has("dry-run") && !call.has("wait")) return unchanged(shell);
  std::vector<ConfigEdit> edits{SetAttributes{AttributeScope::properties, std::move(values)}};
  return submit(shell, call, {.body = std::move(edits)});
}

}  // namespace

Outcome<Exit> property_set(Shell& shell, const Invocation& call) {
  auto typed = parse_attributes(call.args);
  if (!typed) return tl::unexpected(typed.error());
  Attributes values;
  for (const auto& [name, value] : *typed) {
    const PropertyInfo* property = find_property(name);
    if (property == nullptr) return no_property(name);
    const std::string allowed = wrong_property_value(*property, value);
    if (!allowed.empty()) {
      return failure({.code = Exit::usage,
                      .what = fmt::format("{} is not a value of {}", cited(value), property->name),
                      .fix = allowed,
                      .subject = std::string{property->name}});
    }
    values[std::string{property->name}] = value;
  }
  return change_properties(shell, call, std::move(values));
}

Outcome<Exit> property_unset(Shell& shell, const Invocation& call) {
  Attributes values;
  for (const auto& name : call.args) {
    const PropertyInfo* property = find_property(name);
    if (property == nullptr) return no_property(name);
    values[std::string{property->name}] = "";
  }
  return change_properties(shell, call, std::move(values));
}

Outcome<Exit> property_show(Shell& shell, const Invocation& call) {
  if (call.has("defaults")) return property_defaults(shell, call);
  for (const auto& name : call.args) {
    if (find_property(name) == nullptr) return no_property(name);
  }
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  if (shell.format == Format::json) {
    Attributes values = config.properties;
    for (const auto& property : known_properties()) {
      if (call.has("all")) values.emplace(property.name, property.default_value);
    }
    shell.out(names_json("duet.properties/1", "properties", values));
    return Exit::ok;
  }
  std::string text = "Cluster Properties:\n";
  for (const auto& property : known_properties()) {
    const bool named = std::any_of(call.args.begin(), call.args.end(),
                                   [&](const std::string& name) { return find_property(name) == &property; });
    if (!call.args.empty() && !named) continue;
    const std::string value = value_of(config, property);
    if (!value.empty()) {
      text += fmt::format(" {}: {}\n", property.name, escape_line(value));
    } else if (call.has("all") || named) {
      text += fmt::format(" {}: {} (default)\n", property.name, property.default_value);
    }
  }
  shell.out(text);
  return Exit::ok;
}

Outcome<Exit> property_defaults(Shell& shell, const Invocation& call) {
  for (const auto& name : call.args) {
    if (find_property(name) == nullptr) return no_property(name);
  }
  for (const auto& property : known_properties()) {
    const bool named = std::any_of(call.args.begin(), call.args.end(),
                                   [&](const std::string& name) { return find_property(name) == &property; });
    if (call.args.empty() || named) shell.out(fmt::format("{}={}\n", property.name, property.default_value));
  }
  return Exit::ok;
}

Outcome<Exit> property_describe(Shell& shell, const Invocation& call) {
  for (const auto& name : call.args) {
    if (find_property(name) == nullptr) return no_property(name);
  }
  for (const auto& property : known_properties()) {
    const bool named = std::any_of(call.args.begin(), call.args.end(),
                                   [&](const std::string& name) { return find_property(name) == &property; });
    if (!call.args.empty() && !named) continue;
    shell.out(fmt::format("{}\n  {}\n  Allowed: {}\n  Default: {}\n", property.name, property.help, property.type,
                          property.default_value));
    if (!property.alias.empty()) shell.out(fmt::format("  Also: {}\n", property.alias));
  }
  return Exit::ok;
}

}  // namespace duet::cli
