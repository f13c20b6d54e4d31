// SPDX-License-Identifier: Apache-2.0
// Reading of the shared key, with what is to be said about the file.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/xvm/secret.hpp"

namespace duet::xvm {

struct KeyFile {
  Secret secret;
  std::vector<std::string> warnings;  ///< others can read it, somebody else owns it, it is short
};

/// Reads at most as many bytes as count. Errors: Errc::not_found, Errc::backend (not readable), Errc::invalid_argument
/// (no regular file, empty, all zero). There is no way on without a key (V32): the caller ends.
[[nodiscard]] Result<KeyFile> read_key_file(const std::string& path);

}  // namespace duet::xvm
