// SPDX-License-Identifier: Apache-2.0
// What was seen stays seen: in memory, and over the file's form.
#include "core/fencehost/replay_memory.hpp"

#include <catch2/catch.hpp>

namespace duet::fencehost {

namespace {

Fingerprint mark(std::uint8_t number) {
  xvm::Block mac{};
  mac[0] = number;
  return fingerprint_of(mac);
}

}  // namespace

TEST_CASE("replay_memory: power requests are remembered, and again after a restart", "[fencehost][V35]") {
  ReplayMemory memory;
  CHECK_FALSE(memory.seen(mark(1)));
  const ReplaySlot first = memory.remember_for_ever(mark(1));
  const ReplaySlot second = memory.remember_for_ever(mark(2));
  CHECK(memory.seen(mark(1)));
  CHECK(first.number == 1);
  CHECK(second.number == 2);
  ReplayMemory restarted;
  restarted.restore(second);
  restarted.restore(first);
  CHECK(restarted.seen(mark(1)));
  CHECK(restarted.seen(mark(2)));
  CHECK(restarted.remember_for_ever(mark(3)).number == 3);
}

TEST_CASE("replay_memory: the room is bounded, the oldest goes", "[fencehost][S22]") {
  ReplayMemory memory{3, 2};
  for (std::uint8_t i = 1; i <= 4; ++i) static_cast<void>(memory.remember_for_ever(mark(i)));
  CHECK_FALSE(memory.seen(mark(1)));
  CHECK(memory.seen(mark(2)));
  CHECK(memory.lasting() == 3);
  for (std::uint8_t i = 11; i <= 13; ++i) memory.remember(mark(i));
  CHECK_FALSE(memory.seen(mark(11)));
  CHECK(memory.seen(mark(12)));
  CHECK(memory.seen(mark(13)));
}

TEST_CASE("replay_memory: a slot reads back, and a damaged one is none", "[fencehost][FZ10]") {
  const ReplaySlot slot{77, mark(9)};
  const Bytes bytes = encode_slot(slot);
  REQUIRE(bytes.size() == replay_slot_bytes);
  CHECK(decode_slot(bytes) == slot);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes damaged = bytes;
      damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ (1U << bit));
      CHECK_FALSE(decode_slot(damaged));
    }
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_slot(ByteView{bytes}.first(size)));
  CHECK_FALSE(decode_slot(Bytes(replay_slot_bytes, 0)));
}

}  // namespace duet::fencehost
