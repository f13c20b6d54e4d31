// SPDX-License-Identifier: Apache-2.0
// The queue of messages that corosync does not take yet: order and bounds.
#include "platform/corosync/send_queue.hpp"

#include <catch2/catch.hpp>

namespace duet::corosync {
namespace {

TEST_CASE("send queue: keeps the order", "[corosync][A7]") {
  SendQueue queue;
  CHECK(queue.empty());
  CHECK(queue.push({1}));
  CHECK(queue.push({2}));
  CHECK(queue.front() == Bytes{1});
  queue.pop();
  CHECK(queue.front() == Bytes{2});
  CHECK(queue.size() == 1);
}

TEST_CASE("send queue: takes a bounded number of messages and bytes", "[corosync][S22]") {
  SendQueue queue;
  for (std::size_t i = 0; i < SendQueue::max_messages; ++i) REQUIRE(queue.push({1}));
  CHECK_FALSE(queue.push({1}));
  queue.clear();
  CHECK(queue.push(Bytes(SendQueue::max_bytes - 1)));
  CHECK_FALSE(queue.push(Bytes(2)));
  CHECK(queue.push(Bytes(1)));
  queue.pop();
  CHECK(queue.push(Bytes(SendQueue::max_bytes - 1)));
}

}  // namespace
}  // namespace duet::corosync
