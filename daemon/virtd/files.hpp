// SPDX-License-Identifier: Apache-2.0
// The files that duet-virtd reads and writes as root, before it gives that away.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/fencehost/host_config.hpp"
#include "core/xvm/secret.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet::virtd {

/// Reads and parses a configuration. Errors: not_found, malformed, invalid_config, refused.
[[nodiscard]] Result<fencehost::ConfNode> read_conf_file(const std::string& path);

/// The key, from a regular file of the caller that nobody else may read. The original makes it 0600 silently; here it
/// is refused: whoever could read it until now may have a copy. Errors: not_found, not_permitted, invalid_argument
/// (empty, all zero). `warnings` gets what is worth saying about a key that is used.
[[nodiscard]] Result<xvm::Secret> read_key_file(const std::string& path, std::vector<std::string>& warnings);

/// Makes a directory of the caller with this mode if it is not there. Error: storage.
[[nodiscard]] Result<void> make_directory(const std::string& path, unsigned mode);

/// Writes `content` to a new file beside `path` (mode 0600), reads it back, keeps what `path` was as `path`.bak, and
/// puts the new file in its place. Error: storage; then `path` is as it was.
[[nodiscard]] Result<void> replace_with_backup(const std::string& path, const std::string& content);

/// Takes the pid file, and refuses if another process holds it. Keep the descriptor. Errors: busy, storage.
[[nodiscard]] Result<UniqueFd> write_pid_file(const std::string& path);

}  // namespace duet::virtd
