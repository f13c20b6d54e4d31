// SPDX-License-Identifier: Apache-2.0
// Orders between duetd and duet-execd in their envelope.
#include "core/codec/exec_codec.hpp"

#include "core/codec/envelope.hpp"
#include "core/codec/exec_wire.hpp"

namespace duet {

Bytes encode(const ExecRequest& request) {
  v1::ExecRequest wire;
  v1::put(wire, request);
  return v1::seal(v1::Kind::exec_request, wire);
}

Result<ExecRequest> decode_exec_request(ByteView bytes) {
  return v1::unseal<v1::ExecRequest, ExecRequest>(v1::Kind::exec_request, bytes, exec_body_max, "order to duet-execd");
}

std::optional<std::uint64_t> run_of_refused(ByteView bytes) {
  const auto body = v1::open_envelope(v1::Kind::exec_request, bytes, exec_body_max, "order to duet-execd");
  v1::ExecRequest wire;
  if (!body || !wire.ParseFromArray(body->data(), static_cast<int>(body->size()))) return std::nullopt;
  if (wire.has_run_agent()) return wire.run_agent().run();
  if (wire.has_run_fence_agent()) return wire.run_fence_agent().run();
  if (wire.has_query_metadata()) return wire.query_metadata().run();
  return std::nullopt;
}

Bytes encode(const ExecReply& reply) {
  v1::ExecReply wire;
  v1::put(wire, reply);
  return v1::seal(v1::Kind::exec_reply, wire);
}

Result<ExecReply> decode_exec_reply(ByteView bytes) {
  return v1::unseal<v1::ExecReply, ExecReply>(v1::Kind::exec_reply, bytes, exec_body_max, "reply of duet-execd");
}

}  // namespace duet
