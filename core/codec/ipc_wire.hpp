// SPDX-License-Identifier: Apache-2.0
// Requests of the command line and replies to it: model <-> generated messages.
#pragma once

#include "core/codec/state_wire.hpp"
#include "core/message/ipc.hpp"
#include "proto/ipc.pb.h"

namespace duet::v1 {

void put(FencingProgress& wire, const duet::FencingProgress& value);
void take(Check& check, const FencingProgress& wire, duet::FencingProgress& value);
void put(DeviceHealth& wire, const duet::DeviceHealth& value);
void take(Check& check, const DeviceHealth& wire, duet::DeviceHealth& value);
void put(Finding& wire, const duet::Finding& value);
void take(Check& check, const Finding& wire, duet::Finding& value);
void put(HistoryItem& wire, const duet::HistoryItem& value);
void take(Check& check, const HistoryItem& wire, duet::HistoryItem& value);
void put(IpcRequest& wire, const duet::IpcRequest& value);
void take(Check& check, const IpcRequest& wire, duet::IpcRequest& value);
void put(IpcReply& wire, const duet::IpcReply& value);
void take(Check& check, const IpcReply& wire, duet::IpcReply& value);

}  // namespace duet::v1
