// SPDX-License-Identifier: Apache-2.0
// Look-ups in the configuration, and the text form of an agent's name.
#include "core/model/config.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/base/escape.hpp"

namespace duet {

namespace {

/// Part of an agent's name: becomes a file name or a unit name, so no slash and no leading dot or dash.
bool plain_name(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '@' || c == '+';
  };
  return !text.empty() && text.size() <= 255 && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), good);
}

template <class Range, class Key>
auto* find_by_id(const Range& range, Key key) {
  const auto it = std::find_if(range.begin(), range.end(), [&](const auto& item) { return item.id == key; });
  return it == range.end() ? nullptr : &*it;
}

}  // namespace

std::string AgentRef::text() const {
  if (provider.empty()) return standard + ":" + type;
  return standard + ":" + provider + ":" + type;
}

Result<AgentRef> AgentRef::parse(std::string_view text) {
  const auto bad = [&](std::string why) {
    return fail(Errc::invalid_argument, fmt::format("'{}' is not the name of an agent", escape_line(text, 80)),
                std::move(why), "ocf:PROVIDER:TYPE, systemd:UNIT, service:NAME or lsb:NAME");
  };
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return bad("the standard is missing");
  AgentRef agent;
  agent.standard = std::string{text.substr(0, colon)};
  std::string_view rest = text.substr(colon + 1);
  if (agent.standard == "ocf") {
    if (!rest.empty() && rest.front() == ':') rest.remove_prefix(1);  // ocf::heartbeat:X of old
    const auto second = rest.find(':');
    if (second == std::string_view::npos) return bad("the provider is missing");
    agent.provider = std::string{rest.substr(0, second)};
    rest = rest.substr(second + 1);
    if (!plain_name(agent.provider)) return bad("the provider is not a plain name");
  } else if (agent.standard != "systemd" && agent.standard != "service" && agent.standard != "lsb" &&
             agent.standard != "stonith") {
    return bad("the standard is not known");
  }
  agent.type = std::string{rest};
  if (!plain_name(agent.type)) return bad("the type is not a plain name");
  return agent;
}

const Node* ClusterConfig::node(NodeId id) const {
  return find_by_id(nodes, id);
}

const Node* ClusterConfig::node(std::string_view wanted) const {
  const auto it = std::find_if(nodes.begin(), nodes.end(), [&](const Node& item) { return item.name == wanted; });
  return it == nodes.end() ? nullptr : &*it;
}

const Primitive* ClusterConfig::primitive(std::string_view id) const {
  return find_by_id(primitives, id);
}

const Group* ClusterConfig::group(std::string_view id) const {
  return find_by_id(groups, id);
}

const Group* ClusterConfig::group_of(std::string_view member) const {
  const auto holds = [&](const Group& item) {
    return std::find(item.members.begin(), item.members.end(), member) != item.members.end();
  };
  const auto it = std::find_if(groups.begin(), groups.end(), holds);
  return it == groups.end() ? nullptr : &*it;
}

const FenceDevice* ClusterConfig::device(std::string_view id) const {
  return find_by_id(devices, id);
}

std::string ClusterConfig::node_name(NodeId id) const {
  const Node* found = node(id);
  return found != nullptr ? found->name : fmt::format("node {}", id.get());
}

}  // namespace duet
