// SPDX-License-Identifier: Apache-2.0
// Reading and writing of the short header, by field.
#include "core/codec/envelope.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/invariant.hpp"

namespace duet::v1 {

Result<ByteView> open_envelope(Kind kind, ByteView bytes, std::size_t limit, std::string_view subject) {
  const auto refused = [&](Errc code, std::string why) {
    return fail(code, fmt::format("{} refused", subject), std::move(why));
  };
  if (bytes.size() > limit) {
    return refused(Errc::limit, fmt::format("length: {} is above the limit of {}", bytes.size(), limit));
  }
  ByteReader in{bytes};
  const auto found_kind = in.get_le<std::uint16_t>();
  const auto major = in.get_le<std::uint8_t>();
  static_cast<void>(in.get_le<std::uint8_t>());  // minor: any is accepted
  const auto length = in.get_le<std::uint32_t>();
  if (!in.ok()) return refused(Errc::malformed, fmt::format("length: {} is less than a header", bytes.size()));
  if (found_kind != static_cast<std::uint16_t>(kind)) {
    return refused(Errc::malformed, fmt::format("kind: {:#06x} is not {:#06x}", found_kind, static_cast<int>(kind)));
  }
  if (major != envelope_major) {
    return refused(Errc::malformed,
                   fmt::format("major version: {} is not known here, only {} is", major, envelope_major));
  }
  if (length != in.rest().size()) {
    return refused(Errc::malformed, fmt::format("length: {} bytes announced, {} there", length, in.rest().size()));
  }
  return in.rest();
}

void write_envelope(Kind kind, std::size_t body_size, std::uint8_t* out) {
  DUET_INVARIANT(body_size <= std::numeric_limits<std::uint32_t>::max());
  ByteWriter header;
  header.put_le(static_cast<std::uint16_t>(kind));
  header.put_le(envelope_major);
  header.put_le(envelope_minor);
  header.put_le(static_cast<std::uint32_t>(body_size));
  DUET_INVARIANT(header.bytes().size() == envelope_size);
  std::copy(header.bytes().begin(), header.bytes().end(), out);
}

}  // namespace duet::v1
