// SPDX-License-Identifier: Apache-2.0
// Small files of /proc, /sys and /run: read whole, written whole.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace duet {

/// The whole content, at most `limit` bytes. `directory` is a descriptor or AT_FDCWD. Errors: not_found, limit,
/// backend.
[[nodiscard]] Result<std::string> read_file(int directory, const std::string& path,
                                            std::size_t limit = 4 * 1024 * 1024);
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit = 4 * 1024 * 1024);

/// Replaces `path` (relative to `directory`) by a new file, mode 0600, that appears whole. Not synced: for /run only.
/// Error: storage.
[[nodiscard]] Result<void> replace_file(int directory, const std::string& path, std::string_view content);

}  // namespace duet
