// SPDX-License-Identifier: Apache-2.0
// FZ10: records of the store, commits and snapshots. The first byte of the input is the type number of the record.
#include "core/codec/config_codec.hpp"
#include "core/codec/ledger_codec.hpp"
#include "core/codec/snapshot_codec.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace duet;
  if (size == 0) return 0;
  const ByteView input = ByteView{data, size}.subspan(1);
  const auto record = [type = std::uint16_t{data[0]}](ByteView bytes) { return decode_record(type, bytes); };
  fuzz::try_decoding(input, record);
  fuzz::try_decoding(input, decode_entry);
  fuzz::try_decoding(input, decode_config);
  fuzz::try_decoding(input, decode_snapshot);
  fuzz::try_decoding(fuzz::with_envelope(0xD001, input), decode_config);
  fuzz::try_decoding(fuzz::with_envelope(0xD002, input), decode_entry);
  fuzz::try_decoding(fuzz::with_envelope(0xD003, input), decode_snapshot);
  fuzz::try_decoding(fuzz::with_envelope(0xD004, input), record);
  const Result<ConfigEntry> entry = decode_entry(input);
  if (entry) {  // a commit is accepted under its own hash only
    ConfigEntry other = *entry;
    other.hash = entry_hash(other);
    DUET_INVARIANT(verify_entry(other));
    DUET_INVARIANT(verify_entry(*entry).has_value() == (entry->hash == other.hash));
  }
  return 0;
}
