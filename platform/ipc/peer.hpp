// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of a UNIX socket, as the kernel says.
#pragma once

#include <sys/types.h>

#include <vector>

#include "core/base/result.hpp"

namespace duet::ipc {

struct PeerCredentials {
  pid_t pid = 0;  ///< for logs only: it may be another process by now
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary groups at the time of connect(2)
  /// Primary or supplementary.
  [[nodiscard]] bool in_group(gid_t group) const;
};

/// SO_PEERCRED and SO_PEERGROUPS: nothing is asked of the name service. Error: Errc::backend.
[[nodiscard]] Result<PeerCredentials> peer_credentials(int fd);

}  // namespace duet::ipc
