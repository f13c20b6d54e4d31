// SPDX-License-Identifier: Apache-2.0
// Enumerations on the wire: value of the model plus one, because 0 is UNSPECIFIED and refused. The assertions break the
// build when somebody reorders an enumeration of the model: the numbers are on disks and in other versions.
#pragma once

#include "core/base/error.hpp"
#include "core/codec/check.hpp"
#include "core/message/admin.hpp"
#include "core/model/state.hpp"
#include "proto/admin.pb.h"

namespace duet::v1 {

template <class Wire, auto last>
struct WireEnum {
  using Type = Wire;
  static constexpr int highest = static_cast<int>(last) + 1;
};

/// Which generated enumeration belongs to one of the model.
template <class Enum>
struct WireOf;
template <>
struct WireOf<duet::OnFail> : WireEnum<OnFail, duet::OnFail::fence> {};
template <>
struct WireOf<duet::OrderKind> : WireEnum<OrderKind, duet::OrderKind::serialize> {};
template <>
struct WireOf<duet::OrderAction> : WireEnum<OrderAction, duet::OrderAction::stop> {};
template <>
struct WireOf<duet::Action> : WireEnum<Action, duet::Action::monitor> {};
template <>
struct WireOf<duet::OpStatus> : WireEnum<OpStatus, duet::OpStatus::voided> {};
template <>
struct WireOf<duet::Activity> : WireEnum<Activity, duet::Activity::failed> {};
template <>
struct WireOf<duet::Membership> : WireEnum<Membership, duet::Membership::joined> {};
template <>
struct WireOf<duet::CauseKind> : WireEnum<CauseKind, duet::CauseKind::notice> {};
template <>
struct WireOf<duet::FenceAction> : WireEnum<FenceAction, duet::FenceAction::off> {};
template <>
struct WireOf<duet::FenceOutcome> : WireEnum<FenceOutcome, duet::FenceOutcome::cancelled> {};
template <>
struct WireOf<duet::AttributeScope> : WireEnum<AttributeScope, duet::AttributeScope::operation_defaults> {};
template <>
struct WireOf<duet::Errc> : WireEnum<ErrorCode, duet::Errc::storage> {};

template <class Enum>
[[nodiscard]] constexpr typename WireOf<Enum>::Type to_wire(Enum value) {
  return static_cast<typename WireOf<Enum>::Type>(static_cast<int>(value) + 1);
}

template <class Enum>
void take_enum(Check& check, const char* field, typename WireOf<Enum>::Type wire, Enum& out) {
  const int number = wire;
  if (number < 1 || number > WireOf<Enum>::highest) {
    return check.refuse(field, std::to_string(number), "a known value of this enumeration");
  }
  out = static_cast<Enum>(number - 1);
}

/// The kinds of evidence have the numbers of the invariants, on both sides.
[[nodiscard]] constexpr EvidenceKind to_wire(duet::EvidenceKind value) {
  return static_cast<EvidenceKind>(value);
}
inline void take_enum(Check& check, const char* field, EvidenceKind wire, duet::EvidenceKind& out) {
  if (wire == EVIDENCE_KIND_UNSPECIFIED || !EvidenceKind_IsValid(wire)) {
    return check.refuse(field, std::to_string(static_cast<int>(wire)), "a known value of this enumeration");
  }
  out = static_cast<duet::EvidenceKind>(wire);
}

static_assert(to_wire(duet::OnFail::ignore) == ON_FAIL_IGNORE && to_wire(duet::OnFail::restart) == ON_FAIL_RESTART &&
              to_wire(duet::OnFail::ban) == ON_FAIL_BAN && to_wire(duet::OnFail::block) == ON_FAIL_BLOCK &&
              to_wire(duet::OnFail::stop) == ON_FAIL_STOP && to_wire(duet::OnFail::standby) == ON_FAIL_STANDBY &&
              to_wire(duet::OnFail::fence) == ON_FAIL_FENCE);
static_assert(to_wire(duet::OrderKind::mandatory) == ORDER_KIND_MANDATORY &&
              to_wire(duet::OrderKind::optional) == ORDER_KIND_OPTIONAL &&
              to_wire(duet::OrderKind::serialize) == ORDER_KIND_SERIALIZE);
static_assert(to_wire(duet::OrderAction::start) == ORDER_ACTION_START &&
              to_wire(duet::OrderAction::stop) == ORDER_ACTION_STOP);
static_assert(to_wire(duet::Action::probe) == ACTION_PROBE && to_wire(duet::Action::start) == ACTION_START &&
              to_wire(duet::Action::stop) == ACTION_STOP && to_wire(duet::Action::monitor) == ACTION_MONITOR);
static_assert(to_wire(duet::OpStatus::done) == OP_STATUS_DONE &&
              to_wire(duet::OpStatus::timed_out) == OP_STATUS_TIMED_OUT &&
              to_wire(duet::OpStatus::error) == OP_STATUS_ERROR &&
              to_wire(duet::OpStatus::not_supported) == OP_STATUS_NOT_SUPPORTED &&
              to_wire(duet::OpStatus::not_installed) == OP_STATUS_NOT_INSTALLED &&
              to_wire(duet::OpStatus::cancelled) == OP_STATUS_CANCELLED &&
              to_wire(duet::OpStatus::voided) == OP_STATUS_VOIDED);
static_assert(to_wire(duet::Activity::unknown) == ACTIVITY_UNKNOWN &&
              to_wire(duet::Activity::stopped) == ACTIVITY_STOPPED &&
              to_wire(duet::Activity::running) == ACTIVITY_RUNNING &&
              to_wire(duet::Activity::failed) == ACTIVITY_FAILED);
static_assert(to_wire(duet::Membership::absent) == MEMBERSHIP_ABSENT &&
              to_wire(duet::Membership::present) == MEMBERSHIP_PRESENT &&
              to_wire(duet::Membership::joined) == MEMBERSHIP_JOINED);
static_assert(to_wire(duet::CauseKind::lost) == CAUSE_KIND_LOST &&
              to_wire(duet::CauseKind::stop_failed) == CAUSE_KIND_STOP_FAILED &&
              to_wire(duet::CauseKind::silent) == CAUSE_KIND_SILENT &&
              to_wire(duet::CauseKind::resource_rule) == CAUSE_KIND_RESOURCE_RULE &&
              to_wire(duet::CauseKind::startup) == CAUSE_KIND_STARTUP &&
              to_wire(duet::CauseKind::administrator) == CAUSE_KIND_ADMINISTRATOR &&
              to_wire(duet::CauseKind::notice) == CAUSE_KIND_NOTICE);
static_assert(to_wire(duet::FenceAction::reboot) == FENCE_ACTION_REBOOT &&
              to_wire(duet::FenceAction::off) == FENCE_ACTION_OFF);
static_assert(to_wire(duet::FenceOutcome::pending) == FENCE_OUTCOME_PENDING &&
              to_wire(duet::FenceOutcome::succeeded) == FENCE_OUTCOME_SUCCEEDED &&
              to_wire(duet::FenceOutcome::failed) == FENCE_OUTCOME_FAILED &&
              to_wire(duet::FenceOutcome::cancelled) == FENCE_OUTCOME_CANCELLED);
static_assert(to_wire(duet::EvidenceKind::fenced) == EVIDENCE_KIND_FENCED &&
              to_wire(duet::EvidenceKind::new_boot) == EVIDENCE_KIND_NEW_BOOT &&
              to_wire(duet::EvidenceKind::clean_leave) == EVIDENCE_KIND_CLEAN_LEAVE &&
              to_wire(duet::EvidenceKind::administrator) == EVIDENCE_KIND_ADMINISTRATOR &&
              to_wire(duet::EvidenceKind::fencing_disabled) == EVIDENCE_KIND_FENCING_DISABLED);
static_assert(to_wire(duet::AttributeScope::properties) == ATTRIBUTE_SCOPE_PROPERTIES &&
              to_wire(duet::AttributeScope::resource_defaults) == ATTRIBUTE_SCOPE_RESOURCE_DEFAULTS &&
              to_wire(duet::AttributeScope::operation_defaults) == ATTRIBUTE_SCOPE_OPERATION_DEFAULTS);
static_assert(
    to_wire(duet::Errc::invalid_argument) == ERROR_CODE_INVALID_ARGUMENT &&
    to_wire(duet::Errc::not_found) == ERROR_CODE_NOT_FOUND && to_wire(duet::Errc::exists) == ERROR_CODE_EXISTS &&
    to_wire(duet::Errc::unchanged) == ERROR_CODE_UNCHANGED && to_wire(duet::Errc::refused) == ERROR_CODE_REFUSED &&
    to_wire(duet::Errc::no_quorum) == ERROR_CODE_NO_QUORUM && to_wire(duet::Errc::dangerous) == ERROR_CODE_DANGEROUS &&
    to_wire(duet::Errc::invalid_config) == ERROR_CODE_INVALID_CONFIG &&
    to_wire(duet::Errc::not_permitted) == ERROR_CODE_NOT_PERMITTED && to_wire(duet::Errc::busy) == ERROR_CODE_BUSY &&
    to_wire(duet::Errc::timeout) == ERROR_CODE_TIMEOUT &&
    to_wire(duet::Errc::unknown_result) == ERROR_CODE_UNKNOWN_RESULT &&
    to_wire(duet::Errc::not_running) == ERROR_CODE_NOT_RUNNING &&
    to_wire(duet::Errc::disconnected) == ERROR_CODE_DISCONNECTED &&
    to_wire(duet::Errc::malformed) == ERROR_CODE_MALFORMED && to_wire(duet::Errc::limit) == ERROR_CODE_LIMIT &&
    to_wire(duet::Errc::try_again) == ERROR_CODE_TRY_AGAIN && to_wire(duet::Errc::backend) == ERROR_CODE_BACKEND &&
    to_wire(duet::Errc::storage) == ERROR_CODE_STORAGE);

}  // namespace duet::v1
