// SPDX-License-Identifier: Apache-2.0
// Store records: what was written is what is read, under its own number.
#include "core/codec/ledger_codec.hpp"

#include <set>

#include "tests/unit/core/codec/exchange.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using namespace duet::test;

namespace {

auto decoder(const StoreRecord& record) {
  return
      [type = static_cast<std::uint16_t>(record_type(record))](ByteView bytes) { return decode_record(type, bytes); };
}

}  // namespace

TEST_CASE("ledger codec: every record comes back as it was", "[codec]") {
  Variation variation;
  for (std::size_t alternative = 0; alternative < std::variant_size_v<StoreRecord>; ++alternative) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      CAPTURE(alternative, seed);
      const StoreRecord record = Generator{seed}.record(alternative);
      REQUIRE(record.index() == alternative);
      round_trip(record, decoder(record));
      variation.see(record);
    }
  }
  CHECK(variation.never_varied() == std::vector<std::string>{});
}

TEST_CASE("ledger codec: lengths, numbers, names and bytes of every record", "[codec]") {
  std::set<RecordType> types;
  for (const auto& [name, record] : sample_records()) {
    CAPTURE(name);
    const Bytes bytes = round_trip(record, decoder(record));
    refuses_other_lengths(bytes, decoder(record));
    check_vector("ledger.hex", name, bytes);
    CHECK(to_string(record_type(record)) == name);
    types.insert(record_type(record));
  }
  CHECK(types.size() == std::variant_size_v<StoreRecord>);
}

TEST_CASE("ledger codec: an unknown type of record is refused", "[codec]") {
  const Bytes bytes = encode(StoreRecord{StoreClearOverrides{}});
  CHECK(refusal(decode_record(0, bytes)) == "type: '0' is not a known type of record");
  CHECK(refusal(decode_record(999, bytes)) == "type: '999' is not a known type of record");
}
