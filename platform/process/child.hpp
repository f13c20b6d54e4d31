// SPDX-License-Identifier: Apache-2.0
// Starting programs, and holding on to processes by pidfd: a process id alone may belong to another process by now.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet {

struct SpawnRequest {
  std::string program;                           ///< path
  std::vector<std::string> arguments;            ///< argv, with argv[0]
  std::vector<std::string> environment;          ///< complete
  std::vector<std::pair<int, int>> descriptors;  ///< {number in the child, ours}; every other one is closed there
};

struct Child {
  pid_t pid = 0;
  UniqueFd pidfd;  ///< readable once the process has ended
};

/// Starts a program with all signals unblocked and at their defaults; 0, 1, 2 are the null device unless given. Returns
/// once the program is executing. The caller reaps it with reap(). Error: backend, with errno's text.
[[nodiscard]] Result<Child> spawn(const SpawnRequest& request);

/// Collects a child that has ended. Nothing if it has not, or is not a child of this process.
std::optional<int> reap(const UniqueFd& pidfd);

/// Process `pid` if it started at `start_time` (start_time_of()). Error: not_found.
[[nodiscard]] Result<UniqueFd> open_process(pid_t pid, std::uint64_t start_time);

/// Error: not_found if the process has gone.
Result<void> send_signal(const UniqueFd& pidfd, int signal);

/// Field 22 of /proc/PID/stat, clock ticks since boot. Error: not_found, malformed.
[[nodiscard]] Result<std::uint64_t> start_time_of(pid_t pid);

/// An unnamed file in memory with this content, positioned at its beginning; for a child's stdin. Error: backend.
[[nodiscard]] Result<UniqueFd> memory_file(std::string_view content);

}  // namespace duet
