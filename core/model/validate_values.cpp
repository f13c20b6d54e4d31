// SPDX-License-Identifier: Apache-2.0
// Values: properties, meta attributes, defaults, parameters, operations, fence devices. A bad value of an option that
// decides about safety is an error, of another one a warning: then the default applies.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "core/base/limits.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/similar.hpp"
#include "core/model/text.hpp"
#include "core/model/validate_parts.hpp"

namespace duet::validation {

namespace {

enum class Kind : std::uint8_t { boolean, duration, number, role, on_fail, multiple, needs };

struct Option {
  std::string_view name;
  Kind kind;
};

constexpr std::array<Option, 10> meta_options{{{"target-role", Kind::role},
                                               {"is-managed", Kind::boolean},
                                               {"maintenance", Kind::boolean},
                                               {"resource-stickiness", Kind::number},
                                               {"migration-threshold", Kind::number},
                                               {"failure-timeout", Kind::duration},
                                               {"multiple-active", Kind::multiple},
                                               {"priority", Kind::number},
                                               {"requires", Kind::needs},
                                               {"critical", Kind::boolean}}};
constexpr std::array<Option, 3> operation_default_options{
    {{"timeout", Kind::duration}, {"on-fail", Kind::on_fail}, {"record-pending", Kind::boolean}}};

bool good_role(std::string_view value) {
  return value == "Started" || value == "Stopped" || value == "started" || value == "stopped";
}

/// What is allowed instead; empty if the value is good.
std::string wrong(Kind kind, std::string_view value) {
  switch (kind) {
    case Kind::boolean:
      return parse_bool(value) ? "" : "true or false";
    case Kind::duration:
      return parse_duration(value) ? "" : "a time: 30s, 2min, 500ms, 1h";
    case Kind::number:
      return Score::parse(value) ? "" : "a whole number or INFINITY";
    case Kind::role:
      return good_role(value) ? "" : "Started or Stopped";
    case Kind::on_fail:
      return enum_from_text<OnFail>(value) ? "" : "ignore, restart, ban, block, stop, standby or fence";
    case Kind::multiple:
      return enum_from_text<MultipleActive>(value) ? "" : "stop_start, stop_only, stop_unexpected or block";
    case Kind::needs:
      return enum_from_text<Requires>(value) ? "" : "nothing, quorum or fencing";
  }
  return "";
}

template <std::size_t Size>
std::vector<std::string_view> names(const std::array<Option, Size>& options) {
  std::vector<std::string_view> result;
  for (const Option& option : options) result.push_back(option.name);
  return result;
}

template <std::size_t Size>
const Option* find_option(const std::array<Option, Size>& options, std::string_view name) {
  const auto it = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.name == name; });
  return it == options.end() ? nullptr : &*it;
}

bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::node_name_length &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7F && c != '='; });
}

std::string shown(std::string_view value) {
  return fmt::format("'{}'", escape_line(value, 80));
}

void check_texts(std::string_view subject, std::string_view what, const Attributes& attributes, Findings& out) {
  if (attributes.size() > limits::parameters_per_resource) {
    error(out, subject,
          fmt::format("{}: {} {}s are more than the limit of {}", subject, attributes.size(), what,
                      limits::parameters_per_resource));
  }
  for (const auto& [name, value] : attributes) {
    if (!good_name(name)) {
      error(out, subject, fmt::format("{}: {} is not the name of a {}", subject, shown(name), what));
    }
    if (value.size() > limits::parameter_value_length) {
      error(out, subject,
            fmt::format("{}: {} {} has {} bytes, the limit is {}", subject, what, shown(name), value.size(),
                        limits::parameter_value_length));
    } else if (!is_utf8(value) || value.find('\0') != std::string::npos) {
      error(out, subject, fmt::format("{}: {} {} is not UTF-8 text", subject, what, shown(name)));
    }
  }
}

