// SPDX-License-Identifier: Apache-2.0
// Processes of a session: the way to what an agent left behind where there are no cgroups.
#pragma once

#include <sys/types.h>

#include <vector>

namespace duet {

/// All processes whose session is `session`. Reads all of /proc: about 10 microseconds for each process of the machine.
[[nodiscard]] std::vector<pid_t> processes_of_session(pid_t session);

}  // namespace duet
