// SPDX-License-Identifier: Apache-2.0
// Trace events that a driver makes of its inputs: views, quorum, messages, durable records.
#pragma once

#include <optional>

#include "core/node/events.hpp"

namespace duet::sim {

[[nodiscard]] TraceEvent view_event(const ViewChanged& view);
[[nodiscard]] TraceEvent quorum_event_of(const QuorumChanged& quorum);
[[nodiscard]] TraceEvent store_load_event(const StoreImage& image);
/// nullopt for records that no checker reads.
[[nodiscard]] std::optional<TraceEvent> durable_event(const StoreRecord& record, const StoreImage& after);
/// Groups and mandatory orders, for S14; what is in maintenance, for S11; whether there is fencing, for S18.
[[nodiscard]] TraceEvent config_event(const ConfigEntry& entry);
/// Only orders, results, snapshots and evidence; nullopt for everything else.
[[nodiscard]] std::optional<TraceEvent> message_event(TraceKind kind, const StreamMessage& message);

}  // namespace duet::sim
