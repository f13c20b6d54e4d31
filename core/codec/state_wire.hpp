// SPDX-License-Identifier: Apache-2.0
// Shared state: model <-> generated messages.
#pragma once

#include "core/codec/config_wire.hpp"
#include "core/model/state.hpp"
#include "proto/state.pb.h"

namespace duet::v1 {

void put(Incarnation& wire, const duet::Incarnation& value);
void take(Check& check, const Incarnation& wire, duet::Incarnation& value);
void put(OpId& wire, const duet::OpId& value);
void take(Check& check, const OpId& wire, duet::OpId& value);
void put(OpOutcome& wire, const duet::OpOutcome& value);
void take(Check& check, const OpOutcome& wire, duet::OpOutcome& value);
void put(FailureRecord& wire, const duet::FailureRecord& value);
void take(Check& check, const FailureRecord& wire, duet::FailureRecord& value);
void put(Evidence& wire, const duet::Evidence& value);
void take(Check& check, const Evidence& wire, duet::Evidence& value);
void put(FenceEvent& wire, const duet::FenceEvent& value);
void take(Check& check, const FenceEvent& wire, duet::FenceEvent& value);
void put(DeviceSeen& wire, const duet::DeviceSeen& value);
void take(Check& check, const DeviceSeen& wire, duet::DeviceSeen& value);
void put(ClusterState& wire, const duet::ClusterState& value);
void take(Check& check, const ClusterState& wire, duet::ClusterState& value);

/// An operation id that must be one (sequence not 0, giver not 0).
void take_valid_op(Check& check, const char* field, const OpId& wire, duet::OpId& value);

}  // namespace duet::v1
