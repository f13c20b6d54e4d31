// SPDX-License-Identifier: Apache-2.0
// All bounds in one place, each with its reason.
#pragma once

#include <cstddef>

#include "core/base/time.hpp"

namespace duet::limits {

// --- sizes -----------------------------------------------------------------------------------------------------------
inline constexpr std::size_t id_length = 64;          ///< resource, group, constraint id (cli.md 1.1)
inline constexpr std::size_t node_name_length = 255;  ///< longest host name (RFC 1123)
inline constexpr std::size_t parameter_value_length =
    8192;                                       ///< longest value seen in real agents is a few hundred bytes
inline constexpr std::size_t resources = 1000;  ///< ten times the size that performance figures speak of
inline constexpr std::size_t parameters_per_resource = 256;       ///< largest agent of the field has about 120
inline constexpr std::size_t stream_body = 64 * 1024;             ///< security.md SEC-CPG 3
inline constexpr std::size_t snapshot_chunk = 32 * 1024;          ///< protocol.md 11
inline constexpr std::size_t snapshot_history = 4 * 1024 * 1024;  ///< old commits that a joiner gets; the rest: state
inline constexpr std::size_t snapshot_total = 16 * 1024 * 1024;   ///< 1,000 resources need about 1 MiB
inline constexpr std::size_t ipc_frame_admin = 1024 * 1024;       ///< security.md SEC-IPC 5
inline constexpr std::size_t ipc_frame_reader = 64 * 1024;        ///< security.md SEC-IPC 5
inline constexpr std::size_t agent_output = 64 * 1024;            ///< protocol.md 9
inline constexpr std::size_t agent_output_large = 1024 * 1024;    ///< meta-data and list, protocol.md 9
inline constexpr std::size_t failure_history = 200;               ///< failed actions kept; the oldest go first
inline constexpr std::size_t fencing_history = 500;               ///< as Pacemaker (cluster-semantics 11.8)

// --- what decoding accepts (core/codec) ------------------------------------------------------------------------------
inline constexpr std::size_t nodes = 16;  ///< above two: validation, not the parser, explains why a third is refused
inline constexpr std::size_t name_length = 255;             ///< attribute, parameter, action, cluster name, author
inline constexpr std::size_t agent_name_length = 64;        ///< security.md SEC-AGENT 1
inline constexpr std::size_t unit_name_length = 255;        ///< systemd's UNIT_NAME_MAX
inline constexpr std::size_t command_length = 8192;         ///< typed command that a commit keeps; a longer one is cut
inline constexpr std::size_t reason_length = 512;           ///< exit reason of an agent
inline constexpr std::size_t text_length = 4096;            ///< why, detail, note: one paragraph for people
inline constexpr std::size_t preview_length = 1024 * 1024;  ///< a line for each operation of 1,000 resources
inline constexpr std::size_t operations_per_resource = 64;  ///< actions times intervals; a dozen is usual
inline constexpr std::size_t constraints = 10 * resources;  ///< of each kind
inline constexpr std::size_t edits_per_request = 1000;      ///< one commit
inline constexpr std::size_t kept_runs = 10 * resources;    ///< orders and monitors that execd keeps
inline constexpr Duration duration_max = 24h * 3652;        ///< 10 years, as parse_duration()
inline constexpr Duration ipc_wait_max = 30s;               ///< GetCluster

// --- times -----------------------------------------------------------------------------------------------------------
inline constexpr Duration tick_interval = 1s;       ///< protocol.md 2
inline constexpr Duration order_fresh = 1s;         ///< S12: an order older than this is not begun
inline constexpr Duration loop_gap = 1s;            ///< S12: a longer pause between two turns of the loop voids orders
inline constexpr Duration disk_patience = 2s;       ///< protocol.md 10: then E3 counts for starts without the disk
inline constexpr Duration peer_silence = 30s;       ///< S4(c)
inline constexpr Duration refused_window = 10s;     ///< security.md SEC-CPG 4
inline constexpr std::size_t refused_messages = 3;  ///< in that time, of one node: it is blocked
inline constexpr Duration startup_fence_wait = 120s;        ///< S4(e)
inline constexpr Duration operation_timeout_default = 20s;  ///< cluster-semantics 7.5
inline constexpr Duration fence_timeout_default = 60s;      ///< stonith-timeout
inline constexpr Duration fence_status_timeout = 1s;        ///< power state asked before a delay, protocol.md 7
inline constexpr Duration fence_status_again = 500ms;       ///< and once more during the delay
inline constexpr Duration fence_delay_default = 5s;         ///< 2 x F_max, F_max = 2.5 s, protocol.md 7
inline constexpr Duration fence_backoff_first = 1s;         ///< L5
inline constexpr Duration fence_backoff_max = 60s;          ///< L5

}  // namespace duet::limits
