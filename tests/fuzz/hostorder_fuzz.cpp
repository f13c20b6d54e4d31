// SPDX-License-Identifier: Apache-2.0
// Between the two halves of duet-virtd: orders, replies; and the slots of the replay file.
#include "core/fencehost/power_wire.hpp"
#include "core/fencehost/replay_memory.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace duet;
  using namespace duet::fencehost;
  const ByteView input{data, size};
  fuzz::try_decoding(input, decode_order);
  fuzz::try_decoding(input, decode_power_reply);
  if (const auto slot = decode_slot(input)) {
    const Bytes again = encode_slot(*slot);
    DUET_INVARIANT(Bytes(input.begin(), input.end()) == again);
  }
  return 0;
}
