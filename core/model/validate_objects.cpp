// SPDX-License-Identifier: Apache-2.0
// What exists and what refers to what: nodes, ids, groups, constraints, fence levels.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/escape.hpp"
#include "core/base/limits.hpp"
#include "core/model/similar.hpp"
#include "core/model/validate_parts.hpp"

namespace duet::validation {

namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}

std::string quoted(std::string_view text) {
  return fmt::format("'{}'", escape_line(text, 80));
}

bool good_id(std::string_view id) {
  if (id.empty() || id.size() > limits::id_length) return false;
  if (!letter(id.front()) && id.front() != '_') return false;
  return std::all_of(id.begin(), id.end(),
                     [](char c) { return letter(c) || digit(c) || c == '_' || c == '.' || c == '-'; });
}

bool good_node_name(std::string_view name) {
  if (name.empty() || name.size() > limits::node_name_length || name.front() == '-' || name.front() == '.')
    return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return letter(c) || digit(c) || c == '_' || c == '.' || c == '-'; });
}

/// Constraint ids are made by us from other ids and scores, so they may be longer than what people choose.
constexpr std::size_t constraint_id_length = 3 * limits::id_length + 32;

bool good_constraint_id(std::string_view id) {
  return !id.empty() && id.size() <= constraint_id_length && (letter(id.front()) || id.front() == '_') &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return letter(c) || digit(c) || c == '_' || c == '.' || c == '-' || c == '+'; });
}

class ObjectCheck {
 public:
  ObjectCheck(const ClusterConfig& config, Findings& out) : config_{config}, out_{out} {
    for (const Primitive& primitive : config.primitives) {
      primitives_.insert(primitive.id);
      resources_.insert(primitive.id);
    }
    for (const Group& group : config.groups) resources_.insert(group.id);
    for (const FenceDevice& device : config.devices) devices_.insert(device.id);
  }

  void run() {
    nodes();
    ids();
    groups();
    constraints();
    levels();
  }

 private:
  void nodes() {
    if (config_.nodes.size() > 2) {
      error(out_, {}, fmt::format("a cluster has exactly two nodes; {} given", config_.nodes.size()));
    }
    if (config_.nodes.size() < 2 && !config_.primitives.empty()) {
      warning(out_, {}, fmt::format("a cluster has exactly two nodes; {} given", config_.nodes.size()));
    }
    std::set<std::string_view> names;
    std::optional<NodeId> last;
    for (const Node& node : config_.nodes) {
      if (!good_node_name(node.name)) {
        error(out_, node.name, fmt::format("{} is not a node name", quoted(node.name)),
              "letters, digits, '.', '_' and '-', at most 255");
      }
      if (node.id.get() == 0) error(out_, node.name, fmt::format("node {} has id 0", quoted(node.name)), "1 or more");
      if (!names.insert(node.name).second) {
        error(out_, node.name, fmt::format("two nodes have the name {}", quoted(node.name)));
      }
      if (last && !(*last < node.id)) {
        error(out_, node.name, fmt::format("node ids must ascend and differ: {}", node.id.get()));
      }
      last = node.id;
    }
  }

  void id(std::string_view kind, const ObjectId& id, bool constraint = false) {
    if (constraint ? !good_constraint_id(id) : !good_id(id)) {
      error(out_, escape_line(id, 80), fmt::format("{} is not an id of a {}", quoted(id), kind),
            "a letter or '_', then letters, digits, '.', '_' or '-', together at most 64");
    }
    const auto [known, fresh] = kinds_.emplace(id, kind);
    if (!fresh) {
      error(out_, escape_line(id, 80),
            fmt::format("id {} is used twice: for a {} and for a {}", quoted(id), known->second, kind));
    }
  }

