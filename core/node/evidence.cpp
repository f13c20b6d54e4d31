// SPDX-License-Identifier: Apache-2.0
// Evidence becomes durable before anything relies on it (S20); then it opens a solo epoch.
#include <fmt/core.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/node/impl.hpp"
#include "core/replica/membership.hpp"

namespace duet {

namespace {

std::string kind_text(EvidenceKind kind) {
  return kind == EvidenceKind::fencing_disabled ? "off" : fmt::format("E{}", static_cast<int>(kind));
}

}  // namespace

std::string NodeCore::Impl::evidence_id(EvidenceKind kind) const {
  return fmt::format("{}-{}-{}", kind_text(kind), identity_.id.get(), evidence_serial_ + 1);
}

/// What this node knew when it went down. A boot that joined and has no evidence against it may run everything.
void NodeCore::Impl::load_ledger(const StoreImage& stored) {
  for (const StoreJoin& join : stored.joins) {
    const auto node = state_.nodes.find(join.node);
    if (node == state_.nodes.end()) continue;
    node->second.incarnation = join.incarnation;
    node->second.in_ledger = true;
  }
  for (const Evidence& evidence : stored.evidence) {
    evidence_serial_ = std::max<std::uint64_t>(evidence_serial_, stored.evidence.size());
    apply_evidence(state_, evidence);
  }
  for (auto& [id, node] : state_.nodes) {
    if (!node.in_ledger || node.evidence) continue;
    node.in_corosync = true;  // not known; quorum will tell
    mark_lost(state_, id, id != identity_.id, "not seen since this node started");
  }
  for (const StoreStopFailed& mark : stored.stop_failed) {
    if (mark.failed) {
      stop_failed_.insert_or_assign(mark.resource, mark.boot);
    } else {
      stop_failed_.erase(mark.resource);
    }
  }
}

/// Commits alone continue the newest chain only if the peer cannot have gone on alone itself. It can while our join is
/// not complete: then nobody has to prove anything about us (E7). Only the administrator's word overrides that (S3d).
bool NodeCore::Impl::opens_solo(EvidenceKind kind) const {
  if (kind == EvidenceKind::fencing_disabled) return false;
  return joined_with_peer_ || kind == EvidenceKind::administrator;
}

void NodeCore::Impl::record_evidence(Evidence evidence) {
  if (evidence_pending_) return;
  evidence.id = evidence_id(evidence.kind);
  ++evidence_serial_;
  evidence_pending_ = evidence;
  evidence_asked_ = now_;
  std::vector<StoreRecord> records{StoreEvidence{evidence}};
  const bool opens = opens_solo(evidence.kind);
  const StoreSolo solo = chain_.solo_record();
  if (opens) records.emplace_back(solo);
  persist(std::move(records), [this, evidence, solo, opens](bool ok, const std::string& error) {
    if (!ok) log(Level::error, "evidence could not be stored: " + error);
    if (ok && opens && solo.epoch > chain_.epoch()) chain_.open_solo(solo);
    evidence_durable(evidence, ok);
  });
}

/// Without durability a fenced boot may still be relied on for starts: a restart of this node makes it inquorate anyway
/// (protocol.md 10). Commits alone need the disk.
void NodeCore::Impl::evidence_durable(const Evidence& evidence, bool ok) {
  if (!evidence_pending_ || evidence_pending_->id != evidence.id) return;
  evidence_pending_.reset();
  const bool relied_on_anyway = evidence.kind == EvidenceKind::fenced;
  if (!ok && !relied_on_anyway) return;
  adopt_evidence(evidence, ok && opens_solo(evidence.kind));
}

void NodeCore::Impl::adopt_evidence(const Evidence& evidence, bool solo_commits) {
  NodeState& node = state_.nodes[evidence.node];
  if (node.incarnation.boot != evidence.boot) return;  // another boot is here by now: the join decides
  trace(TraceKind::evidence, {{"id", evidence.id},
                              {"evidence_kind", kind_text(evidence.kind)},
                              {"target", std::to_string(evidence.node.get())},
                              {"target_boot", evidence.boot.get()}});
  log(Level::notice,
      fmt::format("{} is down: {} ({})", name_of(evidence.node), to_string(evidence.kind), evidence.detail));
  // The dead node is still in corosync's view, or the ring is being formed anew: do not wait for it.
  const bool was_solo = solo_stream_;
  // Its process may have left the group while its machine is still in the ring that has to be formed anew.
  if (in_view(evidence.node) || quorum_members_.contains(evidence.node) || !can_send()) {
    solo_stream_ = true;
    awaiting_hellos_ = false;
    syncing_ = false;
    if (!was_solo) out_.emplace_back(DiscardUnsent{});
  }
  apply_evidence(state_, evidence);
  state_.solo = solo_commits;
  NodeState& self = state_.nodes[identity_.id];
  if (self.joined_at == 0) self.joined_at = ++state_.join_counter;
  next_epoch();
  if (!was_solo && solo_stream_) executor_.void_unbegun(false, "decided anew: the peer is down");
  lost_seen_ = false;
  daemon_gone_.reset();
  admin_fence_.reset();
  plan_dirty_ = true;
  ++generation_;
  if (fenced_event_) note_fence_event(*std::exchange(fenced_event_, std::nullopt));
  try_commit();
}

void NodeCore::Impl::apply(NodeId sender, const EvidenceRecorded& body, const StreamMessage&) {
  if (sender != identity_.id) apply_evidence(state_, body.evidence);
}

/// Ids of the evidence that excludes every other boot, for the trace (S1b).
std::string NodeCore::Impl::evidence_text() const {
  std::string text;
  for (const auto& [id, node] : state_.nodes) {
    if (id == identity_.id || !node.evidence) continue;
    text += (text.empty() ? "" : ",") + node.evidence->id;
  }
  return text;
}

}  // namespace duet
