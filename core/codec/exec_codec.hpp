// SPDX-License-Identifier: Apache-2.0
// Orders between duetd and duet-execd as bytes: the bodies of frames (docs/protocol/local-ipc.md); framing is the
// connection's. Pure; from any thread.
#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/message/exec.hpp"

namespace duet {

/// Longest body in either direction: 1 MiB of output (meta-data, list) and what stands around it; a welcome with the
/// kept runs of limits::resources resources stays below it.
inline constexpr std::size_t exec_body_max = limits::agent_output_large + 256 * 1024;

[[nodiscard]] Bytes encode(const ExecRequest& request);
/// Errors: Errc::malformed, Errc::limit; `why` names the field.
[[nodiscard]] Result<ExecRequest> decode_exec_request(ByteView bytes);

[[nodiscard]] Bytes encode(const ExecReply& reply);
/// As decode_exec_request().
[[nodiscard]] Result<ExecReply> decode_exec_reply(ByteView bytes);

}  // namespace duet
