// SPDX-License-Identifier: Apache-2.0
// Addresses of the wire as the socket interface wants them, and a file descriptor that closes itself.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/xvm/address.hpp"

namespace duet::xvm {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_{fd} {}
  Fd(Fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

[[nodiscard]] inline SocketAddress socket_address(const Address& address, std::uint16_t port, unsigned scope = 0) {
  SocketAddress out;
  if (address.family == Family::ipv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, address.bytes.data(), sizeof in.sin_addr);
    std::memcpy(&out.storage, &in, sizeof in);
    out.length = sizeof in;
    return out;
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port);
  std::memcpy(&in.sin6_addr, address.bytes.data(), sizeof in.sin6_addr);
  if (is_link_local(address) || is_multicast(address)) in.sin6_scope_id = scope;
  std::memcpy(&out.storage, &in, sizeof in);
  out.length = sizeof in;
  return out;
}

/// The address in it; all zero IPv4 for another family.
[[nodiscard]] inline Address address_of(const SocketAddress& from) {
  Address out;
  if (from.storage.ss_family == AF_INET) {
    std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in*>(&from.storage)->sin_addr, 4);
  } else if (from.storage.ss_family == AF_INET6) {
    out.family = Family::ipv6;
    std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(&from.storage)->sin6_addr, 16);
  }
  return out;
}

}  // namespace duet::xvm
