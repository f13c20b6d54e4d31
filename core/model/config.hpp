// SPDX-License-Identifier: Apache-2.0
// The cluster configuration: what the administrator wants. Plain values; nothing here changes by itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/model/ids.hpp"
#include "core/model/score.hpp"

namespace duet {

/// name -> value, ordered, so that two equal configurations have equal bytes.
using Attributes = std::map<std::string, std::string>;

/// standard:[provider:]type, e.g. ocf:heartbeat:IPaddr2, systemd:haproxy, stonith:fence_xvm.
struct AgentRef {
  std::string standard;  ///< ocf, systemd, service, lsb, stonith
  std::string provider;  ///< only for ocf
  std::string type;
  [[nodiscard]] std::string text() const;
  /// Accepts the old spelling ocf::heartbeat:X. A bare type is an error here: the caller finds the agent first.
  static Result<AgentRef> parse(std::string_view text);
  friend auto operator<=>(const AgentRef&, const AgentRef&) = default;
};

enum class OnFail : std::uint8_t { ignore, restart, ban, block, stop, standby, fence };

/// One configured operation of a resource. Other options (OCF_CHECK_LEVEL, description, ...) are in `extra`.
struct Operation {
  std::string action;               ///< start, stop, monitor, ...
  Duration interval{0};             ///< 0: not recurring
  std::optional<Duration> timeout;  ///< absent: op defaults, then 20 s
  std::optional<OnFail> on_fail;    ///< absent: cluster-semantics 5.3
  bool enabled = true;
  Duration start_delay{0};
  Attributes extra;
  friend bool operator==(const Operation&, const Operation&) = default;
};

/// A resource with an agent. Fence devices are kept apart (FenceDevice) though the commands look alike.
struct Primitive {
  ObjectId id;
  AgentRef agent;
  Attributes parameters;
  std::vector<Operation> operations;
  Attributes meta;
  friend bool operator==(const Primitive&, const Primitive&) = default;
};

/// Members start in order and stop in reverse; one unit for placement. A member is in one group at most.
struct Group {
  ObjectId id;
  std::vector<ObjectId> members;  ///< never empty
  Attributes meta;
  friend bool operator==(const Group&, const Group&) = default;
};

struct LocationConstraint {
  ObjectId id;
  ObjectId resource;  ///< primitive or group
  NodeId node;
  Score score;
  friend bool operator==(const LocationConstraint&, const LocationConstraint&) = default;
};

/// `resource` follows `with`, which is placed first.
struct ColocationConstraint {
  ObjectId id;
  ObjectId resource;
  ObjectId with;
  Score score;
  friend bool operator==(const ColocationConstraint&, const ColocationConstraint&) = default;
};

enum class OrderKind : std::uint8_t { mandatory, optional, serialize };
enum class OrderAction : std::uint8_t { start, stop };

struct OrderConstraint {
  ObjectId id;
  ObjectId first;
  ObjectId then;
  OrderAction first_action = OrderAction::start;
  OrderAction then_action = OrderAction::start;
  OrderKind kind = OrderKind::mandatory;
  bool symmetrical = true;
  friend bool operator==(const OrderConstraint&, const OrderConstraint&) = default;
};

struct FenceDevice {
  ObjectId id;
  std::string agent;      ///< file name below the sbin directory, e.g. fence_xvm
  Attributes parameters;  ///< pcmk_* ones are for us, the others go to the agent
  std::vector<Operation> operations;
  Attributes meta;
  friend bool operator==(const FenceDevice&, const FenceDevice&) = default;
};

/// Devices of one level must all succeed; levels are tried in ascending order.
struct FenceLevel {
  NodeId target;
  std::uint32_t level = 1;  ///< 1 .. 9
  std::vector<ObjectId> devices;
  friend bool operator==(const FenceLevel&, const FenceLevel&) = default;
};

struct Node {
  NodeId id;
  std::string name;
  Attributes attributes;  ///< standby=on, maintenance=on and the administrator's own
  friend bool operator==(const Node&, const Node&) = default;
};

struct ClusterConfig {
  std::string name;
  std::vector<Node> nodes;  ///< ascending by id; exactly two in a cluster that manages resources
  Attributes properties;    ///< stonith-enabled, no-quorum-policy, maintenance-mode, ...
  Attributes resource_defaults;
  Attributes operation_defaults;
  std::vector<Primitive> primitives;  ///< in the order in which they were created
  std::vector<Group> groups;
  std::vector<LocationConstraint> locations;
  std::vector<ColocationConstraint> colocations;
  std::vector<OrderConstraint> orders;
  std::vector<FenceDevice> devices;
  std::vector<FenceLevel> levels;

  [[nodiscard]] const Node* node(NodeId id) const;
  [[nodiscard]] const Node* node(std::string_view name) const;
  [[nodiscard]] const Primitive* primitive(std::string_view id) const;
  [[nodiscard]] const Group* group(std::string_view id) const;
  [[nodiscard]] const Group* group_of(std::string_view member) const;
  [[nodiscard]] const FenceDevice* device(std::string_view id) const;
  /// Name of a node for people; "node 7" if it is not configured.
  [[nodiscard]] std::string node_name(NodeId id) const;
  friend bool operator==(const ClusterConfig&, const ClusterConfig&) = default;
};

/// Place in the chain of commits. A later commit is greater; `epoch` is raised only by opening a solo epoch.
struct ConfigPosition {
  std::uint32_t epoch = 0;
  std::uint64_t index = 0;
  friend auto operator<=>(const ConfigPosition&, const ConfigPosition&) = default;
};

/// One commit. `hash` = SHA-256 of (previous hash, position, author, command, time, configuration bytes), hexadecimal.
struct ConfigEntry {
  ConfigPosition position;
  std::string previous_hash;
  std::string hash;
  std::string author;        ///< user@node
  std::string command;       ///< as typed, secrets removed
  std::int64_t unix_ms = 0;  ///< display only
  ClusterConfig config;
  friend bool operator==(const ConfigEntry&, const ConfigEntry&) = default;
};

}  // namespace duet
