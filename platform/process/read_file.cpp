// SPDX-License-Identifier: Apache-2.0
// See read_file.hpp.
#include "platform/process/read_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "platform/loop/unique_fd.hpp"

namespace duet {

Result<std::string> read_file(int directory, const std::string& path, std::size_t limit) {
  const UniqueFd fd{openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  if (!fd) return fail(errno == ENOENT ? Errc::not_found : Errc::backend, path + ": " + std::strerror(errno));
  std::string content;
  while (true) {
    const std::size_t at = content.size();
    if (at > limit) return fail(Errc::limit, path + " is longer than " + std::to_string(limit) + " bytes");
    content.resize(at + 4096);
    const ssize_t got = read(fd.get(), content.data() + at, 4096);
    if (got < 0 && errno != EINTR) return fail(Errc::backend, path + ": " + std::strerror(errno));
    content.resize(at + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got == 0) return content;
  }
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  return read_file(AT_FDCWD, path, limit);
}

Result<void> replace_file(int directory, const std::string& path, std::string_view content) {
  const std::string fresh = path + ".new";
  const auto failed = [&](const char* call) {
    return fail(Errc::storage, std::string{call} + ' ' + path + ": " + std::strerror(errno));
  };
  UniqueFd fd{openat(directory, fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!fd) return failed("open");
  while (!content.empty()) {
    const ssize_t written = write(fd.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("write");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  fd.reset();
  if (renameat(directory, fresh.c_str(), directory, path.c_str()) != 0) return failed("rename");
  return {};
}

}  // namespace duet
