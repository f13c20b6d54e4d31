// SPDX-License-Identifier: Apache-2.0
// FZ1: requests of the command line and replies to it, with their envelope and without.
#include "core/codec/ipc_codec.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace duet;
  const ByteView input{data, size};
  fuzz::try_decoding(input, decode_ipc_request);
  fuzz::try_decoding(input, decode_ipc_reply);
  static_cast<void>(ipc_request_number(input));
  const Bytes request = fuzz::with_envelope(0xD007, input);
  fuzz::try_decoding(request, decode_ipc_request);
  static_cast<void>(ipc_request_number(request));
  fuzz::try_decoding(fuzz::with_envelope(0xD008, input), decode_ipc_reply);
  return 0;
}
