// SPDX-License-Identifier: Apache-2.0
// What a starting daemon finds on its disk after a number of transactions. A torn transaction does not exist (SQLite's
// promise, protocol.md 10): the previous content is found. When they become durable is SimNode's affair.
#pragma once

#include "core/message/ledger.hpp"

namespace duet::sim {

/// Content of a store after a number of transactions: the same reduction that the real store does when it loads.
class StoreReducer {
 public:
  void apply(const StoreRecord& record);
  [[nodiscard]] const StoreImage& image() const { return image_; }

 private:
  void apply_one(const StoreEntry& record);
  void apply_one(const StoreCommitted& record);
  void apply_one(const StoreAbandon& record);
  void apply_one(const StoreJoin& record);
  void apply_one(const StoreEvidence& record);
  void apply_one(const StoreSolo& record);
  void apply_one(const StoreStopFailed& record);
  void apply_one(const StoreOverride& record);
  void apply_one(const StoreClearOverrides& record);
  void apply_one(const StoreFenceEvent& record);
  void apply_one(const StoreDevice& record);
  StoreImage image_;
};

}  // namespace duet::sim
