// SPDX-License-Identifier: Apache-2.0
// Snapshots: the joiner gets exactly the donor's state.
#include "core/codec/snapshot_codec.hpp"

#include "core/base/limits.hpp"
#include "tests/unit/core/codec/exchange.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("snapshot codec: every snapshot comes back as it was", "[codec]") {
  Variation variation;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const Snapshot snapshot = Generator{seed}.snapshot();
    round_trip(snapshot, decode_snapshot);
    variation.see(snapshot);
  }
  CHECK(variation.never_varied() == std::vector<std::string>{});
}

TEST_CASE("snapshot codec: the state of the copy has the same digest", "[codec][S16]") {
  const Snapshot snapshot{{}, {}, sample_state()};
  const auto copy = decode_snapshot(encode(snapshot));
  REQUIRE(copy);
  CHECK(copy->state.digest() == snapshot.state.digest());
}

TEST_CASE("snapshot codec: a shorter or longer snapshot is refused, the bytes are those of the vector", "[codec]") {
  const Snapshot snapshot{{sample_entry()}, {2, 30}, sample_state()};
  const Bytes bytes = round_trip(snapshot, decode_snapshot);
  refuses_other_lengths(bytes, decode_snapshot);
  check_vector("snapshot.hex", "snapshot", bytes);
}

TEST_CASE("snapshot codec: one above the total limit is refused before it is parsed", "[codec]") {
  const Bytes bytes(limits::snapshot_total + 1);
  const auto refused = decode_snapshot(bytes);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::limit);
}
