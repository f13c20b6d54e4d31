// SPDX-License-Identifier: Apache-2.0
// The configuration as pcs prints it.
#include "cli/render/config_text.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/arguments.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/constraint_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

std::string attribute_lines(const Attributes& attributes, const std::string& indent) {
  std::string text;
  for (const auto& [name, value] : attributes) {
    text += fmt::format("{}{}={}\n", indent, name, is_secret(name) ? "<hidden>" : escape_line(value));
  }
  return text;
}

std::string sections(const std::string& id, const Attributes& parameters, const Attributes& meta,
                     const std::vector<Operation>& operations, const std::string& indent) {
  std::string text;
  const std::string deeper = indent + "  ";
  if (!parameters.empty()) {
    text += fmt::format("{}Attributes: {}-instance_attributes\n{}", indent, id, attribute_lines(parameters, deeper));
  }
  if (!meta.empty()) {
    text += fmt::format("{}Meta Attributes: {}-meta_attributes\n{}", indent, id, attribute_lines(meta, deeper));
  }
  if (!operations.empty()) text += indent + "Operations:\n";
  for (const auto& operation : operations) {
    text += fmt::format("{}{}: {}-{}-interval-{}\n", deeper, operation.action, id, operation.action,
                        operation_time(operation.interval));
    for (const auto& [name, value] : operation_options(operation)) {
      text += fmt::format("{}  {}={}\n", deeper, name, escape_line(value));
    }
  }
  return text;
}

std::string primitive_text(const Primitive& item, const std::string& indent) {
  const std::string provider = item.agent.provider.empty() ? "" : fmt::format(" provider={}", item.agent.provider);
  return fmt::format("{}Resource: {} (class={}{} type={})\n", indent, item.id, item.agent.standard, provider,
                     item.agent.type) +
         sections(item.id, item.parameters, item.meta, item.operations, indent + "  ");
}

std::string group_text(const ClusterConfig& config, const Group& group) {
  std::string text = fmt::format("Group: {}\n", group.id);
  if (!group.meta.empty()) {
    text += fmt::format("  Meta Attributes: {}-meta_attributes\n{}", group.id, attribute_lines(group.meta, "    "));
  }
  for (const auto& member : group.members) {
    if (const Primitive* item = config.primitive(member)) text += primitive_text(*item, "  ");
  }
  return text;
}

std::string device_text(const FenceDevice& device) {
  return fmt::format("Resource: {} (class=stonith type={})\n", device.id, device.agent) +
         sections(device.id, device.parameters, device.meta, device.operations, "  ");
}

}  // namespace

std::string object_text(const ClusterConfig& config, const std::string& id) {
  if (const Group* group = config.group(id)) return group_text(config, *group);
  if (const Primitive* item = config.primitive(id)) return primitive_text(*item, "");
  if (const FenceDevice* device = config.device(id)) return device_text(*device);
  return {};
}

std::string levels_text(const ClusterConfig& config) {
  std::string text;
  for (const auto& node : config.nodes) {
    std::vector<const FenceLevel*> levels;
    for (const auto& level : config.levels) {
      if (level.target == node.id) levels.push_back(&level);
    }
    std::sort(levels.begin(), levels.end(), [](const auto* a, const auto* b) { return a->level < b->level; });
    if (!levels.empty()) text += fmt::format("Target: {}\n", node.name);
    for (const auto* level : levels) text += fmt::format("  Level {} - {}\n", level->level, join(level->devices, ","));
  }
  return text;
}

std::string whole_config_text(const ClusterConfig& config) {
  std::vector<std::string> nodes;
  for (const auto& node : config.nodes) nodes.push_back(node.name);
  std::string text = fmt::format("Cluster Name: {}\nCorosync Nodes:\n {}\nPacemaker Nodes:\n {}\n\nResources:\n",
                                 config.name, join(nodes, " "), join(nodes, " "));
  const auto indented = [](const std::string& block) {
    std::string out;
    for (const auto line : split(block, '\n')) out += fmt::format("  {}\n", line);
    return out;
  };
  std::vector<std::string> done;
  for (const auto& primitive : config.primitives) {
    const Group* group = config.group_of(primitive.id);
    const std::string id = group == nullptr ? primitive.id : group->id;
    if (std::find(done.begin(), done.end(), id) != done.end()) continue;
    done.push_back(id);
    text += indented(object_text(config, id));
  }
  text += "\nStonith Devices:\n";
  for (const auto& device : config.devices) text += indented(device_text(device));
  text += "Fencing Levels:\n" + indented(levels_text(config));
  text += "\n" + location_text(config, true, {}) + order_text(config, true) + colocation_text(config, true);
  text += "\nResources Defaults:\n" + attribute_lines(config.resource_defaults, "  ");
  text += "Operations Defaults:\n" + attribute_lines(config.operation_defaults, "  ");
  text += "\nCluster Properties:\n";
  for (const auto& [name, value] : config.properties) text += fmt::format(" {}: {}\n", name, escape_line(value));
  std::string attributes;
  for (const auto& node : config.nodes) {
    if (node.attributes.empty()) continue;
    attributes += fmt::format(" {}:", node.name);
    for (const auto& [name, value] : node.attributes) attributes += fmt::format(" {}={}", name, escape_line(value));
    attributes += "\n";
  }
  if (!attributes.empty()) text += "\nNode Attributes:\n" + attributes;
  return text;
}

}  // namespace duet::cli
