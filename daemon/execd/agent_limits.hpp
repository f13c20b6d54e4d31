// SPDX-License-Identifier: Apache-2.0
// What agents may use (security.md SEC-AGENT 4, stories.md R42). Only what looks is bounded - monitor, probe,
// meta-data, status and list of a fence agent: a start leaves the service behind, which would inherit the bounds, and a
// bound that is wrong for a stop or a power action would make a fencing, or prevent one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace duet::execd::agent_limits {

/// Bytes of data of each process: ten times what the largest agents of the field need (Python with its libraries).
inline constexpr std::uint64_t memory = 1024ULL * 1024 * 1024;

/// Processes of one agent at one time: shell agents have a dozen, a fork bomb has this many in some milliseconds.
inline constexpr int tasks = 512;

/// Monitors and probes of agents that run at one time; more wait for their turn. 32 shells take about 100 MiB and are
/// more than any number of processors can use. Starts, stops and fence agents never wait.
inline constexpr std::size_t parallel_looks = 32;

}  // namespace duet::execd::agent_limits
