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
/// Groups and mandatory orders, for S14.
[[nodiscard]] TraceEvent config_event(const ClusterConfig& config);
/// Only orders, results, snapshots and evidence; nullopt for everything else.
[[nodiscard]] std::optional<TraceEvent> message_event(TraceKind kind, const StreamMessage& message);

}  // namespace duet::sim
