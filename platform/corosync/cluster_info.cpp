// SPDX-License-Identifier: Apache-2.0
// Keys of the configuration map to the values that duetd needs.
#include "platform/corosync/cluster_info.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "platform/corosync/cmap.hpp"

namespace duet::corosync {
namespace {

/// corosync's nodelist has positions 0 .. 31 and no gaps that people make on purpose; a gap is skipped all the same.
constexpr unsigned max_positions = 32;

constexpr const char* fix_nodelist = "give every node in the nodelist of corosync.conf its own nodeid and a name";

}  // namespace

Result<std::string> node_name(const std::optional<std::string>& name, const std::string& address) {
  if (name) return *name;
  if (address.find(':') == std::string::npos) return address;
  return fail(Errc::invalid_config, "node " + address, "has no name, and an IPv6 address cannot be one", fix_nodelist);
}

const ClusterInfo::Node* ClusterInfo::node(NodeId id) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [id](const Node& node) { return node.id == id; });
  return found == nodes.end() ? nullptr : &*found;
}

Result<ClusterInfo> read_cluster_info(const Cmap& map, NodeId self) {
  ClusterInfo info;
  info.self = self;
  info.name = map.text("totem.cluster_name").value_or("");
  info.cipher = map.text("totem.crypto_cipher").value_or("none");
  info.hash = map.text("totem.crypto_hash").value_or("none");
  info.token = std::chrono::milliseconds{map.number("runtime.config.totem.token").value_or(0)};
  info.consensus = std::chrono::milliseconds{map.number("runtime.config.totem.consensus").value_or(0)};
  for (unsigned position = 0; position < max_positions; ++position) {
    const std::string prefix = fmt::format("nodelist.node.{}.", position);
    const auto address = map.text(prefix + "ring0_addr");
    if (!address) continue;
    const auto id = map.number(prefix + "nodeid");
    if (!id || *id == 0) return fail(Errc::invalid_config, "node " + *address, "has no nodeid", fix_nodelist);
    if (info.node(NodeId{*id}) != nullptr) {
      return fail(Errc::invalid_config, fmt::format("nodeid {}", *id), "is given to two nodes", fix_nodelist);
    }
    auto name = node_name(map.text(prefix + "name"), *address);
    if (!name) return tl::unexpected{name.error()};
    info.nodes.push_back({NodeId{*id}, std::move(*name), *address});
  }
  std::sort(info.nodes.begin(), info.nodes.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  if (info.node(self) == nullptr) {
    return fail(Errc::invalid_config, fmt::format("node {}", self.get()), "is not in corosync's nodelist",
                fix_nodelist);
  }
  return info;
}

}  // namespace duet::corosync
