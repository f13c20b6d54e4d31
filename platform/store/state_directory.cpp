// SPDX-License-Identifier: Apache-2.0
// Owner, modes and lock of the directory, and of the store in it.
#include "platform/store/state_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/escape.hpp"

namespace duet {
namespace {

tl::unexpected<Error> system_failure(const std::string& path) {
  return fail(Errc::storage, path, std::strerror(errno));
}

Result<void> check_owner(const std::string& path, const struct stat& found) {
  if (found.st_uid == geteuid() && (found.st_mode & 0077U) == 0) return {};
  return fail(Errc::not_permitted, path,
              fmt::format("owner {} and mode {:04o}: it must belong to user {} and nobody else may use it",
                          found.st_uid, found.st_mode & 07777U, geteuid()),
              "find out who changed it, then: chown -R duet: and chmod 0700 (files 0600)");
}

/// Who has the lock, as that daemon wrote it; for the message only.
std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = pread(fd, text.data(), text.size(), 0);
  return size > 0 ? escape_line({text.data(), static_cast<std::size_t>(size)}) : "?";
}

}  // namespace

Result<StateDirectory> StateDirectory::open(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return system_failure(path);
  if (!S_ISDIR(found.st_mode)) return fail(Errc::storage, path, "is not a directory");
  if (auto ok = check_owner(path, found); !ok) return tl::unexpected{ok.error()};
  const std::string name = path + "/lock";
  UniqueFd lock{::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!lock) return system_failure(name);
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(Errc::busy, path, "is in use by another daemon with pid " + holder(lock.get()));
  }
  const std::string pid = std::to_string(getpid());
  // Only a help for people: the lock itself does not depend on it, nor may a full disk stop the start.
  static_cast<void>(ftruncate(lock.get(), 0) == 0 && pwrite(lock.get(), pid.data(), pid.size(), 0) > 0);
  return StateDirectory{path, std::move(lock)};
}

Result<void> StateDirectory::check_file(const char* name) const {
  struct stat found {};
  const std::string path = file(name);
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return system_failure(path);
  }
  if (!S_ISREG(found.st_mode)) return fail(Errc::not_permitted, path, "is not a regular file");
  return check_owner(path, found);
}

}  // namespace duet
