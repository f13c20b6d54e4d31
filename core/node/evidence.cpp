// SPDX-License-Identifier: Apache-2.0
// Evidence becomes durable before anything relies on it (S20); then it opens a solo epoch.
#include <fmt/format.h>

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

/// Never used twice, in no other life of this node either: records cite it.
std::string NodeCore::Impl::new_evidence_id(EvidenceKind kind) {
  return fmt::format("{}-{}-{}-{}-{}", kind_text(kind), identity_.id.get(), me_.boot.get().substr(0, 8), me_.start,
                     ++evidence_serial_);
}

/// What this node knew when it went down. A boot that joined and has no evidence against it may run everything.
void NodeCore::Impl::load_ledger(const StoreImage& stored) {
  for (const StoreJoin& join : stored.joins) {
    const auto node = state_.nodes.find(join.node);
    if (node == state_.nodes.end()) continue;
    node->second.incarnation = join.incarnation;
    node->second.in_ledger = true;
  }
  for (const Evidence& evidence : stored.evidence) apply_evidence(state_, evidence);
  stored_solo_ = stored.solo;
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

void NodeCore::Impl::record_evidence(Evidence evidence, std::uint64_t client) {
  if (evidence_pending_) return;
  evidence_retry_.reset();
  evidence.id = new_evidence_id(evidence.kind);
  std::vector<StoreRecord> records{StoreEvidence{evidence}};
  StoreSolo solo;
  if (opens_solo(evidence.kind)) {
    solo = chain_.solo_record(me_.boot, evidence.id);
    records.emplace_back(solo);
  }
  evidence_pending_ = PendingEvidence{std::move(evidence), now_, false, false, client};
  persist(std::move(records), [this, solo](bool ok, const std::string& error) { evidence_stored(solo, ok, error); });
}

/// Without durability a fenced boot may still be relied on for starts: a restart of this node makes it inquorate anyway
/// (protocol.md 10). Commits alone need the disk.
void NodeCore::Impl::evidence_stored(const StoreSolo& solo, bool ok, const std::string& error) {
  const PendingEvidence pending = *std::exchange(evidence_pending_, std::nullopt);
  const Evidence& evidence = pending.evidence;
  if (!ok) log(Level::error, "evidence could not be stored: " + error);
  // With fencing switched off nothing was done to it: if it is back by now, it is simply there.
  const bool back = evidence.kind == EvidenceKind::fencing_disabled && is_seen(evidence.node);
  const bool counts = !pending.stale && !back && (ok || evidence.kind == EvidenceKind::fenced);
  const bool adopted = pending.adopted || (counts && adopt_evidence(evidence));
  if (adopted && ok && state_.nodes[evidence.node].evidence == evidence) open_solo_epoch(solo);
  if (adopted) return answer(pending.client, AdminReply{std::nullopt, chain_.committed().position, {}, {}});
  fenced_event_.reset();
  if (!ok) evidence_retry_ = now_ + write_retry;
  answer_error(pending.client, ok ? Error{Errc::refused, "that node is back in the cluster", {}, {}}
                                  : Error{Errc::storage, "it could not be stored, nothing was changed", error,
                                          "see to the disk of this node, then repeat the command"});
}

/// What is durable counts: commits continue in its epoch, whatever becomes of the messages about it.
bool NodeCore::Impl::raise_epoch(const StoreSolo& solo) {
  if (solo.epoch <= chain_.epoch()) return false;  // none was asked for
  chain_.open_solo(solo);
  return true;
}

void NodeCore::Impl::open_solo_epoch(const StoreSolo& solo) {
  if (raise_epoch(solo)) commit_alone();
}

/// Commits alone are possible from here on.
void NodeCore::Impl::commit_alone() {
  state_.solo = true;
  plan_dirty_ = true;
  ++generation_;
  try_commit();
}

/// A disk that does not answer must not keep the survivor from serving.
void NodeCore::Impl::maintain_evidence() {
  if (!evidence_pending_ || evidence_pending_->adopted || evidence_pending_->stale) return;
  if (evidence_pending_->evidence.kind != EvidenceKind::fenced) return;
  const Instant patience = evidence_pending_->asked + limits::disk_patience;
  if (now_ < patience) return wake_at(patience);
  log(Level::warning,
      "the disk has not stored the evidence yet: resources are started, changes are refused until then");
  evidence_pending_->adopted = adopt_evidence(evidence_pending_->evidence);
}

/// duetd was restarted in the boot that opened the solo epoch, and what opened it still holds. In another boot it does
/// not: the peer may have come up meanwhile and had that boot of ours declared down.
void NodeCore::Impl::resume_solo() {
  if (stored_solo_.boot.get().empty() || stored_solo_.boot != me_.boot || !damaged_.empty()) return;
  const auto other = peer();
  if (!other) return;
  const auto& evidence = state_.nodes[*other].evidence;
  if (!evidence || evidence->id != stored_solo_.evidence) return;
  state_.solo = true;
  joined_with_peer_ = true;  // or an administrator's word, which is as good
  log(Level::info, fmt::format("changes are possible alone: {} is down ({})", name_of(*other), evidence->detail));
}

/// What was durable here may have been acknowledged: it is committed when that is possible again, or given up when the
/// other node went on without it (protocol.md 5).
void NodeCore::Impl::load_prepared(const StoreImage& stored) {
  if (!damaged_.empty()) return;
  auto entry = prepared_tail(stored, chain_);
  if (entry) state_.prepared = PreparedEntry{std::move(*entry), identity_.id, 0, {}};
}

void NodeCore::Impl::trace_evidence(const Evidence& evidence) {
  trace(TraceKind::evidence, {{"id", evidence.id},
                              {"evidence_kind", kind_text(evidence.kind)},
                              {"target", std::to_string(evidence.node.get())},
                              {"target_boot", evidence.boot.get()},
                              {"left", fmt::format("{}", fmt::join(evidence.left_running, ","))}});
}

bool NodeCore::Impl::adopt_evidence(const Evidence& evidence) {
  NodeState& node = state_.nodes[evidence.node];
  if (node.incarnation.boot != evidence.boot) return false;
  trace_evidence(evidence);
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
  return true;
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
