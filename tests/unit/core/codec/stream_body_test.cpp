// SPDX-License-Identifier: Apache-2.0
// Type numbers of the stream: each kind has its own, and it is the one that other versions know.
#include "core/codec/stream_body.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "tests/unit/core/codec/samples.hpp"

using namespace duet;

TEST_CASE("stream body: the type numbers are those of version 1.0", "[codec]") {
  std::map<std::string, int> numbers;
  for (const auto& [name, message] : test::sample_stream()) {
    numbers[name] = static_cast<int>(v1::stream_type(message.body));
  }
  CHECK(numbers == std::map<std::string, int>{{"hello", 1},
                                              {"snapshot-chunk", 2},
                                              {"tick", 3},
                                              {"join-report", 4},
                                              {"join-recorded", 5},
                                              {"order", 6},
                                              {"op-result", 7},
                                              {"propose", 8},
                                              {"prepared", 9},
                                              {"fence-report", 10},
                                              {"failure-expired", 12},
                                              {"leave-wanted", 13},
                                              {"clean-leave", 14},
                                              {"leave-recorded", 15},
                                              {"node-lost", 16},
                                              {"join-refused", 17},
                                              {"device-report", 18}});
}

TEST_CASE("stream body: a body is refused under the number of another kind", "[codec]") {
  const StreamBody order = Order{{5, 13, NodeId{1}}, "VIP", NodeId{4}, Action::start, {2, 41}, "why"};
  const Bytes bytes = v1::encode_stream_body(order, 4);
  const ByteView body = ByteView{bytes}.subspan(4);
  CHECK(ByteView{bytes}.first(4).front() == 0);
  v1::Check right;
  StreamBody out;
  v1::decode_stream_body(right, 6, body, out);
  CHECK(right.ok());
  v1::Check wrong;
  v1::decode_stream_body(wrong, 7, body, out);
  CHECK_FALSE(wrong.ok());
}

TEST_CASE("stream body: bytes that are no message are refused", "[codec]") {
  const Bytes bytes{0xFF, 0xFF, 0xFF};
  v1::Check check;
  StreamBody out;
  v1::decode_stream_body(check, 6, bytes, out);
  CHECK(check.error("message").why == "body: '' is not a message of this kind");
}
