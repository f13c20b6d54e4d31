// SPDX-License-Identifier: Apache-2.0
// Bodies of stream messages: type numbers, and model <-> generated messages.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/codec/check.hpp"
#include "core/message/stream.hpp"

namespace duet::v1 {

/// Numbers in the header; never reused.
enum class StreamType : std::uint16_t {
  hello = 1,
  snapshot_chunk = 2,
  tick = 3,
  join_report = 4,
  join_recorded = 5,
  order = 6,
  op_result = 7,
  propose = 8,
  prepared = 9,
  fence_report = 10,
  failure_expired = 12,
  leave_wanted = 13,
  clean_leave = 14,
  leave_recorded = 15,
  node_lost = 16,
  join_refused = 17,
  device_report = 18,
};

[[nodiscard]] StreamType stream_type(const StreamBody& body);

/// The body's bytes behind `room` bytes for the header, which are left zero.
[[nodiscard]] Bytes encode_stream_body(const StreamBody& body, std::size_t room);

/// `type` as the header has it. What is wrong is told to `check`.
void decode_stream_body(Check& check, std::uint16_t type, ByteView bytes, StreamBody& out);

}  // namespace duet::v1
