// SPDX-License-Identifier: Apache-2.0
// Text forms of the model's enumerations, both ways. The words are those that administrators type and read.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/base/ascii.hpp"
#include "core/model/options.hpp"
#include "core/model/state.hpp"

namespace duet {

std::string_view to_string(OnFail);
std::string_view to_string(OrderKind);  ///< Mandatory, Optional, Serialize
std::string_view to_string(OrderAction);
std::string_view to_string(NoQuorumPolicy);
std::string_view to_string(FenceAction);
std::string_view to_string(MultipleActive);
std::string_view to_string(Requires);

/// Every value of an enumeration, in order; the test compares the length with the texts.
template <class Enum>
inline constexpr std::array<Enum, 0> enum_values{};
template <>
inline constexpr std::array enum_values<OnFail>{OnFail::ignore, OnFail::restart, OnFail::ban,  OnFail::block,
                                                OnFail::stop,   OnFail::standby, OnFail::fence};
template <>
inline constexpr std::array enum_values<OrderKind>{OrderKind::mandatory, OrderKind::optional, OrderKind::serialize};
template <>
inline constexpr std::array enum_values<OrderAction>{OrderAction::start, OrderAction::stop};
template <>
inline constexpr std::array enum_values<NoQuorumPolicy>{NoQuorumPolicy::stop, NoQuorumPolicy::freeze,
                                                        NoQuorumPolicy::ignore};
template <>
inline constexpr std::array enum_values<FenceAction>{FenceAction::reboot, FenceAction::off};
template <>
inline constexpr std::array enum_values<MultipleActive>{MultipleActive::stop_start, MultipleActive::stop_only,
                                                        MultipleActive::block, MultipleActive::stop_unexpected};
template <>
inline constexpr std::array enum_values<Requires>{Requires::nothing, Requires::quorum, Requires::fencing};
template <>
inline constexpr std::array enum_values<Action>{Action::probe, Action::start, Action::stop, Action::monitor};
template <>
inline constexpr std::array enum_values<OpStatus>{OpStatus::done,          OpStatus::timed_out,     OpStatus::error,
                                                  OpStatus::not_supported, OpStatus::not_installed, OpStatus::cancelled,
                                                  OpStatus::voided};
template <>
inline constexpr std::array enum_values<Activity>{Activity::unknown, Activity::stopped, Activity::running,
                                                  Activity::failed};
template <>
inline constexpr std::array enum_values<EvidenceKind>{EvidenceKind::fenced, EvidenceKind::new_boot,
                                                      EvidenceKind::clean_leave, EvidenceKind::administrator,
                                                      EvidenceKind::fencing_disabled};
template <>
inline constexpr std::array enum_values<Membership>{Membership::absent, Membership::present, Membership::joined};
template <>
inline constexpr std::array enum_values<CauseKind>{
    CauseKind::lost,    CauseKind::stop_failed,   CauseKind::silent, CauseKind::resource_rule,
    CauseKind::startup, CauseKind::administrator, CauseKind::notice};
template <>
inline constexpr std::array enum_values<FenceOutcome>{FenceOutcome::pending, FenceOutcome::succeeded,
                                                      FenceOutcome::failed, FenceOutcome::cancelled};

/// The value whose text this is, without regard to case; nullopt if there is none.
template <class Enum>
[[nodiscard]] std::optional<Enum> enum_from_text(std::string_view text) {
  const std::string wanted = ascii_lower(text);
  for (const Enum value : enum_values<Enum>) {
    if (ascii_lower(to_string(value)) == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace duet
