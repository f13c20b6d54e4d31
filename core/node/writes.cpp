// SPDX-License-Identifier: Apache-2.0
// What must reach the disk, whatever it says now: written in order, one after the other, again until it is there.
#include "core/node/impl.hpp"

namespace duet {

void NodeCore::Impl::owe(std::vector<StoreRecord> records, std::function<void()> then) {
  owed_.push_back({std::move(records), std::move(then)});
  write_owed();
}

void NodeCore::Impl::owe_chain(std::vector<StoreRecord> records) {
  ++chain_writes_owed_;
  owe(std::move(records), [this] { --chain_writes_owed_; });
}

void NodeCore::Impl::write_owed() {
  if (owed_.empty() || owed_in_flight_ || (owed_retry_ && now_ < *owed_retry_)) return;
  owed_in_flight_ = true;
  persist(owed_.front().records, [this](bool ok, const std::string& error) {
    owed_in_flight_ = false;
    if (!ok) {
      if (!owed_retry_) log(Level::error, "the disk refuses what must be stored; it is tried again: " + error);
      owed_retry_ = now_ + write_retry;
      return;
    }
    owed_retry_.reset();
    const auto then = std::move(owed_.front().then);
    owed_.pop_front();
    if (then) then();
    write_owed();
  });
}

void NodeCore::Impl::maintain_writes() {
  write_owed();
  if (owed_retry_) wake_at(*owed_retry_);
}

}  // namespace duet
