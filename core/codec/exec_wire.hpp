// SPDX-License-Identifier: Apache-2.0
// Orders to duet-execd and its replies: model <-> generated messages.
#pragma once

#include "core/codec/state_wire.hpp"
#include "core/message/exec.hpp"
#include "proto/exec.pb.h"

namespace duet::v1 {

void put(ExecRequest& wire, const duet::ExecRequest& value);
void take(Check& check, const ExecRequest& wire, duet::ExecRequest& value);
void put(KeptRun& wire, const duet::KeptRun& value);
void take(Check& check, const KeptRun& wire, duet::KeptRun& value);
void put(ExecReply& wire, const duet::ExecReply& value);
void take(Check& check, const ExecReply& wire, duet::ExecReply& value);

}  // namespace duet::v1
