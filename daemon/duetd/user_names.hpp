// SPDX-License-Identifier: Apache-2.0
// Names of users for the history of commits, without the name service: it may hang (F51), and this is no place to wait.
#pragma once

#include <sys/types.h>

#include <string>

namespace duet {

/// The name that /etc/passwd gives, else "uid N" without the blank: users of a directory service appear so.
[[nodiscard]] std::string user_name(uid_t uid);
/// The id that /etc/group gives; -1 if it has no such group.
[[nodiscard]] gid_t group_id(const std::string& name);

}  // namespace duet
