// SPDX-License-Identifier: Apache-2.0
// Requests of the command line to duetd and their replies as bytes: the bodies of frames (docs/protocol/local-ipc.md);
// framing is the connection's. Pure; from any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/message/ipc.hpp"

namespace duet {

/// Longest reply: a view of limits::resources resources, or 100 commits, is bounded by the same number as a snapshot.
inline constexpr std::size_t ipc_reply_max = limits::snapshot_total;

[[nodiscard]] Bytes encode(const IpcRequest& request);
/// At most limits::ipc_frame_admin bytes; the smaller bound of a reader is the server's to check.
/// Errors: Errc::malformed (not a request), Errc::invalid_argument (a value in it is refused: syntax, range, text),
/// Errc::limit; `why` names the field. With ipc_request_number() the server can answer even then.
[[nodiscard]] Result<IpcRequest> decode_ipc_request(ByteView bytes);
/// The number of a request whose decoding failed; 0 if not even that can be read.
[[nodiscard]] std::uint64_t ipc_request_number(ByteView bytes);

[[nodiscard]] Bytes encode(const IpcReply& reply);
/// At most ipc_reply_max bytes. Errors as decode_ipc_request().
[[nodiscard]] Result<IpcReply> decode_ipc_reply(ByteView bytes);

}  // namespace duet
