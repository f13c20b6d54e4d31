// SPDX-License-Identifier: Apache-2.0
// See listen.hpp.
#include "platform/ipc/listen.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

namespace duet::ipc {

namespace {

constexpr int first_passed = 3;  // sd_listen_fds(3): SD_LISTEN_FDS_START

std::optional<int> environment_number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  int number = 0;
  const char* end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

/// Names of the passed descriptors, in order; those without a name are empty.
std::vector<std::string> passed_names(int count) {
  std::vector<std::string> names;
  const char* text = std::getenv("LISTEN_FDNAMES");
  std::string_view rest = text == nullptr ? std::string_view{} : std::string_view{text};
  while (static_cast<int>(names.size()) < count) {
    const auto colon = rest.find(':');
    names.emplace_back(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  }
  return names;
}

int socket_option(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return -1;
  return value;
}

Error system_error(const std::string& what) {
  return Error{Errc::backend, what + ": " + std::strerror(errno)};
}

}  // namespace

Result<UniqueFd> listen_from_systemd(std::string_view name) {
  const auto pid = environment_number("LISTEN_PID");
  const auto count = environment_number("LISTEN_FDS");
  if (!pid || *pid != getpid() || !count || *count < 1 || *count > 64) {
    return fail(Errc::not_found, "no listening socket was passed", "this program is started through its socket unit");
  }
  const auto names = passed_names(*count);
  int found = -1;
  for (int i = 0; i < *count; ++i) {
    if (name.empty() ? *count == 1 : names[static_cast<std::size_t>(i)] == name) found = first_passed + i;
  }
  if (found < 0) return fail(Errc::not_found, "no passed socket is named " + std::string{name});
  if (socket_option(found, SO_DOMAIN) != AF_UNIX || socket_option(found, SO_TYPE) != SOCK_STREAM ||
      socket_option(found, SO_ACCEPTCONN) != 1) {
    return fail(Errc::malformed, "the passed descriptor is not a listening UNIX stream socket");
  }
  const int flags = fcntl(found, F_GETFL);
  if (flags < 0 || fcntl(found, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(found, F_SETFD, FD_CLOEXEC) != 0) {
    return tl::unexpected{system_error("fcntl")};
  }
  return UniqueFd{found};
}

Result<UniqueFd> listen_on_path(const std::string& path, mode_t mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(Errc::invalid_argument, "socket path must have 1 to 107 bytes: " + path);
  }
  path.copy(address.sun_path, path.size());
  UniqueFd fd{socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd) return tl::unexpected{system_error("socket")};
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return tl::unexpected{system_error("unlink " + path)};
  const mode_t before = umask(static_cast<mode_t>(0777 & ~mode));
  const int bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  umask(before);
  if (bound != 0) return tl::unexpected{system_error("bind " + path)};
  if (listen(fd.get(), SOMAXCONN) != 0) return tl::unexpected{system_error("listen")};
  return fd;
}

}  // namespace duet::ipc
