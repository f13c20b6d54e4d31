// SPDX-License-Identifier: Apache-2.0
// See frame.hpp.
#include "platform/ipc/frame.hpp"

#include <fmt/core.h>

#include <limits>

#include "core/base/invariant.hpp"

namespace duet::ipc {

Bytes make_frame(ByteView payload) {
  DUET_INVARIANT(!payload.empty() && payload.size() <= std::numeric_limits<std::uint32_t>::max());
  ByteWriter writer;
  writer.put_le(static_cast<std::uint32_t>(payload.size()));
  writer.put(payload);
  return writer.take();
}

Result<std::optional<Bytes>> FrameReader::next() {
  const ByteView pending = ByteView{buffer_}.subspan(at_);
  if (pending.size() < frame_header) return std::optional<Bytes>{};
  ByteReader reader{pending};
  const std::size_t size = reader.get_le<std::uint32_t>();
  if (size == 0) return fail(Errc::malformed, "frame of length 0");
  if (size > limit_) {
    return fail(Errc::limit, fmt::format("frame of {} bytes is longer than the allowed {}", size, limit_));
  }
  if (pending.size() - frame_header < size) return std::optional<Bytes>{};
  const ByteView payload = pending.subspan(frame_header, size);
  Bytes out{payload.begin(), payload.end()};
  at_ += frame_header + size;
  if (at_ == buffer_.size()) {
    buffer_.clear();
    if (buffer_.capacity() > 64 * 1024) buffer_.shrink_to_fit();
    at_ = 0;
  } else if (at_ > 64 * 1024) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
  }
  return std::optional<Bytes>{std::move(out)};
}

}  // namespace duet::ipc
