// SPDX-License-Identifier: Apache-2.0
// The end of a process that must not be kept from ending.
#pragma once

namespace duet {

/// Ends the process with this exit status after so many seconds, if it has not ended by itself by then. The default
/// action of SIGALRM would lose the status, and systemd would start again what an administrator's command made leave.
void end_within(unsigned seconds, int status);

}  // namespace duet
