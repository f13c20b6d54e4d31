// SPDX-License-Identifier: Apache-2.0
// See key_file.hpp.
#include "cli/shell/key_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <openssl/crypto.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/escape.hpp"
#include "core/xvm/secret.hpp"

namespace duet::cli {

namespace {

/// Wiped at its end.
struct KeyBytes {
  std::array<std::uint8_t, new_key_bytes> bytes{};
  KeyBytes() = default;
  KeyBytes(const KeyBytes&) = delete;
  KeyBytes& operator=(const KeyBytes&) = delete;
  ~KeyBytes() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

class File {
 public:
  explicit File(int fd) : fd_{fd} {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Failure> trouble(std::string_view what, const std::string& path, int error) {
  const bool refused = error == EACCES || error == EPERM || error == EROFS;
  const bool missing = error == ENOENT || error == ENOTDIR;
  const Exit code = refused ? Exit::not_permitted : (missing ? Exit::not_found : Exit::failed);
  return failure({.code = code,
                  .what = fmt::format("{} {}: {}", what, escape_line(path, 200), std::strerror(error)),
                  .fix = refused ? "as root" : ""});
}

tl::unexpected<Failure> no_key(const std::string& path, std::string_view why) {
  return failure({.code = Exit::invalid_config,
                  .what = fmt::format("{} holds no key", escape_line(path, 200)),
                  .why = std::string{why},
                  .fix = "duet stonith key generate --force"});
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool fill(KeyBytes& key) {
  for (std::size_t filled = 0; filled < key.bytes.size();) {
    const auto got = ::getrandom(key.bytes.data() + filled, key.bytes.size() - filled, 0);
    if (got <= 0 && errno != EINTR) return false;
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int fd, const KeyBytes& key) {
  for (std::size_t written = 0; written < key.bytes.size();) {
    const auto done = ::write(fd, key.bytes.data() + written, key.bytes.size() - written);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    written += static_cast<std::size_t>(done);
  }
  return ::fsync(fd) == 0;
}

/// Gives the complete new file its name. Without `replace` a file that is there, or comes meanwhile, stays.
bool install(const std::string& temporary, const std::string& path, bool replace) {
  const unsigned flags = replace ? 0U : static_cast<unsigned>(RENAME_NOREPLACE);
  return ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), flags) == 0;
}

Outcome<void> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return trouble("cannot make the directory", path, errno);
}

tl::unexpected<Failure> is_there(const std::string& path) {
  const auto facts = read_key_facts(path);
  return failure({.code = Exit::exists,
                  .what = fmt::format("{} exists", escape_line(path, 200)),
                  .detail = {facts ? fmt::format("{} bytes, fingerprint {}", facts->bytes, facts->fingerprint)
                                   : facts.error().what},
                  .why = "with a new key nothing can be fenced until the host and both nodes have it",
                  .fix = "to replace it: --force",
                  .subject = path});
}

Outcome<KeyFacts> facts_of(const std::string& path, const KeyBytes& key, std::size_t size) {
  const auto secret = xvm::Secret::from_file(ByteView{key.bytes}.first(size));
  if (!secret) return no_key(path, secret.error().what);
  return KeyFacts{secret->size(), secret->fingerprint()};
}

}  // namespace

Outcome<KeyFacts> read_key_facts(const std::string& path) {
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (file.fd() < 0) return trouble("cannot read the key", path, errno);
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return trouble("cannot read the key", path, errno);
  if (!S_ISREG(info.st_mode)) return no_key(path, "it is no regular file");
  KeyBytes key;
  std::size_t size = 0;
  while (size < key.bytes.size()) {
    const auto got = ::read(file.fd(), key.bytes.data() + size, key.bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return trouble("cannot read the key", path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return facts_of(path, key, size);
}

Outcome<KeyFacts> make_key_file(const std::string& path, bool replace) {
  struct stat info {};
  const bool there = ::lstat(path.c_str(), &info) == 0;
  if (there && !replace) return is_there(path);
  if (there && !S_ISREG(info.st_mode)) {
    return failure({.what = fmt::format("{} is no regular file", escape_line(path, 200)), .fix = "move it away"});
  }
  const std::string directory = directory_of(path);
  if (auto made = make_directory(directory); !made) return tl::unexpected(made.error());
  const std::string temporary = fmt::format("{}.new-{}", path, ::getpid());
  const File file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (file.fd() < 0) return trouble("cannot make", temporary, errno);
  KeyBytes key;
  const bool good =
      ::fchmod(file.fd(), 0600) == 0 && fill(key) && write_all(file.fd(), key) && install(temporary, path, replace);
  if (!good) {
    const int error = errno;
    ::unlink(temporary.c_str());
    if (error == EEXIST) return is_there(path);
    return trouble("cannot write", path, error);
  }
  const File folder{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.fd() < 0 || ::fsync(folder.fd()) != 0) return trouble("cannot sync", directory, errno);
  return facts_of(path, key, key.bytes.size());
}

}  // namespace duet::cli