void check_property(std::string_view name, const std::string& value, Findings& out) {
  const auto& known = known_properties();
  const auto info = std::find_if(known.begin(), known.end(), [&](const PropertyInfo& property) {
    return property.name == name || (!property.alias.empty() && property.alias == name);
  });
  if (info == known.end()) {
    std::vector<std::string_view> words;
    for (const PropertyInfo& property : known) words.push_back(property.name);
    error(out, name, fmt::format("no property {}", shown(name)), did_you_mean(name, words));
    return;
  }
  std::string allowed;
  if (info->type == "boolean") {
    allowed = wrong(Kind::boolean, value);
  } else if (info->type == "duration") {
    allowed = wrong(Kind::duration, value);
  } else if (info->name == "stonith-action") {
    allowed = enum_from_text<FenceAction>(value) ? "" : "reboot or off";
  } else {
    allowed = enum_from_text<NoQuorumPolicy>(value) ? "" : "stop, freeze or ignore";
  }
  if (allowed.empty()) return;
  const bool safety = info->name == "stonith-enabled" || info->name == "stonith-action" ||
                      info->name == "no-quorum-policy" || info->name == "maintenance-mode" ||
                      info->name == "symmetric-cluster" || info->name == "stop-all-resources" ||
                      info->name == "require-encryption";
  out.push_back({safety, std::string{info->name},
                 fmt::format("{} is not a value of {}{}", shown(value), info->name,
                             safety ? "" : fmt::format("; the default {} applies", info->default_value)),
                 allowed});
}

void check_meta(std::string_view subject, const Attributes& meta, Findings& out) {
  check_texts(subject, "meta attribute", meta, out);
  for (const auto& [name, value] : meta) {
    const Option* option = find_option(meta_options, name);
    if (option == nullptr) {
      const std::string fix = did_you_mean(name, names(meta_options));
      // An administrator's own attribute is his business; only what looks like a slip is told.
      if (!fix.empty()) warning(out, subject, fmt::format("{}: no meta attribute {}", subject, shown(name)), fix);
      continue;
    }
    const std::string allowed = wrong(option->kind, value);
    if (allowed.empty()) continue;
    warning(out, subject, fmt::format("{}: {} is not a value of {}; the default applies", subject, shown(value), name),
            allowed);
  }
}

void check_operation_defaults(const Attributes& defaults, Findings& out) {
  check_texts("op defaults", "operation default", defaults, out);
  for (const auto& [name, value] : defaults) {
    const Option* option = find_option(operation_default_options, name);
    if (option == nullptr) {
      warning(out, "op defaults", fmt::format("no operation option {}", shown(name)),
              did_you_mean(name, names(operation_default_options)));
      continue;
    }
    const std::string allowed = wrong(option->kind, value);
    if (allowed.empty()) continue;
    out.push_back({option->kind == Kind::on_fail, "op defaults",
                   fmt::format("{} is not a value of {}", shown(value), name), allowed});
  }
}

void check_operations(std::string_view subject, const std::vector<Operation>& operations, Findings& out) {
  constexpr std::array<std::string_view, 12> known{"start",        "stop",         "monitor", "status",
                                                   "reload",       "reload-agent", "promote", "demote",
                                                   "migrate_from", "migrate_to",   "notify",  "validate-all"};
  std::set<std::pair<std::string_view, Duration>> seen;
  for (const Operation& operation : operations) {
    const std::string interval = format_duration(operation.interval);
    if (std::find(known.begin(), known.end(), operation.action) == known.end() && operation.action != "meta-data") {
      error(out, subject, fmt::format("{}: {} is not an operation", subject, shown(operation.action)),
            did_you_mean(operation.action, {known.begin(), known.end()}));
    }
    if (!seen.emplace(operation.action, operation.interval).second) {
      error(out, subject,
            fmt::format("{}: multiple specification of the same operation with the same interval: {} with intervals "
                        "{}, {}",
                        subject, escape_line(operation.action, 80), interval, interval));
    }
    const bool negative = operation.interval < Duration{0} || operation.start_delay < Duration{0} ||
                          (operation.timeout && *operation.timeout < Duration{0});
    if (negative) error(out, subject, fmt::format("{}: {} has a negative time", subject, operation.action));
    if (operation.timeout && *operation.timeout == Duration{0}) {
      warning(out, subject, fmt::format("{}: {} has time-out 0; the default applies", subject, operation.action));
    }
    if (operation.action != "monitor" && operation.interval > Duration{0}) {
      warning(out, subject, fmt::format("{}: only monitor can recur, not {}", subject, operation.action));
    }
    const bool no_sense = operation.action == "stop" && operation.on_fail && *operation.on_fail != OnFail::fence &&
                          *operation.on_fail != OnFail::block && *operation.on_fail != OnFail::ignore;
    if (no_sense) {
      warning(out, subject,
              fmt::format("{}: on-fail={} makes no sense for stop; the default applies", subject,
                          to_string(*operation.on_fail)),
              "fence, block or ignore");
    }
    check_texts(subject, "operation option", operation.extra, out);
  }
}

