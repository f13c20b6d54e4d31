// SPDX-License-Identifier: Apache-2.0
// Records of the store as bytes with a type number (docs/protocol/store.md). Row digests and their chain are the
// store's. Pure; from any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/message/ledger.hpp"

namespace duet {

/// Numbers on disk; never reused.
enum class RecordType : std::uint16_t {
  entry = 1,
  committed = 2,
  abandon = 3,
  join = 4,
  evidence = 5,
  solo = 6,
  stop_failed = 7,
  override_request = 8,
  clear_overrides = 9,
  fence_event = 10,
  device = 11,
};

[[nodiscard]] RecordType record_type(const StoreRecord& record);
/// For logs and tools.
[[nodiscard]] std::string_view to_string(RecordType type);

/// The record without its type number, which is kept beside it.
[[nodiscard]] Bytes encode(const StoreRecord& record);
/// `type` as it was read from disk. Errors: Errc::malformed (unknown type, damaged; `why` names the field),
/// Errc::limit.
[[nodiscard]] Result<StoreRecord> decode_record(std::uint16_t type, ByteView bytes);

}  // namespace duet
