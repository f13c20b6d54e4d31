// SPDX-License-Identifier: Apache-2.0
// Comparing messages field by field, for structs that have no operator== and to notice what a generator never varies.
// The number of fields of each struct is written down here: a field that is added to a message breaks this build until
// codec, generator and this list know it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <typeinfo>
#include <variant>
#include <vector>

#include "core/message/exec.hpp"
#include "core/message/ipc.hpp"
#include "core/message/ledger.hpp"
#include "core/message/stream.hpp"

namespace duet::test {

template <class T>
inline constexpr std::size_t field_count = 0;
#define DUET_FIELDS(type, count) \
  template <>                    \
  inline constexpr std::size_t field_count<type> = count
DUET_FIELDS(AgentRef, 3);
DUET_FIELDS(Operation, 7);
DUET_FIELDS(Primitive, 5);
DUET_FIELDS(Group, 3);
DUET_FIELDS(LocationConstraint, 4);
DUET_FIELDS(ColocationConstraint, 4);
DUET_FIELDS(OrderConstraint, 7);
DUET_FIELDS(FenceDevice, 5);
DUET_FIELDS(FenceLevel, 3);
DUET_FIELDS(Node, 3);
DUET_FIELDS(ClusterConfig, 12);
DUET_FIELDS(ConfigPosition, 2);
DUET_FIELDS(ConfigEntry, 7);
DUET_FIELDS(Incarnation, 2);
DUET_FIELDS(OpId, 3);
DUET_FIELDS(OpOutcome, 6);
DUET_FIELDS(PendingOp, 3);
DUET_FIELDS(FailureRecord, 4);
DUET_FIELDS(MayRun, 2);
DUET_FIELDS(ResourceOnNode, 9);
DUET_FIELDS(ResourceState, 4);
DUET_FIELDS(Evidence, 6);
DUET_FIELDS(NodeState, 11);
DUET_FIELDS(FenceEvent, 11);
DUET_FIELDS(PreparedEntry, 4);
DUET_FIELDS(DeviceSeen, 3);
DUET_FIELDS(DeviceState, 2);
DUET_FIELDS(ClusterState, 9);
DUET_FIELDS(GroupPlace, 3);
DUET_FIELDS(CreateResource, 2);
DUET_FIELDS(UpdateResource, 4);
DUET_FIELDS(RemoveOperation, 3);
DUET_FIELDS(DeleteObjects, 2);
DUET_FIELDS(GroupAdd, 2);
DUET_FIELDS(GroupRemove, 2);
DUET_FIELDS(AddLocation, 1);
DUET_FIELDS(AddColocation, 1);
DUET_FIELDS(AddOrder, 1);
DUET_FIELDS(DeleteConstraints, 1);
DUET_FIELDS(ClearResource, 2);
DUET_FIELDS(SetAttributes, 2);
DUET_FIELDS(SetNodeAttributes, 2);
DUET_FIELDS(CreateDevice, 1);
DUET_FIELDS(AddLevel, 1);
DUET_FIELDS(DeleteLevels, 3);
DUET_FIELDS(InitCluster, 2);
DUET_FIELDS(MoveResource, 2);
DUET_FIELDS(CleanupResource, 4);
DUET_FIELDS(FenceNode, 2);
DUET_FIELDS(ConfirmFenced, 1);
DUET_FIELDS(ClearFenceHistory, 1);
DUET_FIELDS(AdminRequest, 7);
DUET_FIELDS(Error, 4);
DUET_FIELDS(AdminReply, 4);
DUET_FIELDS(ChainLink, 2);
DUET_FIELDS(Hello, 10);
DUET_FIELDS(SnapshotChunk, 6);
DUET_FIELDS(Snapshot, 3);
DUET_FIELDS(Tick, 4);
DUET_FIELDS(ReportedOp, 5);
DUET_FIELDS(ReportedFailures, 3);
DUET_FIELDS(JoinReport, 4);
DUET_FIELDS(JoinRecorded, 2);
DUET_FIELDS(Order, 6);
DUET_FIELDS(OpResult, 6);
DUET_FIELDS(Propose, 2);
DUET_FIELDS(Prepared, 3);
DUET_FIELDS(JoinRefused, 2);
DUET_FIELDS(FenceReport, 1);
DUET_FIELDS(FailureExpired, 2);
DUET_FIELDS(CleanLeave, 2);
DUET_FIELDS(LeaveRecorded, 2);
DUET_FIELDS(NodeLost, 2);
DUET_FIELDS(DeviceReport, 3);
DUET_FIELDS(StreamMessage, 6);
DUET_FIELDS(StoreEntry, 1);
DUET_FIELDS(StoreCommitted, 1);
DUET_FIELDS(StoreAbandon, 1);
DUET_FIELDS(StoreJoin, 2);
DUET_FIELDS(StoreEvidence, 1);
DUET_FIELDS(StoreSolo, 4);
DUET_FIELDS(StoreStopFailed, 3);
DUET_FIELDS(StoreOverride, 1);
DUET_FIELDS(StoreFenceEvent, 1);
DUET_FIELDS(StoreDevice, 2);
DUET_FIELDS(ExecHello, 2);
DUET_FIELDS(RunAgent, 12);
DUET_FIELDS(CancelRun, 1);
DUET_FIELDS(AckResult, 1);
DUET_FIELDS(RunFenceAgent, 5);
DUET_FIELDS(WatchResource, 3);
DUET_FIELDS(UnwatchResource, 1);
DUET_FIELDS(ForgetResource, 2);
DUET_FIELDS(RebootNow, 1);
DUET_FIELDS(QueryMetadata, 2);
DUET_FIELDS(KeptRun, 6);
DUET_FIELDS(ExecWelcome, 4);
DUET_FIELDS(RunBegun, 1);
DUET_FIELDS(RunEnded, 3);
DUET_FIELDS(ResourceHint, 2);
DUET_FIELDS(GetCluster, 2);
DUET_FIELDS(GetHistory, 1);
DUET_FIELDS(IpcRequest, 2);
DUET_FIELDS(FencingProgress, 6);
DUET_FIELDS(DeviceHealth, 6);
DUET_FIELDS(Finding, 4);
DUET_FIELDS(ClusterView, 17);
DUET_FIELDS(HistoryItem, 6);
DUET_FIELDS(HistoryReply, 1);
DUET_FIELDS(IpcReply, 2);
#undef DUET_FIELDS

/// References to all fields. A wrong number in the list above does not compile here.
template <class T>
auto fields(const T& value) {
  constexpr std::size_t n = field_count<T>;
  static_assert(n >= 1 && n <= 17, "not in the list above");
  if constexpr (n == 1) {
    const auto& [a] = value;
    return std::tie(a);
  } else if constexpr (n == 2) {
    const auto& [a, b] = value;
    return std::tie(a, b);
  } else if constexpr (n == 3) {
    const auto& [a, b, c] = value;
    return std::tie(a, b, c);
  } else if constexpr (n == 4) {
    const auto& [a, b, c, d] = value;
    return std::tie(a, b, c, d);
  } else if constexpr (n == 5) {
    const auto& [a, b, c, d, e] = value;
    return std::tie(a, b, c, d, e);
  } else if constexpr (n == 6) {
    const auto& [a, b, c, d, e, f] = value;
    return std::tie(a, b, c, d, e, f);
  } else if constexpr (n == 7) {
    const auto& [a, b, c, d, e, f, g] = value;
    return std::tie(a, b, c, d, e, f, g);
  } else if constexpr (n == 8) {
    const auto& [a, b, c, d, e, f, g, h] = value;
    return std::tie(a, b, c, d, e, f, g, h);
  } else if constexpr (n == 9) {
    const auto& [a, b, c, d, e, f, g, h, i] = value;
    return std::tie(a, b, c, d, e, f, g, h, i);
  } else if constexpr (n == 10) {
    const auto& [a, b, c, d, e, f, g, h, i, j] = value;
    return std::tie(a, b, c, d, e, f, g, h, i, j);
  } else if constexpr (n == 11) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k] = value;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k);
  } else if constexpr (n == 12) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l] = value;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l);
  } else if constexpr (n == 13) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = value;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m);
  } else if constexpr (n == 14) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o] = value;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o);
  } else if constexpr (n == 15) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p] = value;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p);
  } else if constexpr (n == 16) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q] = value;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q);
  } else {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r] = value;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r);
  }
}

