// SPDX-License-Identifier: Apache-2.0
// Fixed messages for the vectors: every field has a value of its own, so that two fields that changed places are
// noticed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/message/exec.hpp"
#include "core/message/ipc.hpp"
#include "core/message/ledger.hpp"
#include "core/message/stream.hpp"

namespace duet::test {

template <class T>
using Named = std::vector<std::pair<std::string, T>>;

ConfigEntry sample_entry();
ClusterState sample_state();
Named<StreamMessage> sample_stream();
Named<StoreRecord> sample_records();
Named<ExecRequest> sample_exec_requests();
Named<ExecReply> sample_exec_replies();
Named<IpcRequest> sample_ipc_requests();
Named<IpcReply> sample_ipc_replies();

}  // namespace duet::test
