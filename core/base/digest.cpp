// SPDX-License-Identifier: Apache-2.0
// SHA-256 by OpenSSL, and hexadecimal text.
#include "core/base/digest.hpp"

#include <openssl/sha.h>

namespace duet {

Sha256 sha256(ByteView data) {
  Sha256 out{};
  SHA256(data.data(), data.size(), out.data());
  return out;
}

std::string to_hex(ByteView data) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(data.size() * 2);
  for (const std::uint8_t byte : data) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 0x0FU]);
  }
  return text;
}

}  // namespace duet
