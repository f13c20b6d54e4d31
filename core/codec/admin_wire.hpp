// SPDX-License-Identifier: Apache-2.0
// Administrator's requests and replies: model <-> generated messages.
#pragma once

#include "core/codec/config_wire.hpp"
#include "core/message/admin.hpp"
#include "proto/admin.pb.h"

namespace duet::v1 {

void put(ConfigEdit& wire, const duet::ConfigEdit& value);
void take(Check& check, const ConfigEdit& wire, duet::ConfigEdit& value);
void put(ClusterAction& wire, const duet::ClusterAction& value);
void take(Check& check, const ClusterAction& wire, duet::ClusterAction& value);
void put(AdminRequest& wire, const duet::AdminRequest& value);
void take(Check& check, const AdminRequest& wire, duet::AdminRequest& value);
void put(AdminReply& wire, const duet::AdminReply& value);
void take(Check& check, const AdminReply& wire, duet::AdminReply& value);

}  // namespace duet::v1
