// SPDX-License-Identifier: Apache-2.0
// Look-ups in the shared state, and its digest.
#include "core/model/state.hpp"

#include <algorithm>

#include "core/model/text.hpp"

namespace duet {

namespace {

template <class Enum>
void add_enum(QuickDigest& digest, Enum value) {
  digest.add(static_cast<std::uint64_t>(value));
}

void add(QuickDigest& digest, const OpId& id) {
  digest.add(id.epoch);
  digest.add(id.sequence);
  digest.add(id.giver.get());
}

void add(QuickDigest& digest, const Evidence& evidence) {
  add_enum(digest, evidence.kind);
  digest.add(evidence.node.get());
  digest.add(evidence.boot.get());
  digest.add(evidence.id);
  digest.add(evidence.left_running.size());
  for (const ObjectId& resource : evidence.left_running) digest.add(resource);
}

void add(QuickDigest& digest, const FailureRecord& failure) {
  add_enum(digest, failure.action);
  digest.add(static_cast<std::uint64_t>(failure.interval.count()));
  digest.add(static_cast<std::uint64_t>(failure.count));
  add_enum(digest, failure.last.status);
  digest.add(static_cast<std::uint64_t>(failure.last.exit_code));
}

void add(QuickDigest& digest, const ResourceOnNode& place) {
  add_enum(digest, place.activity);
  digest.add(std::uint64_t{place.probed});
  digest.add(std::uint64_t{place.pending.has_value()});
  if (place.pending) {
    add(digest, place.pending->id);
    add_enum(digest, place.pending->action);
  }
  add(digest, place.highest_op);
  digest.add(std::uint64_t{place.may_run.has_value()});
  if (place.may_run) {
    digest.add(place.may_run->boot.get());
    add(digest, place.may_run->since);
  }
  digest.add(std::uint64_t{place.stop_failed});
  digest.add(std::uint64_t{place.hard_ban});
  digest.add(std::uint64_t{place.needs_stop});
  digest.add(place.failures.size());
  for (const FailureRecord& failure : place.failures) add(digest, failure);
}

void add(QuickDigest& digest, const ResourceState& resource) {
  digest.add(resource.on.size());
  for (const auto& [node, place] : resource.on) {
    digest.add(node.get());
    add(digest, place);
  }
  digest.add(std::uint64_t{resource.fatal});
  digest.add(resource.preferred ? resource.preferred->get() : std::uint64_t{0});
  digest.add(resource.last_node ? resource.last_node->get() : std::uint64_t{0});
}

// `in_corosync` and `why` are for people only; they are left out, as every other display field.
void add(QuickDigest& digest, const NodeState& node) {
  add_enum(digest, node.membership);
  digest.add(node.incarnation.boot.get());
  digest.add(node.incarnation.start);
  digest.add(std::uint64_t{node.unclean});
  digest.add(std::uint64_t{node.leaving});
  digest.add(std::uint64_t{node.reported});
  digest.add(node.joined_at);
  digest.add(std::uint64_t{node.in_ledger});
  digest.add(node.join_acks.size());
  for (const NodeId acked : node.join_acks) digest.add(acked.get());
  digest.add(std::uint64_t{node.evidence.has_value()});
  if (node.evidence) add(digest, *node.evidence);
}

void add(QuickDigest& digest, const FenceEvent& event) {
  digest.add(event.id);
  digest.add(event.target.get());
  digest.add(event.by.get());
  digest.add(event.boot.get());
  add_enum(digest, event.cause);
  add_enum(digest, event.action);
  add_enum(digest, event.outcome);
  digest.add(event.attempts);
}

void add(QuickDigest& digest, const PreparedEntry& prepared) {
  digest.add(prepared.entry.position.epoch);
  digest.add(prepared.entry.position.index);
  digest.add(prepared.entry.hash);
  digest.add(prepared.origin.get());
  digest.add(prepared.request);
  digest.add(prepared.acked.size());
  for (const NodeId node : prepared.acked) digest.add(node.get());
}

void add(QuickDigest& digest, const DeviceState& device) {
  digest.add(std::uint64_t{device.verified});
  digest.add(device.seen.size());
  for (const auto& [node, seen] : device.seen) {
    digest.add(node.get());
    digest.add(std::uint64_t{seen.healthy});
    digest.add(seen.fingerprint);
  }
}

}  // namespace

std::int32_t ResourceOnNode::fail_count() const {
  std::int64_t sum = 0;
  for (const FailureRecord& failure : failures) sum += failure.count;
  return static_cast<std::int32_t>(std::min<std::int64_t>(sum, Score::infinite));
}

const ResourceOnNode* ClusterState::find(std::string_view resource, NodeId node) const {
  const auto entry = resources.find(ObjectId{resource});
  if (entry == resources.end()) return nullptr;
  const auto place = entry->second.on.find(node);
  return place == entry->second.on.end() ? nullptr : &place->second;
}

std::vector<NodeId> ClusterState::joined() const {
  std::vector<NodeId> result;
  for (const auto& [id, node] : nodes) {
    if (node.membership == Membership::joined) result.push_back(id);
  }
  return result;
}

std::optional<NodeId> ClusterState::coordinator() const {
  std::optional<NodeId> oldest;
  std::uint64_t oldest_join = 0;
  for (const auto& [id, node] : nodes) {
    if (node.membership != Membership::joined) continue;
    if (oldest && oldest_join <= node.joined_at) continue;
    oldest = id;
    oldest_join = node.joined_at;
  }
  return oldest;
}

std::uint64_t ClusterState::digest() const {
  QuickDigest result;
  result.add(stream_epoch);
  result.add(join_counter);
  result.add(std::uint64_t{solo});
  result.add(nodes.size());
  for (const auto& [id, node] : nodes) {
    result.add(id.get());
    add(result, node);
  }
  result.add(resources.size());
  for (const auto& [id, resource] : resources) {
    result.add(id);
    add(result, resource);
  }
  result.add(fencing.size());
  for (const FenceEvent& event : fencing) add(result, event);
  result.add(devices.size());
  for (const auto& [id, device] : devices) {
    result.add(id);
    add(result, device);
  }
  result.add(std::uint64_t{prepared.has_value()});
  if (prepared) add(result, *prepared);
  result.add(std::uint64_t{fork.has_value()});
  if (fork) result.add(*fork);
  return result.value();
}

}  // namespace duet
