// SPDX-License-Identifier: Apache-2.0
// What corosync's configuration says about the cluster: nodes, names, crypto (A9, A10), time-outs (A4).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/model/ids.hpp"

namespace duet::corosync {

class Cmap;

struct ClusterInfo {
  struct Node {
    NodeId id;
    std::string name;  ///< nodelist's name, else its first address
    std::string address;
    friend bool operator==(const Node&, const Node&) = default;
  };
  std::string name;
  NodeId self;
  std::vector<Node> nodes;  ///< ascending by id
  std::string cipher;       ///< "none" when the transport is not encrypted
  std::string hash;
  Duration token{0};  ///< live values
  Duration consensus{0};

  [[nodiscard]] bool encrypted() const { return cipher != "none" && hash != "none"; }
  [[nodiscard]] const Node* node(NodeId id) const;
};

/// Error: Errc::invalid_config if a node has no id, two have the same, or this node is not in the list (A10).
[[nodiscard]] Result<ClusterInfo> read_cluster_info(const Cmap& map, NodeId self);

/// Name of a node of the nodelist: its own, else its first address if that can be one. Error: invalid_config.
[[nodiscard]] Result<std::string> node_name(const std::optional<std::string>& name, const std::string& address);

}  // namespace duet::corosync
