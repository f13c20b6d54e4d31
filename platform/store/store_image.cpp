// SPDX-License-Identifier: Apache-2.0
// Row after row, with what is damaged named.
#include "platform/store/store_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/codec/config_codec.hpp"
#include "core/codec/ledger_codec.hpp"

namespace duet {
namespace {

/// Reads tables into typed records and collects what is wrong.
class Reader {
 public:
  Reader(Rows& rows, std::string& damage) : rows_{rows}, damage_{damage} {}

  template <class Record>
  Result<std::vector<Record>> all(Table table, Rows::Order order, RecordType type) {
    auto rows = rows_.read(table, order, damage_);
    if (!rows) return tl::unexpected{rows.error()};
    std::vector<Record> records;
    for (const Row& row : *rows) {
      if (auto record = one<Record>(table, row, type)) records.push_back(std::move(*record));
    }
    return records;
  }

  template <class Record>
  std::optional<Record> one(Table table, const Row& row, RecordType type) {
    auto record = decode_record(static_cast<std::uint16_t>(type), row.body);
    if (record) {
      if (auto* const wanted = std::get_if<Record>(&*record)) return std::move(*wanted);
    }
    damage_ += fmt::format("row {} of {} cannot be read: {}; ", row.sequence, to_string(table),
                           record ? "another kind of record" : record.error().why);
    return std::nullopt;
  }

 private:
  Rows& rows_;
  std::string& damage_;
};

/// Every committed entry must link to the one before it; a prepared one need not, because another may replace its
/// predecessor. What does not fit is left out with everything committed after it.
void verify_entries(StoreImage& image) {
  const auto named = [](const ConfigEntry& entry) {
    return fmt::format("commit {}.{}", entry.position.epoch, entry.position.index);
  };
  std::vector<ConfigEntry> good;
  for (ConfigEntry& entry : image.entries) {
    if (const auto verified = verify_entry(entry); !verified) {
      image.damaged += named(entry) + " does not match its hash; ";
      continue;
    }
    const bool linked = good.empty() || good.back().hash == entry.previous_hash;
    if (!linked && entry.position <= image.committed) {
      image.damaged += named(entry) + " does not follow the one before it; ";
      break;
    }
    good.push_back(std::move(entry));
  }
  image.entries = std::move(good);
  if (image.committed == ConfigPosition{}) return;
  const auto newest = std::find_if(image.entries.begin(), image.entries.end(),
                                   [&image](const ConfigEntry& entry) { return entry.position == image.committed; });
  if (newest != image.entries.end()) return;
  image.damaged += fmt::format("commit {}.{} is missing; ", image.committed.epoch, image.committed.index);
  image.committed = {};
  for (const ConfigEntry& entry : image.entries) image.committed = std::max(image.committed, entry.position);
}

Result<void> read_marks(Rows& rows, Reader& reader, LoadedImage& loaded) {
  StoreImage& image = loaded.image;
  auto marks = rows.read(Table::marks, Rows::Order::by_key, image.damaged);
  if (!marks) return tl::unexpected{marks.error()};
  for (const Row& row : *marks) {
    if (row.key == mark::committed) {
      if (const auto found = reader.one<StoreCommitted>(Table::marks, row, RecordType::committed)) {
        image.committed = found->position;
      }
    } else if (row.key == mark::solo) {
      if (const auto found = reader.one<StoreSolo>(Table::marks, row, RecordType::solo)) image.solo = *found;
    } else if (row.key.starts_with(mark::device)) {
      if (const auto found = reader.one<StoreDevice>(Table::marks, row, RecordType::device)) {
        image.verified_devices.push_back(found->device);
      }
    } else if (row.key == mark::damaged) {
      loaded.known.assign(row.body.begin(), row.body.end());
    }
  }
  return {};
}

}  // namespace

std::string entry_key(ConfigPosition position) {
  return fmt::format("{:010}.{:020}", position.epoch, position.index);
}

Result<LoadedImage> read_image(Rows& rows) {
  LoadedImage loaded;
  StoreImage& image = loaded.image;
  Reader reader{rows, image.damaged};
  if (auto done = read_marks(rows, reader, loaded); !done) return tl::unexpected{done.error()};
  auto entries = reader.all<StoreEntry>(Table::entries, Rows::Order::by_key, RecordType::entry);
  if (!entries) return tl::unexpected{entries.error()};
  for (StoreEntry& entry : *entries) image.entries.push_back(std::move(entry.entry));
  verify_entries(image);
  auto joins = reader.all<StoreJoin>(Table::joins, Rows::Order::by_key, RecordType::join);
  if (!joins) return tl::unexpected{joins.error()};
  image.joins = std::move(*joins);
  auto evidence = reader.all<StoreEvidence>(Table::evidence, Rows::Order::by_age, RecordType::evidence);
  if (!evidence) return tl::unexpected{evidence.error()};
  for (StoreEvidence& one : *evidence) image.evidence.push_back(std::move(one.evidence));
  auto stops = reader.all<StoreStopFailed>(Table::stop_failed, Rows::Order::by_age, RecordType::stop_failed);
  if (!stops) return tl::unexpected{stops.error()};
  image.stop_failed = std::move(*stops);
  auto overrides = reader.all<StoreOverride>(Table::overrides, Rows::Order::by_age, RecordType::override_request);
  if (!overrides) return tl::unexpected{overrides.error()};
  for (StoreOverride& one : *overrides) image.overrides.push_back(std::move(one.request));
  auto events = reader.all<StoreFenceEvent>(Table::fence_events, Rows::Order::by_age, RecordType::fence_event);
  if (!events) return tl::unexpected{events.error()};
  for (StoreFenceEvent& one : *events) image.fencing.push_back(std::move(one.event));
  const auto content = rows.count_content();
  if (!content) return tl::unexpected{content.error()};
  if (*content != rows.state().content) image.damaged += "rows are missing or came back; ";
  return loaded;
}

std::vector<StoreRecord> records_of(const StoreImage& image) {
  std::vector<StoreRecord> records;
  for (const ConfigEntry& entry : image.entries) records.emplace_back(StoreEntry{entry});
  if (image.committed != ConfigPosition{}) records.emplace_back(StoreCommitted{image.committed});
  if (image.solo.epoch != 0) records.emplace_back(image.solo);
  for (const StoreJoin& join : image.joins) records.emplace_back(join);
  for (const Evidence& evidence : image.evidence) records.emplace_back(StoreEvidence{evidence});
  for (const StoreStopFailed& stop : image.stop_failed) records.emplace_back(stop);
  for (const AdminRequest& request : image.overrides) records.emplace_back(StoreOverride{request});
  for (const FenceEvent& event : image.fencing) records.emplace_back(StoreFenceEvent{event});
  for (const ObjectId& device : image.verified_devices) records.emplace_back(StoreDevice{device, true});
  return records;
}

}  // namespace duet
