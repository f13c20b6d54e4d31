// SPDX-License-Identifier: Apache-2.0
// See peer.hpp.
#include "platform/ipc/peer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace duet::ipc {

bool PeerCredentials::in_group(gid_t group) const {
  return gid == group || std::find(groups.begin(), groups.end(), group) != groups.end();
}

Result<PeerCredentials> peer_credentials(int fd) {
  ucred basic{};
  socklen_t size = sizeof basic;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &basic, &size) != 0) {
    return fail(Errc::backend, std::string{"SO_PEERCRED: "} + std::strerror(errno));
  }
  PeerCredentials peer;
  peer.pid = basic.pid;
  peer.uid = basic.uid;
  peer.gid = basic.gid;
  peer.groups.resize(32);
  for (int attempt = 0; attempt < 2; ++attempt) {
    size = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &size) == 0) {
      peer.groups.resize(size / sizeof(gid_t));
      return peer;
    }
    if (errno != ERANGE) break;
    peer.groups.resize(size / sizeof(gid_t));  // the kernel has said how many there are
  }
  return fail(Errc::backend, std::string{"SO_PEERGROUPS: "} + std::strerror(errno));
}

}  // namespace duet::ipc
