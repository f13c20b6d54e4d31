// SPDX-License-Identifier: Apache-2.0
// CRC32C against its published vectors, and that one flipped bit is always seen.
#include "core/base/crc32c.hpp"

#include <catch2/catch.hpp>

using namespace duet;

TEST_CASE("crc32c: published vectors hold", "[base]") {
  CHECK(crc32c(as_bytes("123456789")) == 0xE3069283U);
  CHECK(crc32c(ByteView{}) == 0U);
  CHECK(crc32c(Bytes(32, 0x00)) == 0x8A9136AAU);  // RFC 3720 B.4
  CHECK(crc32c(Bytes(32, 0xFF)) == 0x62A8AB43U);
}

TEST_CASE("crc32c: any single flipped bit changes the sum", "[base][S15]") {
  Bytes data(48);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 37);
  const auto sum = crc32c(data);
  for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
    data[bit / 8] = static_cast<std::uint8_t>(data[bit / 8] ^ (1U << (bit % 8)));
    CHECK(crc32c(data) != sum);
    data[bit / 8] = static_cast<std::uint8_t>(data[bit / 8] ^ (1U << (bit % 8)));
  }
}
