// SPDX-License-Identifier: Apache-2.0
// See client.hpp.
#include "platform/ipc/client.hpp"

#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/clock/clock.hpp"
#include "platform/ipc/peer.hpp"

namespace duet::ipc {

namespace {

bool is_owner(uid_t uid, const std::vector<uid_t>& owners) {
  return std::find(owners.begin(), owners.end(), uid) != owners.end();
}

Result<void> check_place(const std::string& path, const std::vector<uid_t>& owners) {
  struct stat socket {};
  if (lstat(path.c_str(), &socket) != 0) {
    if (errno == ENOENT) return fail(Errc::not_running, "there is no socket " + path);
    return fail(errno == EACCES ? Errc::not_permitted : Errc::backend, path + ": " + std::strerror(errno));
  }
  if (!S_ISSOCK(socket.st_mode) || !is_owner(socket.st_uid, owners)) {
    return fail(Errc::not_permitted, path + " is not the socket of the service",
                "it is no socket, or belongs to another user");
  }
  const auto slash = path.rfind('/');
  const std::string directory = slash == 0 ? "/" : path.substr(0, slash);
  struct stat place {};
  if (slash == std::string::npos || stat(directory.c_str(), &place) != 0) {
    return fail(Errc::not_permitted, path + " is not an absolute path");
  }
  if ((place.st_uid != 0 && !is_owner(place.st_uid, owners)) || (place.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(Errc::not_permitted, directory + " can be written by others", "a socket there proves nothing");
  }
  return {};
}

Error connect_error(const std::string& path, int error) {
  const std::string text = path + ": " + std::strerror(error);
  if (error == ENOENT || error == ECONNREFUSED) return Error{Errc::not_running, text};
  if (error == EACCES || error == EPERM) return Error{Errc::not_permitted, text};
  if (error == EAGAIN) return Error{Errc::busy, text};
  return Error{Errc::backend, text};
}

}  // namespace

Result<UniqueFd> connect_checked(const std::string& path, const std::vector<uid_t>& owners) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(Errc::invalid_argument, "socket path must have 1 to 107 bytes: " + path);
  }
  path.copy(address.sun_path, path.size());
  if (auto place = check_place(path, owners); !place) return tl::unexpected{place.error()};
  UniqueFd fd{socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd) return fail(Errc::backend, std::string{"socket: "} + std::strerror(errno));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return tl::unexpected{connect_error(path, errno)};
  }
  auto server = peer_credentials(fd.get());
  if (!server) return tl::unexpected{server.error()};
  if (!is_owner(server->uid, owners)) {
    return fail(Errc::not_permitted, path + " is served by user " + std::to_string(server->uid),
                "that is not the user of the service");
  }
  return fd;
}

Result<uid_t> user_id(const std::string& name) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return fail(Errc::not_found, "there is no user " + name);
  }
  return found->pw_uid;
}

Result<Client> Client::connect(const std::string& path, const std::vector<uid_t>& owners) {
  auto fd = connect_checked(path, owners);
  if (!fd) return tl::unexpected{fd.error()};
  return Client{std::move(*fd)};
}

Result<void> Client::wait_for(short events, Instant deadline) {
  const Duration left = deadline - boot_now();
  if (left <= Duration{0}) return fail(Errc::timeout, "no answer in time");
  timespec limit{};
  limit.tv_sec = left / 1s;
  limit.tv_nsec = (left % 1s).count();
  pollfd waiting{fd_.get(), events, 0};
  const int ready = ppoll(&waiting, 1, &limit, nullptr);
  if (ready == 0) return fail(Errc::timeout, "no answer in time");
  if (ready < 0 && errno != EINTR) return fail(Errc::backend, std::string{"poll: "} + std::strerror(errno));
  return {};
}

Result<void> Client::send(ByteView payload, Instant deadline) {
  const Bytes frame = make_frame(payload);
  std::size_t at = 0;
  while (at < frame.size()) {
    const ssize_t sent = ::send(fd_.get(), frame.data() + at, frame.size() - at, MSG_NOSIGNAL);
    if (sent >= 0) {
      at += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      if (auto ready = wait_for(POLLOUT, deadline); !ready) return ready;
    } else if (errno != EINTR) {
      return fail(Errc::disconnected, std::string{"the connection ended: "} + std::strerror(errno));
    }
  }
  return {};
}

Result<Bytes> Client::receive(Instant deadline, std::size_t limit) {
  reader_.set_limit(limit);
  std::array<std::uint8_t, 64 * 1024> data;
  while (true) {
    auto frame = reader_.next();
    if (!frame) return tl::unexpected{frame.error()};
    if (*frame) return std::move(**frame);
    const ssize_t got = recv(fd_.get(), data.data(), data.size(), 0);
    if (got > 0) {
      reader_.feed(ByteView{data}.first(static_cast<std::size_t>(got)));
    } else if (got == 0) {
      return fail(Errc::disconnected, "the connection was closed");
    } else if (errno == EAGAIN) {
      if (auto ready = wait_for(POLLIN, deadline); !ready) return tl::unexpected{ready.error()};
    } else if (errno != EINTR) {
      return fail(Errc::disconnected, std::string{"the connection ended: "} + std::strerror(errno));
    }
  }
}

}  // namespace duet::ipc
