// SPDX-License-Identifier: Apache-2.0
// Bodies of stream messages, one by one. A new alternative of StreamBody breaks the build here until it has a number
// and both directions.
#include "core/codec/stream_body.hpp"

#include <string>

#include "core/base/limits.hpp"
#include "core/codec/admin_wire.hpp"
#include "core/codec/enums.hpp"
#include "core/codec/replica_wire.hpp"
#include "core/codec/state_wire.hpp"
#include "proto/replica.pb.h"

namespace duet::v1 {

namespace {

template <StreamType type, class WireMessage>
struct Numbered {
  static constexpr StreamType number = type;
  using Wire = WireMessage;
};

/// Number and generated message of each alternative.
template <class Body>
struct BodyOf;
template <>
struct BodyOf<duet::Hello> : Numbered<StreamType::hello, Hello> {};
template <>
struct BodyOf<duet::SnapshotChunk> : Numbered<StreamType::snapshot_chunk, SnapshotChunk> {};
template <>
struct BodyOf<duet::Tick> : Numbered<StreamType::tick, Tick> {};
template <>
struct BodyOf<duet::JoinReport> : Numbered<StreamType::join_report, JoinReport> {};
template <>
struct BodyOf<duet::JoinRecorded> : Numbered<StreamType::join_recorded, JoinRecorded> {};
template <>
struct BodyOf<duet::Order> : Numbered<StreamType::order, Order> {};
template <>
struct BodyOf<duet::OpResult> : Numbered<StreamType::op_result, OpResult> {};
template <>
struct BodyOf<duet::Propose> : Numbered<StreamType::propose, Propose> {};
template <>
struct BodyOf<duet::Prepared> : Numbered<StreamType::prepared, Prepared> {};
template <>
struct BodyOf<duet::FenceReport> : Numbered<StreamType::fence_report, FenceReport> {};
template <>
struct BodyOf<duet::FailureExpired> : Numbered<StreamType::failure_expired, FailureExpired> {};
template <>
struct BodyOf<duet::LeaveWanted> : Numbered<StreamType::leave_wanted, LeaveWanted> {};
template <>
struct BodyOf<duet::CleanLeave> : Numbered<StreamType::clean_leave, CleanLeave> {};
template <>
struct BodyOf<duet::LeaveRecorded> : Numbered<StreamType::leave_recorded, LeaveRecorded> {};
template <>
struct BodyOf<duet::NodeLost> : Numbered<StreamType::node_lost, NodeLost> {};
template <>
struct BodyOf<duet::JoinRefused> : Numbered<StreamType::join_refused, JoinRefused> {};
template <>
struct BodyOf<duet::DeviceReport> : Numbered<StreamType::device_report, DeviceReport> {};

template <class Body>
bool take_if(Check& check, std::uint16_t type, ByteView bytes, StreamBody& out) {
  if (type != static_cast<std::uint16_t>(BodyOf<Body>::number)) return false;
  parse_and_take<typename BodyOf<Body>::Wire>(check, bytes, out.emplace<Body>());
  return true;
}

/// Tries each alternative of the variant: few comparisons, and no alternative can be forgotten.
template <class... Bodies>
bool take_any(Check& check, std::uint16_t type, ByteView bytes, std::variant<Bodies...>& out) {
  return (take_if<Bodies>(check, type, bytes, out) || ...);
}

}  // namespace

StreamType stream_type(const StreamBody& body) {
  return std::visit([](const auto& value) { return BodyOf<std::decay_t<decltype(value)>>::number; }, body);
}

Bytes encode_stream_body(const StreamBody& body, std::size_t room) {
  return std::visit(
      [room](const auto& value) {
        typename BodyOf<std::decay_t<decltype(value)>>::Wire wire;
        put(wire, value);
        Bytes out(room + wire.ByteSizeLong());
        wire.SerializeWithCachedSizesToArray(out.data() + room);
        return out;
      },
      body);
}

void decode_stream_body(Check& check, std::uint16_t type, ByteView bytes, StreamBody& out) {
  if (!take_any(check, type, bytes, out)) check.refuse("type", std::to_string(type), "a known message type");
}

}  // namespace duet::v1
