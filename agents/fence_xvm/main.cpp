// SPDX-License-Identifier: Apache-2.0
// fence_xvm: options on the command line or, without any, on standard input.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "agents/fence_xvm/actions.hpp"
#include "core/xvm/agent_options.hpp"

namespace {

/// Reads to the end, one byte more than is accepted at most: the reader of the text refuses that.
std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() <= duet::xvm::stdin_max) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

/// A caller may have closed 0, 1 or 2; then a socket would get that number, and messages would go to the host.
void fill_standard_descriptors() {
  int fd = ::open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = ::dup(fd);
  if (fd >= 0) ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_descriptors();
  if (argc <= 1) return duet::xvm::run(duet::xvm::read_stdin(read_all(STDIN_FILENO)));
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  return duet::xvm::run(duet::xvm::read_arguments(arguments));
}
