// SPDX-License-Identifier: Apache-2.0
// Who belongs to whom: parents, and the processes of a session, the way to what an agent left behind where there are no
// cgroups.
#pragma once

#include <sys/types.h>

#include <vector>

namespace duet {

/// All processes whose session is `session`. Reads all of /proc: about 10 microseconds for each process of the machine.
[[nodiscard]] std::vector<pid_t> processes_of_session(pid_t session);

/// Parent of a process, 0 if it has gone.
[[nodiscard]] pid_t parent_of(pid_t pid);

}  // namespace duet
