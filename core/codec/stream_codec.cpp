// SPDX-License-Identifier: Apache-2.0
// Header of the stream: written and read by field; its layout is the table in docs/protocol/stream.md.
#include "core/codec/stream_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/crc32c.hpp"
#include "core/base/digest.hpp"
#include "core/base/invariant.hpp"
#include "core/codec/stream_body.hpp"

namespace duet {

namespace {

constexpr std::array<std::uint8_t, 4> magic{'D', 'U', 'E', 'T'};
constexpr std::size_t boot_size = 32;
constexpr std::size_t crc_offset = 76;
constexpr std::size_t crc_size = 4;
static_assert(crc_offset + crc_size == stream_header_size);

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

/// 32 raw bytes of a boot id; zeros stand for an unknown one (no SHA-256 is zero).
std::array<std::uint8_t, boot_size> raw_boot(const BootId& boot) {
  std::array<std::uint8_t, boot_size> raw{};
  const std::string& text = boot.get();
  if (text.empty()) return raw;
  DUET_INVARIANT(text.size() == 2 * boot_size);
  for (std::size_t i = 0; i < boot_size; ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    DUET_INVARIANT(high >= 0 && low >= 0);
    raw[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return raw;
}

BootId boot_from_raw(ByteView raw) {
  if (std::all_of(raw.begin(), raw.end(), [](std::uint8_t byte) { return byte == 0; })) return BootId{};
  return BootId{to_hex(raw)};
}

/// Over everything, with the field of the checksum itself taken as zero.
std::uint32_t checksum(Bytes message) {
  std::fill_n(message.begin() + crc_offset, crc_size, std::uint8_t{0});
  return crc32c(message);
}

tl::unexpected<Error> refused(Errc code, std::string why) {
  return fail(code, "stream message refused", std::move(why));
}

}  // namespace

Bytes encode(const StreamMessage& message) {
  Bytes out = v1::encode_stream_body(message.body, stream_header_size);
  DUET_INVARIANT(out.size() - stream_header_size <= std::numeric_limits<std::uint32_t>::max());
  ByteWriter header;
  header.put(magic);
  header.put_le(stream_major);
  header.put_le(stream_minor);
  header.put_le(static_cast<std::uint16_t>(v1::stream_type(message.body)));
  header.put_le(std::uint16_t{0});  // flags
  header.put_le(static_cast<std::uint32_t>(out.size() - stream_header_size));
  header.put_le(message.sender.get());
  header.put(raw_boot(message.incarnation.boot));
  header.put_le(message.incarnation.start);
  header.put_le(message.sequence);
  header.put_le(message.ring);
  header.put_le(message.epoch);
  DUET_INVARIANT(header.bytes().size() == crc_offset);
  std::copy(header.bytes().begin(), header.bytes().end(), out.begin());
  const std::uint32_t crc = crc32c(out);  // the field is still zero
  for (std::size_t i = 0; i < crc_size; ++i) out[crc_offset + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  return out;
}

Result<StreamMessage> decode_stream(ByteView bytes) {
  if (bytes.size() < stream_header_size) {
    return refused(Errc::malformed, fmt::format("length: {} bytes are less than a header", bytes.size()));
  }
  if (bytes.size() > stream_message_max) {
    return refused(Errc::limit, fmt::format("length: {} is above the limit of {}", bytes.size(), stream_message_max));
  }
  ByteReader in{bytes};
  if (!std::ranges::equal(in.get(magic.size()), magic)) return refused(Errc::malformed, "magic: not a Duet message");
  const auto major = in.get_le<std::uint16_t>();
  static_cast<void>(in.get_le<std::uint16_t>());  // minor: any is accepted, unknown fields are skipped
  const auto type = in.get_le<std::uint16_t>();
  const auto flags = in.get_le<std::uint16_t>();
  const auto body_size = in.get_le<std::uint32_t>();
  StreamMessage message;
  message.sender = NodeId{in.get_le<std::uint32_t>()};
  message.incarnation.boot = boot_from_raw(in.get(boot_size));
  message.incarnation.start = in.get_le<std::uint32_t>();
  message.sequence = in.get_le<std::uint64_t>();
  message.ring = in.get_le<std::uint64_t>();
  message.epoch = in.get_le<std::uint32_t>();
  const auto crc = in.get_le<std::uint32_t>();
  DUET_INVARIANT(in.ok());
  if (major != stream_major) {
    return refused(Errc::malformed,
                   fmt::format("major version: {} is not known here, only {} is", major, stream_major));
  }
  if (body_size != in.rest().size()) {
    return refused(Errc::malformed,
                   fmt::format("length: {} bytes of body announced, {} there", body_size, in.rest().size()));
  }
  if (crc != checksum(Bytes{bytes.begin(), bytes.end()})) return refused(Errc::malformed, "checksum: damaged message");
  if (flags != 0) return refused(Errc::malformed, fmt::format("flags: {:#06x} are not known here", flags));
  if (message.sender.get() == 0) return refused(Errc::malformed, "sender: 0 is not a node id");
  v1::Check check;
  v1::decode_stream_body(check, type, in.rest(), message.body);
  if (!check.ok()) return tl::unexpected<Error>{check.error("stream message")};
  return message;
}

}  // namespace duet
