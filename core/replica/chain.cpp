// SPDX-License-Identifier: Apache-2.0
// The chain of commits. Entries are verified by hash before they are taken, whoever sent them.
#include "core/replica/chain.hpp"

#include <algorithm>
#include <limits>

#include "core/base/invariant.hpp"
#include "core/base/limits.hpp"
#include "core/base/mutant.hpp"
#include "core/codec/config_codec.hpp"

namespace duet {

namespace {

constexpr std::size_t entries_kept = 100;

ConfigEntry seal(ConfigEntry entry) {
  entry.hash = entry_hash(entry);
  return entry;
}

}  // namespace

ConfigChain::ConfigChain(const StoreImage& stored, ClusterConfig genesis)
    : solo_base_{stored.solo.epoch, stored.solo.base.index} {
  for (const ConfigEntry& entry : stored.entries) {
    if (entry.position <= stored.committed) entries_.push_back(entry);
  }
  if (entries_.empty()) {
    ConfigEntry first;
    first.position = {1, 1};
    first.author = "duet";
    first.command = "first configuration, from corosync's node list";
    first.config = std::move(genesis);
    entries_.push_back(seal(std::move(first)));
  }
}

std::uint32_t ConfigChain::epoch() const {
  return std::max(committed().position.epoch, solo_base_.epoch);
}

ConfigEntry ConfigChain::next(ClusterConfig config, std::string author, std::string command,
                              std::int64_t unix_ms) const {
  ConfigEntry entry;
  entry.position = {epoch(), committed().position.index + 1};
  entry.previous_hash = committed().hash;
  entry.author = std::move(author);
  entry.command = std::move(command);
  entry.unix_ms = unix_ms;
  entry.config = std::move(config);
  return seal(std::move(entry));
}

bool ConfigChain::follows(const ConfigEntry& entry) const {
  return entry.previous_hash == committed().hash && entry.position.index == committed().position.index + 1 &&
         entry.position.epoch >= committed().position.epoch && entry.hash == entry_hash(entry);
}

void ConfigChain::commit(ConfigEntry entry) {
  DUET_INVARIANT(follows(entry));
  entries_.push_back(std::move(entry));
  prune();
}

void ConfigChain::open_solo(const StoreSolo& record) {
  DUET_INVARIANT(record.epoch > epoch());
  solo_base_ = {record.epoch, record.base.index};
}

ChainRelation ConfigChain::relation_to(const ChainLink& joiner) const {
  if (joiner.position.index <= 1) return ChainRelation::prefix;
  const auto same = std::find_if(entries_.begin(), entries_.end(), [&](const ConfigEntry& entry) {
    return entry.position.index == joiner.position.index;
  });
  // Older than everything that is kept: its hash cannot be compared any more, and it is far behind.
  if (same == entries_.end() && joiner.position.index < entries_.front().position.index) return ChainRelation::prefix;
  if (same == entries_.end() || same->hash != joiner.hash) return ChainRelation::fork;
  return ChainRelation::prefix;
}

std::vector<ConfigEntry> ConfigChain::missing_after(const ChainLink& joiner) const {
  std::vector<ConfigEntry> missing;
  std::size_t size = 0;
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    const bool known = entry->position.index <= joiner.position.index && joiner.position.index > 1;
    size += encode(*entry).size();
    const bool newest = entry == entries_.rbegin();
    if (!newest && (known || size > limits::snapshot_history)) break;
    missing.push_back(*entry);
  }
  std::reverse(missing.begin(), missing.end());
  return missing;
}

std::vector<StoreRecord> ConfigChain::adopt(const std::vector<ConfigEntry>& entries, ConfigPosition solo_base) {
  std::vector<StoreRecord> records;
  if (solo_base > solo_base_) {
    records.emplace_back(StoreSolo{solo_base.epoch, {0, solo_base.index}, {}, {}});
    solo_base_ = solo_base;
  }
  DUET_INVARIANT(!entries.empty());
  const bool replaces = committed().hash != entries.front().hash && committed().hash != entries.front().previous_hash;
  records.emplace_back(StoreAbandon{replaces ? ConfigPosition{} : committed().position});
  if (replaces) entries_.clear();
  for (const ConfigEntry& entry : entries) {
    if (!entries_.empty() && entry.position <= committed().position) continue;
    entries_.push_back(entry);
    records.emplace_back(StoreEntry{entry});
  }
  prune();
  records.emplace_back(StoreCommitted{committed().position});
  return records;
}

void ConfigChain::prune() {
  if (entries_.size() > entries_kept) entries_.erase(entries_.begin(), entries_.end() - entries_kept);
}

std::optional<ConfigEntry> prepared_tail(const StoreImage& stored, const ConfigChain& chain) {
  const auto next = std::find_if(stored.entries.begin(), stored.entries.end(),
                                 [&](const ConfigEntry& entry) { return chain.follows(entry); });
  if (next == stored.entries.end()) return std::nullopt;
  return *next;
}

DonorRank donor_rank(const Hello& hello) {
  auto epoch = std::max(hello.committed.position.epoch, hello.solo_base.epoch);
  if (mutant::active("PM3") && hello.prepared) epoch = std::numeric_limits<std::uint32_t>::max();
  auto index = hello.committed.position.index;
  // A prepared entry of an epoch that was overtaken by a solo epoch is no rank: it cannot have been acknowledged.
  if (hello.prepared && hello.prepared->position.epoch == epoch)
    index = std::max(index, hello.prepared->position.index);
  return {epoch, index, hello.committed.position.index};
}

}  // namespace duet
