// SPDX-License-Identifier: Apache-2.0
// The configuration as commands: for --output-format=cmd and for differences between commits.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/arguments.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/config_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

std::string pair_words(const Attributes& attributes) {
  std::string text;
  for (const auto& [name, value] : attributes) {
    text += " " + escape_line(shell_word(name + "=" + (is_secret(name) ? "-" : value)));
  }
  return text;
}

/// `op` words of all operations. monitors without any other would be added by the agent's metadata again, which
/// --no-default-ops prevents.
std::string operation_words(const std::vector<Operation>& operations) {
  std::string text;
  for (const auto& operation : operations) {
    text += fmt::format(" op {}", operation.action);
    for (const auto& [name, value] : operation_options(operation))
      text += " " + escape_line(shell_word(name + "=" + value));
  }
  return text;
}

class CommandWriter {
 public:
  CommandWriter(const ClusterConfig& config, const std::vector<std::string>& ids) : config_{config}, ids_{ids} {}

  std::vector<std::string> run() {
    if (ids_.empty()) head();
    for (const auto& item : config_.primitives) {
      if (wanted(item.id)) primitive(item);
    }
    for (const auto& group : config_.groups) {
      if (!wanted(group.id)) continue;
      add(fmt::format("resource group add {} {}", group.id, join(group.members, " ")));
      if (!group.meta.empty()) add(fmt::format("resource meta {}{}", group.id, pair_words(group.meta)));
    }
    for (const auto& device : config_.devices) {
      if (!wanted(device.id)) continue;
      std::string text = fmt::format("stonith create {} {}{}{}", device.id, device.agent, pair_words(device.parameters),
                                     operation_words(device.operations));
      if (!device.meta.empty()) text += " meta" + pair_words(device.meta);
      add(text);
    }
    if (ids_.empty()) constraints();
    return std::move(lines_);
  }

 private:
  void add(const std::string& words) { lines_.push_back("duet " + words); }

  /// Named itself, or a member of a named group.
  [[nodiscard]] bool wanted(const std::string& id) const {
    if (ids_.empty() || std::find(ids_.begin(), ids_.end(), id) != ids_.end()) return true;
    const Group* group = config_.group_of(id);
    return group != nullptr && std::find(ids_.begin(), ids_.end(), group->id) != ids_.end();
  }

  void head() {
    if (!config_.properties.empty()) add("property set" + pair_words(config_.properties));
    if (!config_.resource_defaults.empty()) add("resource defaults update" + pair_words(config_.resource_defaults));
    if (!config_.operation_defaults.empty())
      add("resource op defaults update" + pair_words(config_.operation_defaults));
    for (const auto& node : config_.nodes) {
      if (!node.attributes.empty()) add(fmt::format("node attribute {}{}", node.name, pair_words(node.attributes)));
    }
  }

  void primitive(const Primitive& item) {
    std::string text = fmt::format("resource create {} {}{}{}", item.id, item.agent.text(), pair_words(item.parameters),
                                   operation_words(item.operations));
    if (!item.meta.empty()) text += " meta" + pair_words(item.meta);
    add(text + " --no-default-ops");
  }

  void constraints() {
    for (const auto& level : config_.levels) {
      add(fmt::format("stonith level add {} {} {}", level.level, config_.node_name(level.target),
                      join(level.devices, " ")));
    }
    for (const auto& item : config_.locations) {
      add(fmt::format("constraint location add {} {} {} {}", item.id, item.resource, config_.node_name(item.node),
                      item.score.text()));
    }
    for (const auto& item : config_.orders) {
      add(fmt::format("constraint order {} {} then {} {} kind={} symmetrical={} id={}", to_string(item.first_action),
                      item.first, to_string(item.then_action), item.then, to_string(item.kind),
                      item.symmetrical ? "true" : "false", item.id));
    }
    for (const auto& item : config_.colocations) {
      add(fmt::format("constraint colocation add {} with {} {} id={}", item.resource, item.with, item.score.text(),
                      item.id));
    }
  }

  const ClusterConfig& config_;
  const std::vector<std::string>& ids_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> config_commands(const ClusterConfig& config, const std::vector<std::string>& ids) {
  return CommandWriter{config, ids}.run();
}

}  // namespace duet::cli
