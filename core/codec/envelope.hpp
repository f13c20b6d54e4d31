// SPDX-License-Identifier: Apache-2.0
// The short header before everything of ours that is not a stream message: what it is, which version, how long. With it
// one kind cannot be taken for another, an unknown major version is refused, and a cut message is noticed.
//
//   offset 0  u16  kind (Kind)         all fields little-endian
//          2  u8   major version: another one is refused
//          3  u8   minor version: a newer one is accepted, its unknown fields are skipped
//          4  u32  length of the body, which is all the rest
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/codec/parts.hpp"

namespace duet::v1 {

/// Numbers on disk and between processes; never reused.
enum class Kind : std::uint16_t {
  config = 0xD001,
  entry = 0xD002,
  snapshot = 0xD003,
  record = 0xD004,
  exec_request = 0xD005,
  exec_reply = 0xD006,
  ipc_request = 0xD007,
  ipc_reply = 0xD008,
};

inline constexpr std::size_t envelope_size = 8;
inline constexpr std::uint8_t envelope_major = 1;
inline constexpr std::uint8_t envelope_minor = 0;

/// The body, if the envelope is right. `limit` is for the whole; `subject` names it in errors.
[[nodiscard]] Result<ByteView> open_envelope(Kind kind, ByteView bytes, std::size_t limit, std::string_view subject);

void write_envelope(Kind kind, std::size_t body_size, std::uint8_t* out);

/// Envelope and serialised message.
template <class Wire>
[[nodiscard]] Bytes seal(Kind kind, const Wire& wire) {
  const std::size_t size = wire.ByteSizeLong();
  Bytes out(envelope_size + size);
  write_envelope(kind, size, out.data());
  wire.SerializeWithCachedSizesToArray(out.data() + envelope_size);
  return out;
}

/// The value in an envelope, every field checked.
template <class Wire, class Value>
[[nodiscard]] Result<Value> unseal(Kind kind, ByteView bytes, std::size_t limit, std::string_view subject) {
  const Result<ByteView> body = open_envelope(kind, bytes, limit, subject);
  if (!body) return tl::unexpected<duet::Error>{body.error()};
  Check check;
  Value value;
  parse_and_take<Wire>(check, *body, value);
  if (!check.ok()) return tl::unexpected<duet::Error>{check.error(subject)};
  return value;
}

}  // namespace duet::v1