template <class T>
bool same(const T& a, const T& b);
template <class T>
bool same(const std::optional<T>& a, const std::optional<T>& b);
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b);
template <class K, class V>
bool same(const std::map<K, V>& a, const std::map<K, V>& b);
template <class... Ts>
bool same(const std::variant<Ts...>& a, const std::variant<Ts...>& b);

template <class T>
bool same(const std::optional<T>& a, const std::optional<T>& b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i) equal = same(a[i], b[i]);
  return equal;
}
template <class K, class V>
bool same(const std::map<K, V>& a, const std::map<K, V>& b) {
  if (a.size() != b.size()) return false;
  for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j) {
    if (i->first != j->first || !same(i->second, j->second)) return false;
  }
  return true;
}
template <class... Ts>
bool same(const std::variant<Ts...>& a, const std::variant<Ts...>& b) {
  if (a.index() != b.index()) return false;
  return std::visit([&b](const auto& value) { return same(value, std::get<std::decay_t<decltype(value)>>(b)); }, a);
}
/// Everything is equal, at every depth.
template <class T>
bool same(const T& a, const T& b) {
  if constexpr (field_count < T >> 0) {
    const auto pairwise = [&]<std::size_t... I>(std::index_sequence<I...>) {
      const auto x = fields(a);
      const auto y = fields(b);
      return (same(std::get<I>(x), std::get<I>(y)) && ...);
    };
    return pairwise(std::make_index_sequence<field_count<T>>{});
  } else if constexpr (std::is_empty_v<T>) {
    return true;
  } else {
    return a == b;
  }
}

