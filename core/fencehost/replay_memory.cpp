// SPDX-License-Identifier: Apache-2.0
// Two ordered sets, each with its order of age, so that the oldest can go when the room is full.
#include "core/fencehost/replay_memory.hpp"

#include <algorithm>

#include "core/base/crc32c.hpp"
#include "core/base/digest.hpp"
#include "core/base/invariant.hpp"

namespace duet::fencehost {

Fingerprint fingerprint_of(const xvm::Block& mac) {
  const Sha256 digest = sha256(mac);
  Fingerprint fingerprint{};
  std::copy_n(digest.begin(), fingerprint.size(), fingerprint.begin());
  return fingerprint;
}

Bytes encode_slot(const ReplaySlot& slot) {
  ByteWriter out;
  out.put_le(slot.number);
  out.put(slot.fingerprint);
  out.put_le(crc32c(out.bytes()));
  out.put_le(std::uint32_t{0});
  return out.take();
}

std::optional<ReplaySlot> decode_slot(ByteView bytes) {
  if (bytes.size() != replay_slot_bytes) return std::nullopt;
  ByteReader in{bytes};
  ReplaySlot slot;
  slot.number = in.get_le<std::uint64_t>();
  const ByteView fingerprint = in.get(slot.fingerprint.size());
  std::copy(fingerprint.begin(), fingerprint.end(), slot.fingerprint.begin());
  const auto crc = in.get_le<std::uint32_t>();
  const auto padding = in.get_le<std::uint32_t>();
  const bool whole = crc == crc32c(bytes.first(sizeof slot.number + slot.fingerprint.size()));
  // The largest number would leave none for the next slot.
  if (slot.number == 0 || slot.number == UINT64_MAX || !whole || padding != 0) return std::nullopt;
  return slot;
}

void ReplayMemory::restore(const ReplaySlot& slot) {
  last_number_ = std::max(last_number_, slot.number);
  if (lasting_.insert(slot.fingerprint).second) lasting_by_age_.emplace(slot.number, slot.fingerprint);
}

bool ReplayMemory::seen(const Fingerprint& fingerprint) const {
  return lasting_.contains(fingerprint) || passing_.contains(fingerprint);
}

ReplaySlot ReplayMemory::remember_for_ever(const Fingerprint& fingerprint) {
  DUET_INVARIANT(!seen(fingerprint));
  const ReplaySlot slot{++last_number_, fingerprint};
  restore(slot);
  while (lasting_.size() > lasting_room_) {
    lasting_.erase(lasting_by_age_.begin()->second);
    lasting_by_age_.erase(lasting_by_age_.begin());
  }
  return slot;
}

void ReplayMemory::remember(const Fingerprint& fingerprint) {
  DUET_INVARIANT(!seen(fingerprint));
  passing_.insert(fingerprint);
  passing_by_age_.push_back(fingerprint);
  if (passing_by_age_.size() > passing_room_) {
    passing_.erase(passing_by_age_.front());
    passing_by_age_.pop_front();
  }
}

}  // namespace duet::fencehost
