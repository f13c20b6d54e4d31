// SPDX-License-Identifier: Apache-2.0
// Configuration and state side by side, indexed once for each decision: what the other parts of the policy read. Only
// core/policy includes this.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/plan.hpp"

namespace duet::policy {

struct NodeInfo {
  NodeId id;
  std::string name;
  NodeOptions options;
  const NodeState* state = nullptr;  ///< never null
  bool joined = false;
  bool live = false;            ///< joined, or present with its report: what it runs is known
  bool fenced_soon = false;     ///< a fencing is demanded: no operation there, what it runs ends with it
  bool maintenance = false;     ///< of the node or the cluster
  std::optional<Why> obstacle;  ///< why nothing may be placed here
  std::string obstacle_fix;     ///< command that ends it, may be empty
  std::size_t placed = 0;       ///< resources placed here so far (for balance)
};

/// One side of an order between two primitives: groups are resolved to members.
struct OrderEdge {
  std::size_t first = 0;
  std::size_t then = 0;
  OrderKind kind = OrderKind::mandatory;
  OrderAction first_action = OrderAction::start;
  OrderAction then_action = OrderAction::start;
  bool symmetrical = true;
  bool group = false;  ///< neighbours in a group: on the same node
};

struct ColocationEdge {
  std::size_t resource = 0;
  std::size_t with = 0;
  Score score;
  const ColocationConstraint* source = nullptr;
};

struct Resource {
  const Primitive* primitive = nullptr;
  const Group* group = nullptr;
  std::size_t unit = 0;
  ResourceOptions options;
  const ResourceState* state = nullptr;              ///< never null
  std::vector<const ResourceOnNode*> on;             ///< per node, never null
  std::vector<const LocationConstraint*> locations;  ///< its own and its group's
  std::vector<std::size_t> colocations;              ///< edges in which it follows
  std::vector<std::size_t> followers;                ///< edges in which others follow it
  std::vector<std::size_t> before;                   ///< order edges in which it is `then`
  std::vector<std::size_t> after;                    ///< order edges in which it is `first`
  bool unmanaged = false;                            ///< everywhere: is-managed, maintenance of resource or cluster
  std::optional<Why> nowhere;                        ///< must not run on any node
  std::string nowhere_fix;
  std::optional<Why> blocked;  ///< no operation until people act
  [[nodiscard]] const ObjectId& id() const { return primitive->id; }
};

/// What is placed together: a group, or a primitive of no group.
struct Unit {
  const Group* group = nullptr;
  std::vector<std::size_t> members;
};

class Picture {
 public:
  explicit Picture(const PolicyInput& input);

  const PolicyInput input;  ///< a copy: its configuration and state must outlive the picture, it need not
  ClusterOptions options;
  std::vector<NodeInfo> nodes;
  std::vector<Resource> resources;  ///< in configuration order
  std::vector<Unit> units;
  std::vector<OrderEdge> orders;
  std::vector<ColocationEdge> colocations;
  std::vector<std::size_t> start_order;  ///< resources so that `first` comes before `then`
  std::optional<Why> fencing_missing;    ///< S18: why nothing may be started

  /// Running or possibly running there, as far as a node that reports knows.
  [[nodiscard]] bool active(const Resource& resource, std::size_t node) const;
  /// Active, or must be stopped although it was seen stopped.
  [[nodiscard]] bool to_stop(const Resource& resource, std::size_t node) const;
  /// Running there, healthy.
  [[nodiscard]] bool healthy(const Resource& resource, std::size_t node) const;
  /// No start or stop of it on this node: unmanaged, or the node is in maintenance.
  [[nodiscard]] bool hands_off(const Resource& resource, std::size_t node) const;
  /// Nothing is known yet on a node that reports: no probe has ended.
  [[nodiscard]] bool unknown(const Resource& resource, std::size_t node) const;
  /// The node where it is active, being started, or (if nowhere) was last. For stickiness and ties.
  [[nodiscard]] bool current(const Resource& resource, std::size_t node) const;
  /// The node that is not joined and holds it: seen running there, or it was there last and may still run. Until a
  /// probe or evidence says otherwise it counts as being there: no other node may start it, so nothing else makes room
  /// for it or is restarted because of it. Nullopt if a joined node runs or starts it.
  [[nodiscard]] std::optional<std::size_t> held(const Resource& resource) const;
  [[nodiscard]] std::optional<std::size_t> node_index(NodeId id) const;
  /// Without quorum, and the policy for that is not to go on: no start, no voluntary move.
  [[nodiscard]] bool held_by_quorum() const;

 private:
  void add_nodes();
  void add_resources();
  void add_units();
  void add_orders();
  void add_colocations();
  void sort_by_orders();
  /// A start of it is under way there.
  [[nodiscard]] bool starting(const Resource& resource, std::size_t node) const;
  [[nodiscard]] std::vector<std::size_t> members(std::string_view id) const;

  std::map<std::string_view, std::size_t> index_;
  std::map<std::string_view, const Group*> groups_;
};

}  // namespace duet::policy
