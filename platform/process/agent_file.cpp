// SPDX-License-Identifier: Apache-2.0
// See agent_file.hpp. A script cannot be executed by its descriptor: the interpreter would open /dev/fd/N, which is
// gone (close-on-exec) or leaks to everything that the agent starts, and agents take their name from $0. It is executed
// by its path; that is as safe, because every component of the path was seen to be root's and writable for nobody else.
#include "platform/process/agent_file.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace duet {

namespace {

Error opening_error(const std::string& path, int error) {
  const std::string text = path + ": " + std::strerror(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Error{Errc::not_found, text};
    case EXDEV:
    case ELOOP:
      return Error{Errc::not_permitted, path + " is a link that leads out of its directory"};
    case EACCES:
      return Error{Errc::not_permitted, text};
    default:
      return Error{Errc::backend, text};
  }
}

Result<void> check_owner(const std::string& path, const struct stat& found) {
  if (found.st_uid != 0) return fail(Errc::not_permitted, path + " does not belong to root");
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) return fail(Errc::not_permitted, path + " can be written by others");
  return {};
}

/// Every directory from the root to `directory` and on to the file.
Result<void> check_way(const std::string& path) {
  for (std::size_t slash = 0; slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string part = slash == 0 ? "/" : path.substr(0, slash);
    struct stat found {};
    if (stat(part.c_str(), &found) != 0) return tl::unexpected{opening_error(part, errno)};
    if (auto checked = check_owner(part, found); !checked) return checked;
  }
  return {};
}

}  // namespace

Result<AgentFile> open_agent(const std::string& directory, const std::string& name) {
  AgentFile file;
  file.path = directory + '/' + name;
  const UniqueFd base{open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!base) return tl::unexpected{opening_error(directory, errno)};
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  file.fd = UniqueFd{static_cast<int>(syscall(SYS_openat2, base.get(), name.c_str(), &how, sizeof how))};
  if (!file.fd) return tl::unexpected{opening_error(file.path, errno)};
  struct stat found {};
  if (fstat(file.fd.get(), &found) != 0) return tl::unexpected{opening_error(file.path, errno)};
  if (!S_ISREG(found.st_mode) || (found.st_mode & S_IXUSR) == 0) {
    return fail(Errc::not_permitted, file.path + " is not an executable file");
  }
  if (auto checked = check_owner(file.path, found); !checked) return tl::unexpected{checked.error()};
  if (auto checked = check_way(file.path); !checked) return tl::unexpected{checked.error()};
  char begin[2] = {};
  file.script = pread(file.fd.get(), begin, sizeof begin, 0) == 2 && begin[0] == '#' && begin[1] == '!';
  return file;
}

}  // namespace duet
