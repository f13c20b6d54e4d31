// SPDX-License-Identifier: Apache-2.0
// Where the listening descriptor of a local socket comes from.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet::ipc {

/// The descriptor that systemd passed (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES) under `name`, or the only one if `name`
/// is empty; checked to be a listening UNIX stream socket, made non-blocking and close-on-exec. Call once for each
/// name, before threads. Errors: not_found (not started by a socket unit), malformed (another kind of socket).
[[nodiscard]] Result<UniqueFd> listen_from_systemd(std::string_view name = {});

/// Binds `path` (at most 107 bytes) and listens; an old socket of that name is removed. For tests and for running by
/// hand: the socket has `mode` from its first instant (V5). Errors: invalid_argument, backend.
[[nodiscard]] Result<UniqueFd> listen_on_path(const std::string& path, mode_t mode);

}  // namespace duet::ipc
