// SPDX-License-Identifier: Apache-2.0
// Host maps and host lists of fence devices.
#include "core/model/fence_cover.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/base/escape.hpp"

namespace duet {

namespace {

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

const std::string* parameter(const FenceDevice& device, const char* name) {
  const auto it = device.parameters.find(name);
  return it == device.parameters.end() || it->second.empty() ? nullptr : &it->second;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string{text.substr(first, text.find_last_not_of(" \t") - first + 1)};
}

bool is_stopped(std::string_view role) {
  return role == "Stopped" || role == "stopped" || role == "STOPPED";
}

}  // namespace

Result<std::vector<HostMapEntry>> parse_host_map(std::string_view text) {
  std::vector<HostMapEntry> map;
  std::string example;
  for (const std::string& word : split(text, "; \t")) {
    if (!example.empty()) example += ";";
    example += word;
  }
  for (const std::string& part : split(text, ";")) {
    const std::string entry = trimmed(part);
    if (entry.empty()) continue;
    const auto colon = entry.find(':');
    if (colon == std::string::npos || entry.find(':', colon + 1) != std::string::npos) {
      const bool no_semicolon = text.find(';') == std::string_view::npos && colon != std::string::npos;
      return fail(Errc::invalid_argument,
                  no_semicolon ? fmt::format("pcmk_host_map \"{}\" has no ';'", escape_line(text, 200))
                               : fmt::format("pcmk_host_map \"{}\": '{}' is not NODE:PLUG", escape_line(text, 200),
                                             escape_line(entry, 80)),
                  {}, no_semicolon ? fmt::format("\"{}\"", escape_line(example, 200)) : "\"NODE:PLUG;NODE2:PLUG2\"");
    }
    HostMapEntry parsed{trimmed(std::string_view{entry}.substr(0, colon)), {}};
    for (const std::string& plug : split(std::string_view{entry}.substr(colon + 1), ",")) {
      if (std::string clean = trimmed(plug); !clean.empty()) parsed.plugs.push_back(std::move(clean));
    }
    if (parsed.node.empty() || parsed.plugs.empty()) {
      return fail(
          Errc::invalid_argument,
          fmt::format("pcmk_host_map \"{}\": '{}' is not NODE:PLUG", escape_line(text, 200), escape_line(entry, 80)),
          {}, "\"NODE:PLUG;NODE2:PLUG2\"");
    }
    map.push_back(std::move(parsed));
  }
  return map;
}

std::vector<std::string> parse_host_list(std::string_view text) {
  return split(text, " ,;\t");
}

bool device_enabled(const FenceDevice& device) {
  const auto role = device.meta.find("target-role");
  return role == device.meta.end() || !is_stopped(role->second);
}

bool device_covers(const FenceDevice& device, const Node& node) {
  if (!device_enabled(device)) return false;
  const std::string* map = parameter(device, "pcmk_host_map");
  const std::string* list = parameter(device, "pcmk_host_list");
  const std::string* check = parameter(device, "pcmk_host_check");
  if (check != nullptr && *check != "static-list") return true;
  if (map == nullptr && list == nullptr) return true;
  if (map != nullptr) {
    const auto entries = parse_host_map(*map);
    if (entries && std::any_of(entries->begin(), entries->end(),
                               [&](const HostMapEntry& entry) { return entry.node == node.name; })) {
      return true;
    }
  }
  if (list == nullptr) return false;
  const auto names = parse_host_list(*list);
  return std::find(names.begin(), names.end(), node.name) != names.end();
}

bool node_covered(const ClusterConfig& config, const Node& node) {
  return std::any_of(config.devices.begin(), config.devices.end(),
                     [&](const FenceDevice& device) { return device_covers(device, node); });
}

std::vector<NodeId> uncovered_nodes(const ClusterConfig& config) {
  std::vector<NodeId> result;
  for (const Node& node : config.nodes) {
    if (!node_covered(config, node)) result.push_back(node.id);
  }
  return result;
}

std::vector<NodeId> unverified_nodes(const ClusterConfig& config, const ClusterState& state) {
  const auto verified = [&](const FenceDevice& device) {
    const auto known = state.devices.find(device.id);
    return known != state.devices.end() && known->second.verified;
  };
  std::vector<NodeId> result;
  for (const Node& node : config.nodes) {
    const bool good = std::any_of(config.devices.begin(), config.devices.end(), [&](const FenceDevice& device) {
      return device_covers(device, node) && verified(device);
    });
    if (!good && node_covered(config, node)) result.push_back(node.id);
  }
  return result;
}

bool fencing_missing(const ClusterConfig& config, const ClusterState& state) {
  return cluster_options(config).stonith_enabled &&
         !(uncovered_nodes(config).empty() && unverified_nodes(config, state).empty());
}

std::vector<Finding> fencing_findings(const ClusterConfig& config, const ClusterState& state) {
  std::vector<Finding> findings;
  if (!cluster_options(config).stonith_enabled) {
    findings.push_back({false, "stonith-enabled",
                        "fencing is off: if the nodes lose each other both may run everything",
                        "duet property set stonith-enabled=true"});
    return findings;
  }
  const bool any = std::any_of(config.devices.begin(), config.devices.end(), device_enabled);
  if (!any) {
    findings.push_back({true, {}, "Resource start-up disabled since no STONITH resources have been defined", {}});
    findings.push_back({true, {}, "Either configure some or disable STONITH with the stonith-enabled option", {}});
    findings.push_back({true, {}, "NOTE: Clusters with shared data need STONITH to ensure data integrity", {}});
    return findings;
  }
  for (const NodeId id : uncovered_nodes(config)) {
    const std::string name = config.node_name(id);
    findings.push_back({true, name, fmt::format("Resource start-up disabled since no fence device covers {}", name),
                        fmt::format("add {} to pcmk_host_map of a device: duet stonith update ID "
                                    "pcmk_host_map=\"{}:PLUG;...\"",
                                    name, name)});
  }
  for (const NodeId id : unverified_nodes(config, state)) {
    const std::string name = config.node_name(id);
    findings.push_back({true, name,
                        fmt::format("Resource start-up disabled since no fence device of {} has ever answered", name),
                        "duet stonith status"});
  }
  return findings;
}

}  // namespace duet
