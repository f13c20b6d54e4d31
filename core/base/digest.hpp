// SPDX-License-Identifier: Apache-2.0
// Digests: SHA-256 where a chain or an identity depends on it, a quick 64-bit one for comparing states (S16).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace duet {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256(ByteView data);

/// Lower-case hexadecimal.
[[nodiscard]] std::string to_hex(ByteView data);

/// FNV-1a over everything that is added, in order. For comparing, never for security. Length is mixed in with strings,
/// so that ("ab","c") and ("a","bc") differ.
class QuickDigest {
 public:
  void add(std::uint64_t number) {
    for (int i = 0; i < 8; ++i) add_byte(static_cast<std::uint8_t>(number >> (8 * i)));
  }
  void add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    for (const char c : text) add_byte(static_cast<std::uint8_t>(c));
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  void add_byte(std::uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001B3ULL; }
  std::uint64_t value_ = 0xCBF29CE484222325ULL;
};

}  // namespace duet
