// SPDX-License-Identifier: Apache-2.0
// Giving rights away, for good. duet-virtd starts as root and must also run where no systemd does this for it.
#pragma once

#include <string>

#include "core/base/result.hpp"

namespace duet::virtd {

/// The process becomes this user, with its own group only, without capabilities, and can gain nothing by executing
/// files; its memory cannot be read by others of the same user. Error: not_found (no such user), backend: end.
[[nodiscard]] Result<void> become(const std::string& user);

/// As become(), but stays root by number: may open what belongs to root, as the socket of libvirt does, and nothing
/// that needs a capability. With all groups of `user` if one is given (the group libvirt, say).
[[nodiscard]] Result<void> become_helper(const std::string& user);

/// From now on socket(2) makes AF_UNIX sockets only. For processors that we know the call numbers of; elsewhere an
/// error (Errc::refused), which is worth a warning.
[[nodiscard]] Result<void> only_local_sockets();

}  // namespace duet::virtd
