// SPDX-License-Identifier: Apache-2.0
// Which datagrams were seen before: those that change power for ever (V35; the owner persists them, slot by slot), all
// others for as long as there is room. The request has no time in it, so that remembering is the only way. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "core/base/bytes.hpp"
#include "core/xvm/secret.hpp"

namespace duet::fencehost {

/// 128 bits of the SHA-256 of a MAC: two different datagrams never share it, and the file tells no MAC.
using Fingerprint = std::array<std::uint8_t, 16>;
[[nodiscard]] Fingerprint fingerprint_of(const xvm::Block& mac);

inline constexpr std::size_t replay_slot_bytes = 32;
/// Room of the file: 8 MiB. A fencing leaves one slot for each address and repetition of its agent, about 10 in bad
/// times; somebody who fences every hour gets round after three years. Only holders of the key can write into it.
inline constexpr std::size_t replay_slots = 262'144;
/// Status, list, monitor: in memory only. At 100 a second this reaches back five minutes.
inline constexpr std::size_t short_memory = 32'768;

struct ReplaySlot {
  std::uint64_t number = 0;  ///< counts from 1; slot number n is at place (n - 1) % replay_slots
  Fingerprint fingerprint{};
  friend bool operator==(const ReplaySlot&, const ReplaySlot&) = default;
};

/// Number, fingerprint, CRC-32C, padding; replay_slot_bytes in all.
[[nodiscard]] Bytes encode_slot(const ReplaySlot& slot);
/// nullopt for an empty, torn or altered slot.
[[nodiscard]] std::optional<ReplaySlot> decode_slot(ByteView bytes);

class ReplayMemory {
 public:
  /// `lasting` and `passing`: how many are kept, > 0.
  explicit ReplayMemory(std::size_t lasting = replay_slots, std::size_t passing = short_memory)
      : lasting_room_{lasting}, passing_room_{passing} {}

  /// At start, in any order: what the file holds.
  void restore(const ReplaySlot& slot);

  [[nodiscard]] bool seen(const Fingerprint& fingerprint) const;
  /// A datagram that changes power. Returns the slot to be written. Precondition: not seen().
  [[nodiscard]] ReplaySlot remember_for_ever(const Fingerprint& fingerprint);
  /// Another valid datagram. Precondition: not seen().
  void remember(const Fingerprint& fingerprint);

  [[nodiscard]] std::size_t lasting() const { return lasting_.size(); }

 private:
  std::size_t lasting_room_;
  std::size_t passing_room_;
  std::uint64_t last_number_ = 0;
  std::set<Fingerprint> lasting_;
  std::set<std::pair<std::uint64_t, Fingerprint>> lasting_by_age_;
  std::set<Fingerprint> passing_;
  std::deque<Fingerprint> passing_by_age_;
};

}  // namespace duet::fencehost
