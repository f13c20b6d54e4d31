// SPDX-License-Identifier: Apache-2.0
// What waits to be handed to corosync while it refuses with "try again" (A7): in order, bounded (S22). Pure.
#pragma once

#include <cstddef>
#include <deque>

#include "core/base/bytes.hpp"

namespace duet::corosync {

class SendQueue {
 public:
  /// corosync refuses for some tens of milliseconds while a ring forms; the core sends a few messages in that time.
  /// Ten seconds of a full-speed snapshot fit in here.
  static constexpr std::size_t max_messages = 4096;
  static constexpr std::size_t max_bytes = std::size_t{32} * 1024 * 1024;

  /// False: full, the message was not taken.
  [[nodiscard]] bool push(Bytes message) {
    if (messages_.size() >= max_messages || message.size() > max_bytes - bytes_) return false;
    bytes_ += message.size();
    messages_.push_back(std::move(message));
    return true;
  }
  [[nodiscard]] bool empty() const { return messages_.empty(); }
  [[nodiscard]] std::size_t size() const { return messages_.size(); }
  [[nodiscard]] const Bytes& front() const { return messages_.front(); }
  void pop() {
    bytes_ -= messages_.front().size();
    messages_.pop_front();
  }
  void clear() {
    messages_.clear();
    bytes_ = 0;
  }

 private:
  std::deque<Bytes> messages_;
  std::size_t bytes_ = 0;
};

}  // namespace duet::corosync
