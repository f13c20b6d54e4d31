// SPDX-License-Identifier: Apache-2.0
// FZ4: header and bodies of the stream. The input is tried as it is, and once more with magic, version, length and
// checksum put right, which chance would hardly find.
#include <algorithm>

#include "core/base/crc32c.hpp"
#include "core/codec/stream_codec.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace duet;

void put_le(Bytes& bytes, std::size_t offset, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

Bytes repaired(ByteView input) {
  Bytes bytes{input.begin(), input.end()};
  std::copy_n("DUET", 4, bytes.begin());
  put_le(bytes, 4, stream_major);
  put_le(bytes, 12, static_cast<std::uint32_t>(bytes.size() - stream_header_size));
  put_le(bytes, 76, 0);
  put_le(bytes, 76, crc32c(bytes));
  return bytes;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input{data, size};
  fuzz::try_decoding(input, decode_stream);
  if (size >= stream_header_size) fuzz::try_decoding(repaired(input), decode_stream);
  return 0;
}
