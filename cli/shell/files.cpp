// SPDX-License-Identifier: Apache-2.0
// Reading of small files.
#include "cli/shell/files.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/escape.hpp"

namespace duet::cli {

namespace {

constexpr std::size_t largest_file = 64UL * 1024;

tl::unexpected<Failure> cannot_read(const std::string& path, std::string_view why) {
  return failure({.code = Exit::failed, .what = fmt::format("cannot read '{}': {}", escape_line(path, 200), why)});
}

}  // namespace

Outcome<std::string> read_small_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return cannot_read(path, std::strerror(errno));
  struct stat info {};
  std::string text;
  std::string error;
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) error = "it is no regular file";
  std::array<char, 4096> part{};
  while (error.empty()) {
    const auto size = ::read(fd, part.data(), part.size());
    if (size < 0) error = std::strerror(errno);
    if (size <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > largest_file) error = fmt::format("it is larger than {} bytes", largest_file);
  }
  ::close(fd);
  if (!error.empty()) return cannot_read(path, error);
  return text;
}

}  // namespace duet::cli
