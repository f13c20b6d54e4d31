// SPDX-License-Identifier: Apache-2.0
// Request datagrams: as they come, and signed with a key that the check knows, so that the fuzzer need not find a MAC.
#include <algorithm>

#include "core/xvm/request.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace duet;
using namespace duet::xvm;

const Secret& secret() {
  static const Secret key = std::move(*Secret::from_file(as_bytes("the key of the fuzzer, 32 bytes..")));
  return key;
}

void settle(ByteView datagram) {
  const auto request = decode_request(datagram);
  if (!request) {
    DUET_INVARIANT(!request.error().what.empty());
    return;
  }
  DUET_INVARIANT(request->domain.size() <= domain_length_max);
  const Datagram again = encode_request(*request, &secret());
  DUET_INVARIANT(verify_request(again, request->hash, &secret()) == MacVerdict::good);
  Request expected = *request;
  if (expected.hash == HashType::none) expected.random = {};
  DUET_INVARIANT(decode_request(again) == expected);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input{data, size};
  const MacVerdict verdict = verify_request(input, HashType::sha1, &secret());
  DUET_INVARIANT((verdict == MacVerdict::wrong_size) == (size != request_bytes));
  DUET_INVARIANT(verify_request(input, HashType::sha1, nullptr) != MacVerdict::good);
  settle(input);

  Datagram datagram{};
  std::copy_n(input.begin(), std::min(size, request_bytes), datagram.begin());
  std::fill(datagram.end() - sizeof(Block), datagram.end(), std::uint8_t{0});
  datagram[1] &= 3U;  // a hash type that exists
  const Block mac = secret().digest(HashType{datagram[1]}, datagram);
  std::copy(mac.begin(), mac.end(), datagram.end() - sizeof(Block));
  DUET_INVARIANT(verify_request(datagram, HashType::none, &secret()) == MacVerdict::good);
  settle(datagram);
  return 0;
}
