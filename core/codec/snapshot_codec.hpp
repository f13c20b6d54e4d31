// SPDX-License-Identifier: Apache-2.0
// The snapshot that a joiner adopts, as bytes; cutting it into chunks is the replica's job. Pure; from any thread.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/message/stream.hpp"

namespace duet {

/// Equal snapshots give equal bytes.
[[nodiscard]] Bytes encode(const Snapshot& snapshot);
/// At most limits::snapshot_total bytes. The chain of `entries` is not verified here: see verify_chain().
/// Errors: Errc::malformed, Errc::limit; `why` names the field.
[[nodiscard]] Result<Snapshot> decode_snapshot(ByteView bytes);

}  // namespace duet
