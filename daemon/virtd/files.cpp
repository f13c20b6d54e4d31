// SPDX-License-Identifier: Apache-2.0
// Key, configuration, pid file.
#include "daemon/virtd/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "platform/process/read_file.hpp"

namespace duet::virtd {

namespace {

Error last_error(const std::string& what) {
  return Error{errno == ENOENT ? Errc::not_found : Errc::storage, what, std::strerror(errno)};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

bool sync_folder(const std::string& path) {
  const UniqueFd folder{open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return folder && fsync(folder.get()) == 0;
}

Result<void> write_new_file(const std::string& path, const std::string& content) {
  const UniqueFd fd{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!fd) return tl::unexpected{last_error(path)};
  const ssize_t wrote = write(fd.get(), content.data(), content.size());
  if (wrote != static_cast<ssize_t>(content.size()) || fsync(fd.get()) != 0) return tl::unexpected{last_error(path)};
  return {};
}

}  // namespace

Result<fencehost::ConfNode> read_conf_file(const std::string& path) {
  const auto text = read_file(path, fencehost::conf_size_max);
  if (!text) {
    Error error = text.error();
    error.fix = "duet-virtd -c writes one";
    return tl::unexpected{std::move(error)};
  }
  auto root = fencehost::parse_conf(*text);
  if (!root) {
    Error error = root.error();
    error.what = path + ": " + error.what;
    return tl::unexpected{std::move(error)};
  }
  return root;
}

Result<xvm::Secret> read_key_file(const std::string& path, std::vector<std::string>& warnings) {
  const UniqueFd fd{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (!fd) {
    Error error = last_error("key file " + path);
    error.fix = "make one with: dd if=/dev/urandom of=" + path + " bs=4096 count=1; chmod 0600 " + path;
    return tl::unexpected{std::move(error)};
  }
  struct stat about {};
  if (fstat(fd.get(), &about) != 0) return tl::unexpected{last_error("key file " + path)};
  if (!S_ISREG(about.st_mode)) return fail(Errc::not_permitted, "key file " + path, "it is not a regular file");
  if (about.st_uid != geteuid() && about.st_uid != 0) {
    return fail(Errc::not_permitted, "key file " + path, "it belongs to user " + std::to_string(about.st_uid),
                "chown root:root " + path);
  }
  if ((about.st_mode & 077) != 0) {
    return fail(Errc::not_permitted, "key file " + path, "others than its owner may read or write it",
                "chmod 0600 " + path + "; if somebody else has an account here, make a new key");
  }
  Bytes bytes(xvm::key_bytes_max);
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = read(fd.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno != EINTR) return tl::unexpected{last_error("key file " + path)};
    if (got == 0) break;
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  auto secret = xvm::Secret::from_file(bytes);
  explicit_bzero(bytes.data(), bytes.size());
  if (!secret) {
    Error error = secret.error();
    error.what = "key file " + path + ": " + error.what;
    return tl::unexpected{std::move(error)};
  }
  if (filled < xvm::key_bytes_good) {
    warnings.push_back("key file " + path + " has only " + std::to_string(filled) +
                       " bytes: 4096 random bytes are usual, 32 the least that is safe");
  }
  return secret;
}

Result<void> make_directory(const std::string& path, unsigned mode) {
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return tl::unexpected{last_error(path)};
  struct stat about {};
  if (lstat(path.c_str(), &about) != 0) return tl::unexpected{last_error(path)};
  if (!S_ISDIR(about.st_mode) || about.st_uid != geteuid() || (about.st_mode & 022) != 0) {
    return fail(Errc::storage, path, "it is not a directory of this user in which nobody else may write");
  }
  return {};
}

Result<void> replace_with_backup(const std::string& path, const std::string& content) {
  const std::string fresh = path + ".new";
  const std::string backup = path + ".bak";
  if (unlink(fresh.c_str()) != 0 && errno != ENOENT) return tl::unexpected{last_error(fresh)};
  if (auto written = write_new_file(fresh, content); !written) return written;
  const auto again = read_file(fresh, fencehost::conf_size_max);
  if (!again || *again != content) return fail(Errc::storage, fresh, "it does not read back as it was written");
  if (access(path.c_str(), F_OK) == 0) {
    if (unlink(backup.c_str()) != 0 && errno != ENOENT) return tl::unexpected{last_error(backup)};
    if (link(path.c_str(), backup.c_str()) != 0) return tl::unexpected{last_error(backup)};
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) return tl::unexpected{last_error(path)};
  if (!sync_folder(path)) return tl::unexpected{last_error(folder_of(path))};
  return {};
}

Result<UniqueFd> write_pid_file(const std::string& path) {
  UniqueFd fd{open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)};
  if (!fd) return tl::unexpected{last_error(path)};
  // The lock, not the number, tells whether it runs: a number may belong to another process by now.
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(Errc::busy, path, "another duet-virtd runs", "stop it, or give each its own file with -p");
  }
  const std::string text = std::to_string(getpid());
  if (ftruncate(fd.get(), 0) != 0 ||
      pwrite(fd.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return tl::unexpected{last_error(path)};
  }
  return fd;
}

}  // namespace duet::virtd
