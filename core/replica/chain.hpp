// SPDX-License-Identifier: Apache-2.0
// ConfigChain: the hash chain of configuration commits of one node, and the comparison of two chains at a join (S3).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "core/message/ledger.hpp"
#include "core/message/stream.hpp"

namespace duet {

/// How the chain of a joiner stands to the donor's.
enum class ChainRelation { prefix, fork };

/// Holds committed entries only; what is prepared is in ClusterState. Never empty: entry 1 ("genesis") is made from
/// corosync's node list and is equal on both nodes.
class ConfigChain {
 public:
  /// From the store; `genesis` is used when the store holds no entry.
  ConfigChain(const StoreImage& stored, ClusterConfig genesis);

  [[nodiscard]] const ConfigEntry& committed() const { return entries_.back(); }
  [[nodiscard]] ChainLink link() const { return {committed().position, committed().hash}; }
  /// {newest epoch, index at which it was opened}.
  [[nodiscard]] ConfigPosition solo_base() const { return solo_base_; }
  /// Epoch in which the next entry will be.
  [[nodiscard]] std::uint32_t epoch() const;
  /// Only the entry that every new cluster begins with: nothing was ever acknowledged to an administrator.
  [[nodiscard]] bool is_genesis() const { return committed().position.index == 1; }
  [[nodiscard]] const std::vector<ConfigEntry>& entries() const { return entries_; }

  /// The entry that would follow, with position, previous hash and hash set.
  [[nodiscard]] ConfigEntry next(ClusterConfig config, std::string author, std::string command,
                                 std::int64_t unix_ms) const;
  /// True if `entry` follows directly and its hash is right.
  [[nodiscard]] bool follows(const ConfigEntry& entry) const;
  /// Requires follows(entry).
  void commit(ConfigEntry entry);
  /// The record of a solo epoch above the present one, based on the newest commit.
  [[nodiscard]] StoreSolo solo_record(const BootId& boot, const std::string& evidence) const {
    return {epoch() + 1, committed().position, boot, evidence};
  }
  void open_solo(const StoreSolo& record);

  /// Is the joiner's newest commit one of ours? A joiner that has only its genesis is always a prefix.
  [[nodiscard]] ChainRelation relation_to(const ChainLink& joiner) const;
  /// Entries that a node with this newest commit lacks, ascending; never empty: our newest is always among them. Of a
  /// long history the newest limits::snapshot_history bytes.
  [[nodiscard]] std::vector<ConfigEntry> missing_after(const ChainLink& joiner) const;
  /// Takes over the donor's entries. Returns what must be stored.
  std::vector<StoreRecord> adopt(const std::vector<ConfigEntry>& entries, ConfigPosition solo_base);

 private:
  void prune();
  std::vector<ConfigEntry> entries_;  ///< ascending, at most 100
  ConfigPosition solo_base_;
};

/// The entry that was durable but not committed when the node went down: it may have been acknowledged, because the
/// marker "committed" is written after the answer. nullopt: none that follows the chain.
[[nodiscard]] std::optional<ConfigEntry> prepared_tail(const StoreImage& stored, const ConfigChain& chain);

/// Place of a chain in the choice of a donor: newest epoch (opened, perhaps still without a commit), highest index,
/// and of two that hold the same entry the one where it is committed.
struct DonorRank {
  std::uint32_t epoch = 0;
  std::uint64_t index = 0;      ///< prepared entries of the newest epoch included
  std::uint64_t committed = 0;  ///< index
  friend auto operator<=>(const DonorRank&, const DonorRank&) = default;
};
[[nodiscard]] DonorRank donor_rank(const Hello& hello);

}  // namespace duet