  void ids() {
    for (const Primitive& item : config_.primitives) id("resource", item.id);
    for (const Group& item : config_.groups) id("group", item.id);
    for (const FenceDevice& item : config_.devices) id("fence device", item.id);
    for (const auto& item : config_.locations) id("location constraint", item.id, true);
    for (const auto& item : config_.colocations) id("colocation constraint", item.id, true);
    for (const auto& item : config_.orders) id("order constraint", item.id, true);
    const std::size_t count = config_.primitives.size() + config_.devices.size();
    if (count > limits::resources) {
      error(out_, {}, fmt::format("{} resources are more than the limit of {}", count, limits::resources));
    }
  }

  void groups() {
    std::map<std::string_view, std::string_view> owner;
    for (const Group& group : config_.groups) {
      if (group.members.empty()) error(out_, group.id, fmt::format("group {} has no member", group.id));
      for (const ObjectId& member : group.members) {
        if (!primitives_.contains(member)) {
          error(out_, group.id, fmt::format("group {}: member {} is no resource", group.id, quoted(member)),
                hint(member));
          continue;
        }
        const auto [first, fresh] = owner.emplace(member, group.id);
        if (fresh) continue;
        error(out_, group.id,
              first->second == group.id
                  ? fmt::format("group {} has {} twice", group.id, member)
                  : fmt::format("{} is in group {} and in group {}: a resource is in one group at most", member,
                                first->second, group.id));
      }
    }
  }

  [[nodiscard]] std::string hint(std::string_view name) const {
    return did_you_mean(name, {resources_.begin(), resources_.end()});
  }

  void resource(std::string_view constraint, const ObjectId& name) {
    if (resources_.contains(name)) return;
    error(out_, constraint, fmt::format("constraint {} names {}: no such resource", constraint, quoted(name)),
          hint(name));
  }

  void constraints() {
    for (const LocationConstraint& item : config_.locations) {
      resource(item.id, item.resource);
      if (config_.node(item.node) == nullptr) {
        error(out_, item.id, fmt::format("constraint {} names node {}: no such node", item.id, item.node.get()));
      }
    }
    for (const ColocationConstraint& item : config_.colocations) {
      resource(item.id, item.resource);
      resource(item.id, item.with);
      if (item.resource == item.with) error(out_, item.id, fmt::format("{} cannot be placed with itself", item.with));
    }
    for (const OrderConstraint& item : config_.orders) {
      resource(item.id, item.first);
      resource(item.id, item.then);
      if (item.first == item.then) error(out_, item.id, fmt::format("{} cannot come before itself", item.first));
    }
  }

  void levels() {
    std::set<std::pair<NodeId, std::uint32_t>> seen;
    for (const FenceLevel& level : config_.levels) {
      const std::string name = fmt::format("level {} of {}", level.level, config_.node_name(level.target));
      if (config_.node(level.target) == nullptr) error(out_, {}, fmt::format("{}: no such node", name));
      if (level.level < 1 || level.level > 9) error(out_, {}, fmt::format("{}: levels are 1 to 9", name));
      if (level.devices.empty()) error(out_, {}, fmt::format("{} has no device", name));
      if (!seen.emplace(level.target, level.level).second) error(out_, {}, fmt::format("{} is there twice", name));
      std::set<std::string_view> once;
      for (const ObjectId& device : level.devices) {
        if (!devices_.contains(device)) {
          error(out_, {}, fmt::format("{}: no such fence device: {}", name, quoted(device)),
                did_you_mean(device, {devices_.begin(), devices_.end()}));
        } else if (!once.insert(device).second) {
          error(out_, {}, fmt::format("{} has device {} twice", name, device));
        }
      }
    }
  }

  const ClusterConfig& config_;
  Findings& out_;
  std::set<std::string_view> primitives_;
  std::set<std::string_view> resources_;
  std::set<std::string_view> devices_;
  std::map<std::string_view, std::string_view> kinds_;
};

}  // namespace

void check_objects(const ClusterConfig& config, Findings& out) {
  ObjectCheck{config, out}.run();
}

}  // namespace duet::validation
