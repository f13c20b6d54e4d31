// SPDX-License-Identifier: Apache-2.0
// Messages of the replicated stream as bytes (docs/protocol/stream.md). Pure; from any thread.
#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/message/stream.hpp"

namespace duet {

/// Bytes before the body: fixed-width little-endian fields, see docs/protocol/stream.md.
inline constexpr std::size_t stream_header_size = 80;
/// Longest message that decode_stream() accepts. Header and body; a snapshot chunk fits with room to spare.
inline constexpr std::size_t stream_message_max = stream_header_size + limits::stream_body;

/// Never fails. A message that is too long, or holds values that decode_stream() refuses, would be refused by every
/// receiver: whoever proposes something large (a configuration edit) compares size() with stream_message_max first.
/// `incarnation.boot` is 64 lower-case hexadecimal digits or empty (DUET_INVARIANT).
[[nodiscard]] Bytes encode(const StreamMessage& message);

/// Checks magic, version, length, CRC32C and every field of the body. Errors: Errc::malformed (damaged, foreign,
/// unknown major version or type; `why` names the field), Errc::limit (longer than a bound allows).
[[nodiscard]] Result<StreamMessage> decode_stream(ByteView bytes);

}  // namespace duet
