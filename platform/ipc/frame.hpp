// SPDX-License-Identifier: Apache-2.0
// Frames of the local sockets: 4 bytes length, little-endian, then the payload. Pure.
#pragma once

#include <cstddef>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace duet::ipc {

inline constexpr std::size_t frame_header = 4;

/// Header and payload. `payload` may not be empty and not be larger than 2^32-1 bytes.
[[nodiscard]] Bytes make_frame(ByteView payload);

/// Cuts what a stream socket delivers into payloads. Memory grows with what has arrived, never with what a length field
/// announces.
class FrameReader {
 public:
  /// `limit`: largest payload that is accepted, in bytes.
  explicit FrameReader(std::size_t limit) : limit_{limit} {}
  void set_limit(std::size_t limit) { limit_ = limit; }
  void feed(ByteView data) { buffer_.insert(buffer_.end(), data.begin(), data.end()); }
  /// The next whole payload, or nothing yet. Errors: malformed (length 0), limit (longer than allowed); the stream is
  /// then of no more use.
  [[nodiscard]] Result<std::optional<Bytes>> next();
  /// True in the middle of a frame.
  [[nodiscard]] bool partial() const { return buffer_.size() > at_; }

 private:
  std::size_t limit_;
  Bytes buffer_;
  std::size_t at_ = 0;  ///< bytes of buffer_ that were handed out already
};

}  // namespace duet::ipc
