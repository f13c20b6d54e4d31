// SPDX-License-Identifier: Apache-2.0
// Table-driven CRC32C, one byte at a time: messages are small, and no instruction set is assumed.
#include "core/base/crc32c.hpp"

#include <array>

namespace duet {

namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  constexpr std::uint32_t reflected_polynomial = 0x82F63B78U;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1U) != 0 ? reflected_polynomial : 0U);
    table[byte] = value;
  }
  return table;
}

constexpr auto table = make_table();

}  // namespace

std::uint32_t crc32c(ByteView data) {
  std::uint32_t value = 0xFFFFFFFFU;
  for (const std::uint8_t byte : data) value = (value >> 8) ^ table[(value ^ byte) & 0xFFU];
  return value ^ 0xFFFFFFFFU;
}

}  // namespace duet
