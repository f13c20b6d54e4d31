// SPDX-License-Identifier: Apache-2.0
// Requests of the command line and replies to it, in their envelope.
#include "core/codec/ipc_codec.hpp"

#include "core/codec/envelope.hpp"
#include "core/codec/ipc_wire.hpp"

namespace duet {

namespace {

template <class Wire, class Value>
Result<Value> open_ipc(v1::Kind kind, ByteView bytes, std::size_t limit, std::string_view subject) {
  const Result<ByteView> body = v1::open_envelope(kind, bytes, limit, subject);
  if (!body) return tl::unexpected<Error>{body.error()};
  Wire wire;
  if (!wire.ParseFromArray(body->data(), static_cast<int>(body->size()))) {
    v1::Check check;
    check.refuse("body", {}, "a message of this kind");
    return tl::unexpected<Error>{check.error(subject)};
  }
  v1::Check check{Errc::invalid_argument};
  Value value;
  take(check, wire, value);
  if (!check.ok()) return tl::unexpected<Error>{check.error(subject)};
  return value;
}

}  // namespace

Bytes encode(const IpcRequest& request) {
  v1::IpcRequest wire;
  v1::put(wire, request);
  return v1::seal(v1::Kind::ipc_request, wire);
}

Result<IpcRequest> decode_ipc_request(ByteView bytes) {
  return open_ipc<v1::IpcRequest, IpcRequest>(v1::Kind::ipc_request, bytes, limits::ipc_frame_admin, "request");
}

std::uint64_t ipc_request_number(ByteView bytes) {
  const Result<ByteView> body = v1::open_envelope(v1::Kind::ipc_request, bytes, limits::ipc_frame_admin, "request");
  v1::IpcRequest wire;
  if (!body || !wire.ParseFromArray(body->data(), static_cast<int>(body->size()))) return 0;
  return wire.number();
}

Bytes encode(const IpcReply& reply) {
  v1::IpcReply wire;
  v1::put(wire, reply);
  return v1::seal(v1::Kind::ipc_reply, wire);
}

Result<IpcReply> decode_ipc_reply(ByteView bytes) {
  return open_ipc<v1::IpcReply, IpcReply>(v1::Kind::ipc_reply, bytes, ipc_reply_max, "reply");
}

}  // namespace duet
