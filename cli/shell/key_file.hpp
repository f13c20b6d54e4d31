// SPDX-License-Identifier: Apache-2.0
// The file of the key that fence agent and fence host share. The key itself goes from the kernel's generator to the
// disk and nowhere else.
#pragma once

#include <string>

#include "cli/shell/failure.hpp"

namespace duet::cli {

/// What may be told of a key.
struct KeyFacts {
  std::size_t bytes = 0;
  std::string fingerprint;  ///< as duet-virtd --check shows it
};

/// Size of a new key: as much as the originals read of a file.
inline constexpr std::size_t new_key_bytes = 4096;

/// Facts of the key in a file, taken as agent and host take it. Errors: 105 (there is none), 77, 78 (it is no key:
/// empty, all zero, no regular file), 1.
[[nodiscard]] Outcome<KeyFacts> read_key_facts(const std::string& path);

/// Makes the file with a fresh key, mode 0600, and its directory (0700) if that is missing. It appears whole and
/// synced, or not at all; with `replace` it takes the place of another. Errors: 108 (there is one; `replace` was not
/// said), 77, 1 with the system's words.
[[nodiscard]] Outcome<KeyFacts> make_key_file(const std::string& path, bool replace);

}  // namespace duet::cli
