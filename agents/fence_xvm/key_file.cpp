// SPDX-License-Identifier: Apache-2.0
// The key file, judged by its open descriptor, so that it cannot be exchanged between the look and the read.
#include "agents/fence_xvm/key_file.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/base/concat.hpp"

namespace duet::xvm {

namespace {

class File {
 public:
  explicit File(const std::string& path) : fd_{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)} {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// Bytes of a key; wiped at the end.
struct Buffer {
  std::array<std::uint8_t, key_bytes_max> bytes{};
  std::size_t size = 0;
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

tl::unexpected<Error> not_read(const std::string& path, int error) {
  const Errc code = error == ENOENT || error == ENOTDIR ? Errc::not_found : Errc::backend;
  return fail(code, concat("Invalid key file: '", path, "' (", std::strerror(error), ")"));
}

std::string octal(mode_t mode) {
  std::array<char, 8> digits{'0'};
  const auto written = std::to_chars(digits.data() + 1, digits.data() + digits.size(), mode & 07777U, 8);
  return {digits.data(), written.ptr};
}

std::vector<std::string> judge(const std::string& path, const struct stat& info, std::size_t size) {
  std::vector<std::string> warnings;
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    warnings.push_back(concat("others than its owner can use the key file '", path, "' (mode ", octal(info.st_mode),
                              "); chmod 0600 it"));
  }
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    warnings.push_back(concat("the key file '", path, "' belongs to user ", info.st_uid));
  }
  if (size < key_bytes_good) {
    warnings.push_back(
        concat("the key in '", path, "' has only ", size, " bytes; ", key_bytes_max, " random bytes are usual"));
  }
  return warnings;
}

}  // namespace

Result<KeyFile> read_key_file(const std::string& path) {
  const File file{path};
  if (file.fd() < 0) return not_read(path, errno);
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return not_read(path, errno);
  if (!S_ISREG(info.st_mode)) {
    return fail(Errc::invalid_argument, concat("Invalid key file: '", path, "' (not a regular file)"));
  }
  Buffer key;
  while (key.size < key.bytes.size()) {
    const ssize_t got = ::read(file.fd(), key.bytes.data() + key.size, key.bytes.size() - key.size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return not_read(path, errno);
    if (got == 0) break;
    key.size += static_cast<std::size_t>(got);
  }
  auto secret = Secret::from_file(ByteView{key.bytes}.first(key.size));
  if (!secret) {
    return fail(Errc::invalid_argument, concat("Invalid key file: '", path, "' (", secret.error().what, ")"));
  }
  return KeyFile{std::move(*secret), judge(path, info, key.size)};
}

}  // namespace duet::xvm
