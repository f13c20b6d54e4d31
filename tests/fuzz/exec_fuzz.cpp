// SPDX-License-Identifier: Apache-2.0
// Orders to duet-execd and its replies, with their envelope and without.
#include "core/codec/exec_codec.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace duet;
  const ByteView input{data, size};
  fuzz::try_decoding(input, decode_exec_request);
  fuzz::try_decoding(input, decode_exec_reply);
  fuzz::try_decoding(fuzz::with_envelope(0xD005, input), decode_exec_request);
  fuzz::try_decoding(fuzz::with_envelope(0xD006, input), decode_exec_reply);
  return 0;
}
