// SPDX-License-Identifier: Apache-2.0
// Records of the store: number and message of each kind. A new alternative of StoreRecord breaks the build here until
// it has both.
#include "core/codec/ledger_codec.hpp"

#include <fmt/format.h>

#include "core/base/invariant.hpp"
#include "core/base/limits.hpp"
#include "core/codec/admin_wire.hpp"
#include "core/codec/envelope.hpp"
#include "core/codec/state_wire.hpp"
#include "proto/ledger.pb.h"

namespace duet {

namespace v1 {

namespace {

void put(StoreEntry& wire, const duet::StoreEntry& value) {
  put(*wire.mutable_entry(), value.entry);
}
void take(Check& check, const StoreEntry& wire, duet::StoreEntry& value) {
  take_part(check, "entry", wire.entry(), value.entry);
}

void put(StoreCommitted& wire, const duet::StoreCommitted& value) {
  put(*wire.mutable_position(), value.position);
}
void take(Check& check, const StoreCommitted& wire, duet::StoreCommitted& value) {
  take_part(check, "position", wire.position(), value.position);
}

void put(StoreAbandon& wire, const duet::StoreAbandon& value) {
  put(*wire.mutable_above(), value.above);
}
void take(Check& check, const StoreAbandon& wire, duet::StoreAbandon& value) {
  take_part(check, "above", wire.above(), value.above);
}

void put(StoreJoin& wire, const duet::StoreJoin& value) {
  wire.set_node(value.node.get());
  put(*wire.mutable_incarnation(), value.incarnation);
}
void take(Check& check, const StoreJoin& wire, duet::StoreJoin& value) {
  check.node("node", wire.node(), value.node);
  take_part(check, "incarnation", wire.incarnation(), value.incarnation);
}

void put(StoreEvidence& wire, const duet::StoreEvidence& value) {
  put(*wire.mutable_evidence(), value.evidence);
}
void take(Check& check, const StoreEvidence& wire, duet::StoreEvidence& value) {
  take_part(check, "evidence", wire.evidence(), value.evidence);
}

void put(StoreSolo& wire, const duet::StoreSolo& value) {
  wire.set_epoch(value.epoch);
  put(*wire.mutable_base(), value.base);
  wire.set_boot(value.boot.get());
  wire.set_evidence(value.evidence);
}
void take(Check& check, const StoreSolo& wire, duet::StoreSolo& value) {
  value.epoch = wire.epoch();
  take_part(check, "base", wire.base(), value.base);
  check.boot("boot", wire.boot(), value.boot);
  check.name_or_empty("evidence", wire.evidence(), value.evidence);
}

void put(StoreStopFailed& wire, const duet::StoreStopFailed& value) {
  wire.set_resource(value.resource);
  wire.set_boot(value.boot.get());
  wire.set_failed(value.failed);
}
void take(Check& check, const StoreStopFailed& wire, duet::StoreStopFailed& value) {
  check.id("resource", wire.resource(), value.resource);
  check.boot("boot", wire.boot(), value.boot);
  value.failed = wire.failed();
}

void put(StoreOverride& wire, const duet::StoreOverride& value) {
  put(*wire.mutable_request(), value.request);
}
void take(Check& check, const StoreOverride& wire, duet::StoreOverride& value) {
  take_part(check, "request", wire.request(), value.request);
}

void put(StoreClearOverrides& /*wire*/, const duet::StoreClearOverrides& /*value*/) {}
void take(Check& /*check*/, const StoreClearOverrides& /*wire*/, duet::StoreClearOverrides& /*value*/) {}

void put(StoreFenceEvent& wire, const duet::StoreFenceEvent& value) {
  put(*wire.mutable_event(), value.event);
}
void take(Check& check, const StoreFenceEvent& wire, duet::StoreFenceEvent& value) {
  take_part(check, "event", wire.event(), value.event);
}

void put(StoreDevice& wire, const duet::StoreDevice& value) {
  wire.set_device(value.device);
  wire.set_verified(value.verified);
}
void take(Check& check, const StoreDevice& wire, duet::StoreDevice& value) {
  check.id("device", wire.device(), value.device);
  value.verified = wire.verified();
}

template <RecordType type, class WireMessage>
struct Numbered {
  static constexpr RecordType number = type;
  using Wire = WireMessage;
};

/// Number and generated message of each alternative.
template <class Record>
struct RecordOf;
template <>
struct RecordOf<duet::StoreEntry> : Numbered<RecordType::entry, StoreEntry> {};
template <>
struct RecordOf<duet::StoreCommitted> : Numbered<RecordType::committed, StoreCommitted> {};
template <>
struct RecordOf<duet::StoreAbandon> : Numbered<RecordType::abandon, StoreAbandon> {};
template <>
struct RecordOf<duet::StoreJoin> : Numbered<RecordType::join, StoreJoin> {};
template <>
struct RecordOf<duet::StoreEvidence> : Numbered<RecordType::evidence, StoreEvidence> {};
template <>
struct RecordOf<duet::StoreSolo> : Numbered<RecordType::solo, StoreSolo> {};
template <>
struct RecordOf<duet::StoreStopFailed> : Numbered<RecordType::stop_failed, StoreStopFailed> {};
template <>
struct RecordOf<duet::StoreOverride> : Numbered<RecordType::override_request, StoreOverride> {};
template <>
struct RecordOf<duet::StoreClearOverrides> : Numbered<RecordType::clear_overrides, StoreClearOverrides> {};
template <>
struct RecordOf<duet::StoreFenceEvent> : Numbered<RecordType::fence_event, StoreFenceEvent> {};
template <>
struct RecordOf<duet::StoreDevice> : Numbered<RecordType::device, StoreDevice> {};

template <class Record>
bool take_if(Check& check, std::uint16_t type, ByteView body, StoreRecord& out) {
  if (type != static_cast<std::uint16_t>(RecordOf<Record>::number)) return false;
  Record& record = out.emplace<Record>();
  typename RecordOf<Record>::Wire wire;
  if (wire.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    take(check, wire, record);
  } else {
    check.refuse("body", {}, "a record of this type");
  }
  return true;
}

template <class... Records>
bool take_any(Check& check, std::uint16_t type, ByteView body, std::variant<Records...>& out) {
  return (take_if<Records>(check, type, body, out) || ...);
}

template <class Record>
Bytes seal_record(const Record& record) {
  typename RecordOf<Record>::Wire wire;
  put(wire, record);
  return seal(Kind::record, wire);
}

}  // namespace

}  // namespace v1

RecordType record_type(const StoreRecord& record) {
  return std::visit([](const auto& value) { return v1::RecordOf<std::decay_t<decltype(value)>>::number; }, record);
}

std::string_view to_string(RecordType type) {
  switch (type) {
    case RecordType::entry:
      return "entry";
    case RecordType::committed:
      return "committed";
    case RecordType::abandon:
      return "abandon";
    case RecordType::join:
      return "join";
    case RecordType::evidence:
      return "evidence";
    case RecordType::solo:
      return "solo";
    case RecordType::stop_failed:
      return "stop-failed";
    case RecordType::override_request:
      return "override";
    case RecordType::clear_overrides:
      return "clear-overrides";
    case RecordType::fence_event:
      return "fence-event";
    case RecordType::device:
      return "device";
  }
  invariant_failed("RecordType out of range", __FILE__, __LINE__);
}

Bytes encode(const StoreRecord& record) {
  return std::visit([](const auto& value) { return v1::seal_record(value); }, record);
}

Result<StoreRecord> decode_record(std::uint16_t type, ByteView bytes) {
  constexpr std::string_view subject = "store record";
  const Result<ByteView> body = v1::open_envelope(v1::Kind::record, bytes, limits::snapshot_total, subject);
  if (!body) return tl::unexpected<Error>{body.error()};
  v1::Check check;
  StoreRecord record;
  if (!v1::take_any(check, type, *body, record)) {
    check.refuse("type", std::to_string(type), "a known type of record");
  }
  if (!check.ok()) return tl::unexpected<Error>{check.error(subject)};
  return record;
}

}  // namespace duet
