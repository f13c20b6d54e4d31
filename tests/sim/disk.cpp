// SPDX-License-Identifier: Apache-2.0
// From records to the image that a starting daemon finds.
#include "tests/sim/disk.hpp"

#include <algorithm>
#include <variant>

namespace duet::sim {

namespace {
constexpr std::size_t entries_kept = 100;  // ledger.hpp: at most the newest 100
}  // namespace

void StoreReducer::apply(const StoreRecord& record) {
  std::visit([this](const auto& one) { apply_one(one); }, record);
}

void StoreReducer::apply_one(const StoreEntry& record) {
  auto& entries = image_.entries;
  const auto place =
      std::lower_bound(entries.begin(), entries.end(), record.entry.position,
                       [](const ConfigEntry& entry, const ConfigPosition& at) { return entry.position < at; });
  if (place != entries.end() && place->position == record.entry.position) {
    *place = record.entry;
  } else {
    entries.insert(place, record.entry);
  }
  if (entries.size() > entries_kept) entries.erase(entries.begin());
}

void StoreReducer::apply_one(const StoreCommitted& record) {
  image_.committed = record.position;
}

void StoreReducer::apply_one(const StoreAbandon& record) {
  std::erase_if(image_.entries, [&](const ConfigEntry& entry) { return entry.position > record.above; });
  image_.committed = std::min(image_.committed, record.above);
}

void StoreReducer::apply_one(const StoreJoin& record) {
  // Evidence of before this join says nothing about what the boot runs from now on.
  std::erase_if(image_.evidence, [&](const Evidence& evidence) {
    return evidence.node == record.node && evidence.boot == record.incarnation.boot;
  });
  std::erase_if(image_.joins, [&](const StoreJoin& join) { return join.node == record.node; });
  image_.joins.push_back(record);
}

void StoreReducer::apply_one(const StoreEvidence& record) {
  std::erase_if(image_.evidence, [&](const Evidence& evidence) { return evidence.id == record.evidence.id; });
  image_.evidence.push_back(record.evidence);
}

void StoreReducer::apply_one(const StoreSolo& record) {
  image_.solo = record;
}

void StoreReducer::apply_one(const StoreStopFailed& record) {
  std::erase_if(image_.stop_failed, [&](const StoreStopFailed& mark) {
    return mark.resource == record.resource && mark.boot == record.boot;
  });
  if (record.failed) image_.stop_failed.push_back(record);
}

void StoreReducer::apply_one(const StoreOverride& record) {
  image_.overrides.push_back(record.request);
}

void StoreReducer::apply_one(const StoreClearOverrides&) {
  image_.overrides.clear();
}

void StoreReducer::apply_one(const StoreFenceEvent& record) {
  auto& fencing = image_.fencing;
  const auto same = std::find_if(fencing.begin(), fencing.end(),
                                 [&](const FenceEvent& event) { return event.id == record.event.id; });
  if (same != fencing.end()) {
    *same = record.event;
  } else {
    fencing.push_back(record.event);
  }
}

void StoreReducer::apply_one(const StoreDevice& record) {
  std::erase(image_.verified_devices, record.device);
  if (record.verified) image_.verified_devices.push_back(record.device);
}

}  // namespace duet::sim
