// SPDX-License-Identifier: Apache-2.0
// The stream: what is sent is what arrives, and nothing else is accepted.
#include "core/codec/stream_codec.hpp"

#include "core/base/crc32c.hpp"
#include "tests/unit/core/codec/exchange.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using namespace duet::test;

namespace {

/// Puts a right checksum on a changed message, so that the field behind it is what decides.
Bytes with_checksum(Bytes bytes) {
  std::fill_n(bytes.begin() + 76, 4, std::uint8_t{0});
  const std::uint32_t crc = crc32c(bytes);
  for (std::size_t i = 0; i < 4; ++i) bytes[76 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  return bytes;
}

Bytes tick() {
  StreamMessage message;
  message.sender = NodeId{1};
  message.sequence = 1;
  message.body = Tick{.number = 1, .digest_sender = NodeId{}, .digest_number = 0, .digest = 0};
  return encode(message);
}

Bytes changed(std::size_t offset, std::uint8_t value) {
  Bytes bytes = tick();
  bytes[offset] = value;
  return with_checksum(bytes);
}

}  // namespace

TEST_CASE("stream codec: every message comes back as it was sent", "[codec]") {
  Variation variation;
  for (std::size_t alternative = 0; alternative < std::variant_size_v<StreamBody>; ++alternative) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      CAPTURE(alternative, seed);
      const StreamMessage message = Generator{seed}.stream(alternative);
      REQUIRE(message.body.index() == alternative);
      round_trip(message, decode_stream);
      variation.see(message);
    }
  }
  CHECK(variation.never_varied() == std::vector<std::string>{});
}

TEST_CASE("stream codec: a shorter or longer message is refused", "[codec]") {
  for (const auto& [name, message] : sample_stream()) {
    CAPTURE(name);
    refuses_other_lengths(encode(message), decode_stream);
  }
}

TEST_CASE("stream codec: one flipped bit anywhere is noticed", "[codec]") {
  for (const auto& [name, message] : sample_stream()) {
    CAPTURE(name);
    Bytes bytes = encode(message);
    std::size_t accepted = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
      bytes[bit / 8] ^= mask;
      if (decode_stream(bytes)) ++accepted;
      bytes[bit / 8] ^= mask;
    }
    CHECK(accepted == 0);
    CHECK(decode_stream(bytes));
  }
}

TEST_CASE("stream codec: the bytes are those of the vectors", "[codec]") {
  for (const auto& [name, message] : sample_stream())
    check_vector("stream.hex", name, round_trip(message, decode_stream));
}

TEST_CASE("stream codec: an unknown major version is refused with its number, an unknown minor one accepted",
          "[codec]") {
  CHECK(refusal(decode_stream(changed(4, 2))) == "major version: 2 is not known here, only 1 is");
  CHECK(decode_stream(changed(6, 9)));
}

TEST_CASE("stream codec: a foreign header is refused by the field that is wrong", "[codec]") {
  struct Row {
    const char* name;
    std::size_t offset;
    std::uint8_t value;
    const char* why;
  };
  const auto row = GENERATE(values<Row>({
      {"magic", 0, 'X', "magic: not a Duet message"},
      {"type 0", 8, 0, "type: '0' is not a known message type"},
      {"type of a later version", 8, 200, "type: '200' is not a known message type"},
      {"flags", 10, 1, "flags: 0x0001 are not known here"},
      {"body length", 12, 99, "length: 99 bytes of body announced, 2 there"},
      {"sender", 16, 0, "sender: 0 is not a node id"},
  }));
  CAPTURE(row.name);
  CHECK(refusal(decode_stream(changed(row.offset, row.value))) == row.why);
}

TEST_CASE("stream codec: a field that a later minor version added is skipped", "[codec]") {
  StreamMessage message;
  message.sender = NodeId{1};
  message.body = Tick{.number = 3, .digest_sender = NodeId{}, .digest_number = 0, .digest = 0};
  Bytes bytes = encode(message);
  bytes.insert(bytes.end(), {0xF8, 0x07, 0x2A});  // field 127, varint 42
  bytes[12] = static_cast<std::uint8_t>(bytes.size() - stream_header_size);
  const auto decoded = decode_stream(with_checksum(bytes));
  REQUIRE(decoded);
  CHECK(std::get<Tick>(decoded->body).number == 3);
}

TEST_CASE("stream codec: a body above the limit is refused, one at the limit is not", "[codec]") {
  StreamMessage message;
  message.sender = NodeId{1};
  JoinReport report;
  while (encode(message).size() < stream_message_max) {
    report.stop_failed.push_back("r" + std::string(61, 'x'));  // 64 bytes each, with tag and length
    message.body = report;
  }
  Bytes bytes = encode(message);
  REQUIRE(bytes.size() == stream_message_max);
  CHECK(decode_stream(bytes));
  report.stop_failed.push_back("r");
  message.body = report;
  const auto refused = decode_stream(encode(message));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::limit);
}

TEST_CASE("stream codec: a chunk above the size of chunks is refused", "[codec]") {
  StreamMessage message;
  message.sender = NodeId{1};
  SnapshotChunk chunk{NodeId{1}, 1, 0, 40'000, std::string(64, 'a'), Bytes(limits::snapshot_chunk, 7)};
  message.body = chunk;
  CHECK(decode_stream(encode(message)));
  chunk.data.push_back(7);
  message.body = chunk;
  CHECK(refusal(decode_stream(encode(message))) == "data: 32769 is above the limit of 32768");
  chunk.data.resize(10);
  chunk.total = 9;
  message.body = chunk;
  CHECK(refusal(decode_stream(encode(message))) == "offset: 10 is above the limit of 9");
}

TEST_CASE("stream codec: an order, a result and a tick cost microseconds, not milliseconds", "[codec]") {
  // Wall-clock time of a loaded machine says little; instructions of a sanitizer build say nothing. So the bound here
  // is loose and only catches a blunder (quadratic work, a megabyte allocated); the figure itself is measured by
  // tools/bench.
  const auto samples = sample_stream();
  const auto begin = std::chrono::steady_clock::now();
  constexpr int rounds = 1000;
  std::size_t decoded = 0;
  for (int i = 0; i < rounds; ++i) {
    for (const auto& [name, message] : samples) {
      if (name == "order" || name == "op-result" || name == "tick") decoded += decode_stream(encode(message)) ? 1U : 0U;
    }
  }
  CHECK(decoded == 3 * rounds);
  const auto each = (std::chrono::steady_clock::now() - begin) / (3 * rounds);
  CHECK(each < std::chrono::microseconds{500});
}
