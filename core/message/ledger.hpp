// SPDX-License-Identifier: Apache-2.0
// What a node writes to its disk, and what it finds there when it starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/message/admin.hpp"
#include "core/model/config.hpp"
#include "core/model/state.hpp"

namespace duet {

/// Durable, not yet committed. Replaces an earlier prepared entry of the same position.
struct StoreEntry {
  ConfigEntry entry;
};
/// Every entry up to this one is committed.
struct StoreCommitted {
  ConfigPosition position;
};
/// A prepared or committed tail that lost: kept for people, no longer part of the chain.
struct StoreAbandon {
  ConfigPosition above;
};
/// This boot of a node has joined (join ledger); replaces the earlier boot of that node, and removes evidence against
/// this boot: it may run things again (it came back after a clean leave, say).
struct StoreJoin {
  NodeId node;
  Incarnation incarnation;
};
struct StoreEvidence {
  Evidence evidence;
};
/// A solo epoch was opened: commits continue as (epoch, base.index+1 ...). It goes on over a restart of duetd in the
/// boot that opened it, as long as the evidence that opened it stands.
struct StoreSolo {
  std::uint32_t epoch = 0;
  ConfigPosition base;
  BootId boot;           ///< the own boot that opened it; empty: the epoch was taken over from the other node
  std::string evidence;  ///< id of the Evidence that opened it; empty with `boot`
};
struct StoreStopFailed {
  ObjectId resource;
  BootId boot;
  bool failed = true;  ///< false: cleared by evidence
};
/// Emergency command given while the peer was lost (S3b): node-local until it can be committed.
struct StoreOverride {
  AdminRequest request;
};
struct StoreClearOverrides {};
struct StoreFenceEvent {
  FenceEvent event;
};

/// S18: the fence device has been verified at least once; `verified` false: it was deleted.
struct StoreDevice {
  ObjectId device;
  bool verified = true;
};

using StoreRecord = std::variant<StoreEntry, StoreCommitted, StoreAbandon, StoreJoin, StoreEvidence, StoreSolo,
                                 StoreStopFailed, StoreOverride, StoreClearOverrides, StoreFenceEvent, StoreDevice>;

/// The content of the store at start, verified (digests and chain). `damaged` is never empty when something was wrong.
struct StoreImage {
  std::vector<ConfigEntry> entries;  ///< the chain, ascending, committed and prepared; at most the newest 100
  ConfigPosition committed;
  StoreSolo solo;                  ///< the newest; epoch 0 if there was none
  std::vector<StoreJoin> joins;    ///< one for each node
  std::vector<Evidence> evidence;  ///< newest last
  std::vector<StoreStopFailed> stop_failed;
  std::vector<AdminRequest> overrides;
  std::vector<FenceEvent> fencing;
  std::vector<ObjectId> verified_devices;  ///< ascending
  std::string damaged;
};

}  // namespace duet
