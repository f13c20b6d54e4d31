// SPDX-License-Identifier: Apache-2.0
// One overload for each alternative of StoreRecord.
#include "platform/store/record_writer.hpp"

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/limits.hpp"
#include "core/codec/ledger_codec.hpp"
#include "platform/store/store_file.hpp"
#include "platform/store/store_image.hpp"

namespace duet {
namespace {

class RecordWriter {
 public:
  RecordWriter(Rows& rows, const StoreRecord& record) : rows_{rows}, record_{record} {}

  Result<void> operator()(const StoreEntry& record) { return put(Table::entries, entry_key(record.entry.position)); }

  Result<void> operator()(const StoreCommitted&) {
    if (auto done = put(Table::marks, mark::committed); !done) return done;
    // Here is a configuration that both nodes, or the evidence, vouch for: what an earlier damage took is replaced.
    if (auto done = rows_.erase(Table::marks, mark::damaged); !done) return done;
    return rows_.keep_newest(Table::entries, StoreFile::history, Rows::Order::by_key);
  }

  Result<void> operator()(const StoreAbandon& record) {
    std::string damage;
    auto entries = rows_.read(Table::entries, Rows::Order::by_key, damage);
    if (!entries) return tl::unexpected{entries.error()};
    const std::string above = entry_key(record.above);
    for (const Row& row : *entries) {
      if (row.key <= above) continue;
      if (auto done = rows_.put(Table::abandoned, fmt::format("{}/{}", row.key, row.sequence), row.body); !done) {
        return done;
      }
      if (auto done = rows_.erase(Table::entries, row.key); !done) return done;
    }
    return rows_.keep_newest(Table::abandoned, StoreFile::history, Rows::Order::by_age);
  }

  Result<void> operator()(const StoreJoin& record) {
    // Evidence of before this join says nothing about what the boot runs from now on.
    const auto prefix = fmt::format("{}/{}/", record.node.get(), record.incarnation.boot.get());
    std::string damage;
    auto evidence = rows_.read(Table::evidence, Rows::Order::by_key, damage);
    if (!evidence) return tl::unexpected{evidence.error()};
    for (const Row& row : *evidence) {
      if (!row.key.starts_with(prefix)) continue;
      if (auto done = rows_.erase(Table::evidence, row.key); !done) return done;
    }
    return put(Table::joins, fmt::format("{:010}", record.node.get()));
  }

  Result<void> operator()(const StoreEvidence& record) {
    const Evidence& evidence = record.evidence;
    if (auto done =
            put(Table::evidence, fmt::format("{}/{}/{}", evidence.node.get(), evidence.boot.get(), evidence.id));
        !done) {
      return done;
    }
    return rows_.keep_newest(Table::evidence, StoreFile::evidence_kept, Rows::Order::by_age);
  }

  Result<void> operator()(const StoreSolo&) { return put(Table::marks, mark::solo); }

  Result<void> operator()(const StoreStopFailed& record) {
    const std::string key = fmt::format("{}/{}", record.boot.get(), record.resource);
    return record.failed ? put(Table::stop_failed, key) : rows_.erase(Table::stop_failed, key);
  }

  Result<void> operator()(const StoreOverride&) {
    const Bytes body = encode(record_);
    return rows_.put(Table::overrides, to_hex(sha256(body)), body);
  }

  Result<void> operator()(const StoreClearOverrides&) {
    return rows_.keep_newest(Table::overrides, 0, Rows::Order::by_age);
  }

  Result<void> operator()(const StoreFenceEvent& record) {
    if (auto done = put(Table::fence_events, record.event.id); !done) return done;
    return rows_.keep_newest(Table::fence_events, limits::fencing_history, Rows::Order::by_age);
  }

  Result<void> operator()(const StoreDevice& record) {
    const std::string key = mark::device + record.device;
    return record.verified ? put(Table::marks, key) : rows_.erase(Table::marks, key);
  }

 private:
  Result<void> put(Table table, const std::string& key) { return rows_.put(table, key, encode(record_)); }

  Rows& rows_;
  const StoreRecord& record_;
};

}  // namespace

Result<void> write_record(Rows& rows, const StoreRecord& record) {
  return std::visit(RecordWriter{rows, record}, record);
}

bool is_configuration(const StoreRecord& record) {
  return std::holds_alternative<StoreEntry>(record) || std::holds_alternative<StoreOverride>(record);
}

}  // namespace duet
