// SPDX-License-Identifier: Apache-2.0
// Messages of the stream and the snapshot: model <-> generated messages.
#pragma once

#include "core/codec/state_wire.hpp"
#include "core/message/stream.hpp"
#include "proto/replica.pb.h"

namespace duet::v1 {

void put(Hello& wire, const duet::Hello& value);
void take(Check& check, const Hello& wire, duet::Hello& value);
void put(SnapshotChunk& wire, const duet::SnapshotChunk& value);
void take(Check& check, const SnapshotChunk& wire, duet::SnapshotChunk& value);
void put(Snapshot& wire, const duet::Snapshot& value);
void take(Check& check, const Snapshot& wire, duet::Snapshot& value);
void put(Tick& wire, const duet::Tick& value);
void take(Check& check, const Tick& wire, duet::Tick& value);
void put(ReportedOp& wire, const duet::ReportedOp& value);
void take(Check& check, const ReportedOp& wire, duet::ReportedOp& value);
void put(ReportedFailures& wire, const duet::ReportedFailures& value);
void take(Check& check, const ReportedFailures& wire, duet::ReportedFailures& value);
void put(JoinReport& wire, const duet::JoinReport& value);
void take(Check& check, const JoinReport& wire, duet::JoinReport& value);
void put(JoinRecorded& wire, const duet::JoinRecorded& value);
void take(Check& check, const JoinRecorded& wire, duet::JoinRecorded& value);
void put(Order& wire, const duet::Order& value);
void take(Check& check, const Order& wire, duet::Order& value);
void put(OpResult& wire, const duet::OpResult& value);
void take(Check& check, const OpResult& wire, duet::OpResult& value);
void put(Propose& wire, const duet::Propose& value);
void take(Check& check, const Propose& wire, duet::Propose& value);
void put(Prepared& wire, const duet::Prepared& value);
void take(Check& check, const Prepared& wire, duet::Prepared& value);
void put(JoinRefused& wire, const duet::JoinRefused& value);
void take(Check& check, const JoinRefused& wire, duet::JoinRefused& value);
void put(FenceReport& wire, const duet::FenceReport& value);
void take(Check& check, const FenceReport& wire, duet::FenceReport& value);
void put(FailureExpired& wire, const duet::FailureExpired& value);
void take(Check& check, const FailureExpired& wire, duet::FailureExpired& value);
void put(LeaveWanted& wire, const duet::LeaveWanted& value);
void take(Check& check, const LeaveWanted& wire, duet::LeaveWanted& value);
void put(CleanLeave& wire, const duet::CleanLeave& value);
void take(Check& check, const CleanLeave& wire, duet::CleanLeave& value);
void put(LeaveRecorded& wire, const duet::LeaveRecorded& value);
void take(Check& check, const LeaveRecorded& wire, duet::LeaveRecorded& value);
void put(NodeLost& wire, const duet::NodeLost& value);
void take(Check& check, const NodeLost& wire, duet::NodeLost& value);
void put(DeviceReport& wire, const duet::DeviceReport& value);
void take(Check& check, const DeviceReport& wire, duet::DeviceReport& value);

}  // namespace duet::v1