void check_device(const ClusterConfig& config, const FenceDevice& device, Findings& out) {
  const bool plain = device.agent.size() > 6 && device.agent.size() <= 255 && device.agent.rfind("fence_", 0) == 0 &&
                     std::all_of(device.agent.begin(), device.agent.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                              c == '-' || c == '.';
                     });
  if (!plain)
    error(out, device.id, fmt::format("{}: {} is not a fence agent", device.id, shown(device.agent)), "fence_*");
  check_texts(device.id, "parameter", device.parameters, out);
  for (const auto& [name, value] : device.parameters) {
    // Parameters go to the agent as lines: a newline in one would become another parameter.
    if (value.find_first_of("\n\r") == std::string::npos) continue;
    error(out, device.id, fmt::format("{}: parameter {} has a line break", device.id, shown(name)));
  }
  const auto map = device.parameters.find("pcmk_host_map");
  if (map != device.parameters.end()) {
    const auto entries = parse_host_map(map->second);
    if (!entries) {
      error(out, device.id, entries.error().what, entries.error().fix);
    } else {
      for (const HostMapEntry& entry : *entries) {
        if (config.node(entry.node) != nullptr) continue;
        warning(out, device.id, fmt::format("{}: pcmk_host_map names {}: no such node", device.id, shown(entry.node)));
      }
    }
  }
  check_meta(device.id, device.meta, out);
  check_operations(device.id, device.operations, out);
}

void check_agent(const Primitive& primitive, Findings& out) {
  const auto parsed = AgentRef::parse(primitive.agent.text());
  if (!parsed || *parsed != primitive.agent) {
    error(out, primitive.id,
          fmt::format("{}: {} is not the name of an agent", primitive.id, shown(primitive.agent.text())),
          "ocf:PROVIDER:TYPE, systemd:UNIT, service:NAME or lsb:NAME");
  } else if (primitive.agent.standard == "stonith") {
    error(out, primitive.id, fmt::format("{}: a fence device is not a resource", primitive.id),
          fmt::format("duet stonith create {} {}", primitive.id, primitive.agent.type));
  }
}

}  // namespace

void check_values(const ClusterConfig& config, Findings& out) {
  check_texts("properties", "property", config.properties, out);
  for (const auto& [name, value] : config.properties) check_property(name, value, out);
  check_meta("resource defaults", config.resource_defaults, out);
  check_operation_defaults(config.operation_defaults, out);
  for (const Node& node : config.nodes) {
    check_texts(node.name, "node attribute", node.attributes, out);
    for (const auto* name : {"standby", "maintenance"}) {
      const auto it = node.attributes.find(name);
      if (it == node.attributes.end() || parse_bool(it->second)) continue;
      error(out, node.name, fmt::format("{} is not a value of {}", shown(it->second), name), "on or off");
    }
  }
  for (const Primitive& primitive : config.primitives) {
    check_agent(primitive, out);
    check_texts(primitive.id, "parameter", primitive.parameters, out);
    check_meta(primitive.id, primitive.meta, out);
    check_operations(primitive.id, primitive.operations, out);
  }
  for (const Group& group : config.groups) check_meta(group.id, group.meta, out);
  for (const FenceDevice& device : config.devices) check_device(config, device, out);
}

}  // namespace duet::validation
