// SPDX-License-Identifier: Apache-2.0
// What every codec must hold to, written once: round trip, no truncation accepted, no trailing byte accepted, and the
// vectors in the tree.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "core/base/bytes.hpp"
#include "tests/unit/core/codec/fields.hpp"
#include "tests/unit/core/codec/generate.hpp"

namespace duet::test {

/// encode, decode, compare every field, encode again: the same bytes. Returns the bytes.
template <class Value, class Decode>
Bytes round_trip(const Value& value, Decode decode) {
  const Bytes bytes = encode(value);
  const auto decoded = decode(bytes);
  if (!decoded) FAIL("refused: " << decoded.error().what << ": " << decoded.error().why);
  CHECK(same(*decoded, value));
  CHECK(encode(*decoded) == bytes);
  return bytes;
}

/// No shorter message, and none with a byte more, is accepted.
template <class Decode>
void refuses_other_lengths(const Bytes& bytes, Decode decode) {
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (decode(ByteView{bytes}.first(size))) ++accepted;
  }
  CHECK(accepted == 0);
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(decode(longer));
}

/// The reason for which `bytes` are refused; fails the test if they are not.
template <class Result>
std::string refusal(const Result& result) {
  if (result) {
    FAIL_CHECK("accepted");
    return {};
  }
  return result.error().why;
}

/// Compares with the line `name` of vectors/<file>. With DUET_REWRITE=1 in the environment the line is written instead:
/// commit that only if the format was meant to change, and raise its version.
void check_vector(const std::string& file, const std::string& name, const Bytes& bytes);

}  // namespace duet::test
