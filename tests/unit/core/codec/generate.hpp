// SPDX-License-Identifier: Apache-2.0
// Random but valid messages, from a seed: equal seeds give equal messages on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/message/exec.hpp"
#include "core/message/ipc.hpp"
#include "core/message/ledger.hpp"
#include "core/message/stream.hpp"

namespace duet::test {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_{seed} {}

  /// 0 <= result < bound.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::uint64_t next();
  bool flip() { return below(2) == 0; }

  ClusterConfig config();
  ConfigEntry entry();
  ClusterState state();
  AdminRequest request();
  AdminReply reply();
  Snapshot snapshot();
  /// Alternative `index` of the variant; all of them in turn make the whole.
  StreamMessage stream(std::size_t index);
  StoreRecord record(std::size_t index);
  ExecRequest exec_request(std::size_t index);
  ExecReply exec_reply(std::size_t index);
  IpcRequest ipc_request(std::size_t index);
  IpcReply ipc_reply(std::size_t index);

 private:
  template <class T, class Make>
  std::optional<T> maybe(Make make) {
    if (flip()) return std::nullopt;
    return std::optional<T>{make()};
  }
  template <class T, class Make>
  std::vector<T> list(std::uint64_t max, Make make, std::uint64_t min = 0) {
    std::vector<T> out;
    for (std::uint64_t n = min + below(max - min + 1); n > 0; --n) out.push_back(make());
    return out;
  }
  template <class Enum>
  Enum pick();

  std::uint32_t u32() { return static_cast<std::uint32_t>(next() >> (32 + below(31))); }
  std::uint64_t u64() { return next() >> below(63); }
  std::int64_t wall_time() { return static_cast<std::int64_t>(below(253'402'300'799'999)); }
  std::int64_t milliseconds() { return static_cast<std::int64_t>(below(1'000'000'000)); }
  std::string id();
  std::string text();
  std::string name();
  std::string digest();
  BootId boot() { return flip() ? BootId{digest()} : BootId{}; }
  NodeId node() { return NodeId{1 + (u32() >> 1)}; }
  Duration duration() { return Duration{static_cast<std::int64_t>(below(315'532'800'000'000'000))}; }
  Score score() { return Score{static_cast<std::int64_t>(below(2'000'001)) - 1'000'000}; }
  std::vector<ObjectId> ids() {
    return list<ObjectId>(3, [this] { return id(); });
  }
  Attributes attributes();

  AgentRef agent();
  Operation operation();
  Primitive primitive();
  Group group();
  LocationConstraint location();
  ColocationConstraint colocation();
  OrderConstraint order();
  FenceDevice device();
  FenceLevel level();
  Node cluster_node();
  ConfigPosition position() { return {.epoch = u32(), .index = u64()}; }
  Incarnation incarnation() { return {.boot = boot(), .start = u32()}; }
  OpId op_id() { return {.epoch = u32(), .sequence = 1 + (u32() >> 1), .giver = node()}; }
  OpId maybe_op_id() { return flip() ? op_id() : OpId{}; }
  OpOutcome outcome();
  ResourceOnNode on_node();
  std::vector<FailureRecord> failure_records();
  Evidence evidence();
  NodeState node_state();
  FenceEvent fence_event();
  GroupPlace place();
  ConfigEdit edit(std::size_t index);
  ClusterAction action(std::size_t index);
  RunAgent run_agent();
  KeptRun kept_run();
  DeviceSeen device_seen();
  ClusterView view();
  HistoryItem history_item();
  Hello hello();
  SnapshotChunk chunk();

  std::uint64_t state_;
};

}  // namespace duet::test
