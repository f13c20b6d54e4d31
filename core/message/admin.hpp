// SPDX-License-Identifier: Apache-2.0
// Administrator's requests: each change is one typed value. They travel from the command line to duetd, and in the
// stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/model/config.hpp"
#include "core/model/options.hpp"

namespace duet {

// ---- edits of the configuration (one commit each; core/admin applies them)
// ----------------------------------------------

/// Place inside a group: before or after a member; neither = at the end.
struct GroupPlace {
  ObjectId group;
  std::optional<ObjectId> before;
  std::optional<ObjectId> after;
};
struct CreateResource {
  Primitive primitive;
  std::optional<GroupPlace> place;
};
/// An empty value removes the option. Operations replace those of equal (action, interval).
struct UpdateResource {
  ObjectId id;  ///< primitive, group (meta only) or fence device
  Attributes parameters;
  Attributes meta;
  std::vector<Operation> operations;
};
struct RemoveOperation {
  ObjectId id;
  std::string action;
  std::optional<Duration> interval;  ///< absent: all of that action
};
/// Removes primitives, groups (with members) or fence devices, and every constraint that names them.
struct DeleteObjects {
  std::vector<ObjectId> ids;
  bool if_exists = false;
};
struct GroupAdd {
  GroupPlace place;  ///< the group is made if it does not exist
  std::vector<ObjectId> members;
};
struct GroupRemove {
  ObjectId group;
  std::vector<ObjectId> members;  ///< empty: dissolve the group, members stay
};
struct AddLocation {
  LocationConstraint constraint;
};
struct AddColocation {
  ColocationConstraint constraint;
};
struct AddOrder {
  OrderConstraint constraint;
};
struct DeleteConstraints {
  std::vector<ObjectId> ids;
};
/// Removes the bans and preferences that `ban` and `move-with-constraint` made (ids cli-ban-*, cli-prefer-*).
struct ClearResource {
  ObjectId id;
  std::optional<NodeId> node;
};
enum class AttributeScope : std::uint8_t { properties, resource_defaults, operation_defaults };
/// An empty value removes the attribute.
struct SetAttributes {
  AttributeScope scope{};
  Attributes values;
};
struct SetNodeAttributes {
  std::vector<NodeId> nodes;
  Attributes values;
};
struct CreateDevice {
  FenceDevice device;
};
struct AddLevel {
  FenceLevel level;
};
struct DeleteLevels {
  std::optional<NodeId> target;
  std::optional<std::uint32_t> level;
  std::vector<ObjectId> devices;
};
/// First configuration of a new cluster: name and the two nodes, from corosync's node list. Made by duetd itself.
struct InitCluster {
  std::string name;
  std::vector<Node> nodes;
};

using ConfigEdit = std::variant<CreateResource, UpdateResource, RemoveOperation, DeleteObjects, GroupAdd, GroupRemove,
                                AddLocation, AddColocation, AddOrder, DeleteConstraints, ClearResource, SetAttributes,
                                SetNodeAttributes, CreateDevice, AddLevel, DeleteLevels, InitCluster>;

// ---- actions that change state, not the configuration
// -------------------------------------------------------------------

/// One-time placement; leaves no constraint.
struct MoveResource {
  ObjectId id;  ///< primitive or group
  NodeId target;
};
/// cleanup: forget failures and probe again. refresh: the same for everything, failed or not.
struct CleanupResource {
  std::optional<ObjectId> id;  ///< absent: all
  std::optional<NodeId> node;
  bool refresh = false;
  bool strict = false;  ///< only this one, not its whole group
};
struct FenceNode {
  NodeId target;
  FenceAction action{};
};
/// E6: the administrator's word that this node is off.
struct ConfirmFenced {
  NodeId target;
};
struct ClearFenceHistory {
  std::optional<NodeId> target;
};
/// Clean shutdown of the node that receives it: resources leave first.
struct LeaveCluster {};

using ClusterAction =
    std::variant<MoveResource, CleanupResource, FenceNode, ConfirmFenced, ClearFenceHistory, LeaveCluster>;

/// A change, with who asked for it and the words that he typed (secrets removed by the command line).
struct AdminRequest {
  std::string author;  ///< user@node; set by duetd from the peer credentials
  std::string command;
  std::int64_t unix_ms = 0;
  bool dry_run = false;
  bool confirmed = false;                  ///< --yes
  std::optional<ConfigPosition> based_on;  ///< refuse if the configuration has changed since
  std::variant<std::vector<ConfigEdit>, ClusterAction> body;
};

struct AdminReply {
  std::optional<Error> error;      ///< absent: done
  ConfigPosition position;         ///< of the commit, if it was one
  std::vector<std::string> notes;  ///< warnings for people
  std::string preview;             ///< with dry_run: what would happen, one line each
};

}  // namespace duet
