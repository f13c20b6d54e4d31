// SPDX-License-Identifier: Apache-2.0
// The snapshot in its envelope.
#include "core/codec/snapshot_codec.hpp"

#include "core/base/limits.hpp"
#include "core/codec/envelope.hpp"
#include "core/codec/replica_wire.hpp"

namespace duet {

Bytes encode(const Snapshot& snapshot) {
  v1::Snapshot wire;
  put(wire, snapshot);
  return v1::seal(v1::Kind::snapshot, wire);
}

Result<Snapshot> decode_snapshot(ByteView bytes) {
  return v1::unseal<v1::Snapshot, Snapshot>(v1::Kind::snapshot, bytes, limits::snapshot_total, "snapshot");
}

}  // namespace duet
