// SPDX-License-Identifier: Apache-2.0
// StateDirectory: /var/lib/duet, checked for owner and modes, locked for one daemon (A11, R49).
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet {

/// The lock lasts as long as the object; the system ends it with the process, however that ends.
class StateDirectory {
 public:
  /// Errors: Errc::storage (not there, not a directory), Errc::not_permitted (owner is not the caller, or others may
  /// enter or read: never repaired silently), Errc::busy (another daemon has it; its pid is in the text).
  static Result<StateDirectory> open(const std::string& path);
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }
  /// If the file exists: a regular file of the caller, of nobody else to read or write. Error: Errc::not_permitted.
  [[nodiscard]] Result<void> check_file(const char* name) const;

 private:
  StateDirectory(std::string path, UniqueFd lock) : path_{std::move(path)}, lock_{std::move(lock)} {}
  std::string path_;
  UniqueFd lock_;
};

}  // namespace duet