/// Remembers which fields have ever had another value than a default-constructed struct has.
class Variation {
 public:
  template <class T>
  void see(const T& value) {
    if constexpr (field_count < T >> 0) {
      see_fields(value, std::make_index_sequence<field_count<T>>{});
    }
  }
  template <class T>
  void see(const std::optional<T>& value) {
    if (value) see(*value);
  }
  template <class T>
  void see(const std::vector<T>& values) {
    for (const auto& value : values) see(value);
  }
  template <class K, class V>
  void see(const std::map<K, V>& values) {
    for (const auto& [key, value] : values) see(value);
  }
  template <class... Ts>
  void see(const std::variant<Ts...>& value) {
    std::visit([this](const auto& alternative) { this->see(alternative); }, value);
  }

  /// Names of types with a field that never varied (mangled; readable enough), with the field's number.
  [[nodiscard]] std::vector<std::string> never_varied() const {
    std::vector<std::string> out;
    for (const auto& [type, varied] : seen_) {
      for (std::size_t i = 0; i < varied.size(); ++i) {
        if (!varied[i]) out.push_back(std::string{type.name()} + " field " + std::to_string(i));
      }
    }
    return out;
  }

 private:
  template <class T, std::size_t... I>
  void see_fields(const T& value, std::index_sequence<I...>) {
    static const T plain{};
    std::vector<bool>& varied = seen_[std::type_index{typeid(T)}];
    varied.resize(field_count<T>);
    const auto now = fields(value);
    const auto before = fields(plain);
    ((varied[I] = varied[I] || !same(std::get<I>(now), std::get<I>(before))), ...);
    (see(std::get<I>(now)), ...);
  }

  std::map<std::type_index, std::vector<bool>> seen_;
};

}  // namespace duet::test
