// SPDX-License-Identifier: Apache-2.0
// What a decoder must hold to, whatever bytes it gets: no crash, and what it accepts has one form only. The same
// functions run under libFuzzer (preset `fuzz`) and, over the corpus in the tree, in every ordinary build (replay.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/invariant.hpp"

namespace duet::fuzz {

/// What was accepted is encoded; those bytes must be accepted too and must not change any more. The first encoding may
/// differ from the input: unknown fields of a later minor version are skipped.
template <class Value, class Decode>
void settles(const Value& value, Decode decode) {
  const Bytes once = encode(value);
  const auto again = decode(once);
  DUET_INVARIANT(again.has_value());
  DUET_INVARIANT(encode(*again) == once);
}

/// Either a value that settles, or an error that says what was refused and why.
template <class Decode>
void try_decoding(ByteView bytes, Decode decode) {
  const auto decoded = decode(bytes);
  if (decoded) {
    settles(*decoded, decode);
  } else {
    DUET_INVARIANT(!decoded.error().what.empty());
    DUET_INVARIANT(!decoded.error().why.empty());
  }
}

/// The input with a right envelope in front (core/codec/envelope.hpp), so that the fuzzer need not guess the length.
[[nodiscard]] inline Bytes with_envelope(std::uint16_t kind, ByteView body) {
  ByteWriter out;
  out.put_le(kind);
  out.put_le(std::uint8_t{1});
  out.put_le(std::uint8_t{0});
  out.put_le(static_cast<std::uint32_t>(body.size()));
  out.put(body);
  return out.take();
}

}  // namespace duet::fuzz

/// The entry point that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
