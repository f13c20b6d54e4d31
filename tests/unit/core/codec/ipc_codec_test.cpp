// SPDX-License-Identifier: Apache-2.0
// Requests of the command line and replies to it.
#include "core/codec/ipc_codec.hpp"

#include "tests/unit/core/codec/exchange.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("ipc codec: every request and reply comes back as it was", "[codec]") {
  Variation variation;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (std::size_t alternative = 0; alternative < std::variant_size_v<IpcRequestBody>; ++alternative) {
      CAPTURE(alternative, seed);
      const IpcRequest request = Generator{seed}.ipc_request(alternative);
      REQUIRE(request.body.index() == alternative);
      round_trip(request, decode_ipc_request);
      variation.see(request);
    }
    for (std::size_t alternative = 0; alternative < std::variant_size_v<IpcReplyBody>; ++alternative) {
      CAPTURE(alternative, seed);
      const IpcReply reply = Generator{seed}.ipc_reply(alternative);
      REQUIRE(reply.body.index() == alternative);
      round_trip(reply, decode_ipc_reply);
      variation.see(reply);
    }
  }
  CHECK(variation.never_varied() == std::vector<std::string>{});
}

TEST_CASE("ipc codec: lengths and bytes of every request and reply", "[codec]") {
  for (const auto& [name, request] : sample_ipc_requests()) {
    CAPTURE(name);
    const Bytes bytes = round_trip(request, decode_ipc_request);
    refuses_other_lengths(bytes, decode_ipc_request);
    check_vector("ipc.hex", "request-" + name, bytes);
  }
  for (const auto& [name, reply] : sample_ipc_replies()) {
    CAPTURE(name);
    const Bytes bytes = round_trip(reply, decode_ipc_reply);
    refuses_other_lengths(bytes, decode_ipc_reply);
    check_vector("ipc.hex", "reply-" + name, bytes);
  }
}

TEST_CASE("ipc codec: a refused value is the caller's mistake, damaged bytes are not a request", "[codec]") {
  IpcRequest request{41, AdminRequest{}};
  std::get<AdminRequest>(request.body).body = ClusterAction{MoveResource{"two words", NodeId{4}}};
  const Bytes bytes = encode(request);
  const auto refused = decode_ipc_request(bytes);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_argument);
  CHECK(refused.error().what == "request refused");
  CHECK(
      refused.error().why ==
      "admin.action.move_resource.id: 'two words' is not an id: a letter or '_', then letters, digits, '_', '.', '-'");
  CHECK(ipc_request_number(bytes) == 41);

  Bytes damaged = bytes;
  damaged[8] = 0xFF;
  const auto malformed = decode_ipc_request(damaged);
  REQUIRE_FALSE(malformed);
  CHECK(malformed.error().code == Errc::malformed);
  CHECK(ipc_request_number(damaged) == 0);
  CHECK(ipc_request_number({}) == 0);
}

TEST_CASE("ipc codec: a request above the frame of an administrator is refused", "[codec]") {
  const Bytes bytes(limits::ipc_frame_admin + 1);
  const auto refused = decode_ipc_request(bytes);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::limit);
}

TEST_CASE("ipc codec: nobody waits longer than the limit", "[codec]") {
  CHECK(decode_ipc_request(encode(IpcRequest{1, GetCluster{1, 30'000}})));
  CHECK(refusal(decode_ipc_request(encode(IpcRequest{1, GetCluster{1, 30'001}}))) ==
        "get_cluster.wait_ms: 30001 is not within 0 .. 30000");
}
