// SPDX-License-Identifier: Apache-2.0
// Orders between duetd and duet-execd as bytes: the bodies of frames (docs/protocol/local-ipc.md); framing is the
// connection's. Pure; from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/message/exec.hpp"

namespace duet {

/// Longest body in either direction. The longest in use is a welcome: three kept runs for each of limits::resources
/// resources, with the longest reasons, need about 2 MiB (tested); output of an agent is at most 1 MiB.
inline constexpr std::size_t exec_body_max = 4 * limits::agent_output_large;

[[nodiscard]] Bytes encode(const ExecRequest& request);
/// Errors: Errc::malformed, Errc::limit; `why` names the field.
[[nodiscard]] Result<ExecRequest> decode_exec_request(ByteView bytes);
/// Number of the run that an order asks for which decode_exec_request() has refused: whoever gave it waits for its end.
/// Nothing if it asks for none, or cannot be read so far.
[[nodiscard]] std::optional<std::uint64_t> run_of_refused(ByteView bytes);

[[nodiscard]] Bytes encode(const ExecReply& reply);
/// As decode_exec_request().
[[nodiscard]] Result<ExecReply> decode_exec_reply(ByteView bytes);

}  // namespace duet
