// SPDX-License-Identifier: Apache-2.0
// Connections of the host daemon to agents.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/invariant.hpp"
#include "daemon/virtd/host.hpp"
#include "platform/clock/clock.hpp"

namespace duet::virtd {

using fencehost::CallId;

namespace {

constexpr Duration answer_limit = 5s;  ///< for an agent to take its answer, a long list included
constexpr std::size_t peers_max = 2 * fencehost::calls_max;

int begin_connect(int fd, const fencehost::ConnectTo& command) {
  if (command.address.family == xvm::Family::ipv4) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(command.port);
    std::memcpy(&to.sin_addr, command.address.bytes.data(), sizeof to.sin_addr);
    return connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(command.port);
  std::memcpy(&to.sin6_addr, command.address.bytes.data(), sizeof to.sin6_addr);
  if (xvm::is_link_local(command.address)) to.sin6_scope_id = command.scope;
  return connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

void set(int fd, int level, int option, int value) {
  // Comfort only: the service has limits of its own.
  static_cast<void>(setsockopt(fd, level, option, &value, sizeof value));
}

/// Nobody may foresee these. Before the kernel has entropy (long before this program can run) it would block.
xvm::Block fresh_random() {
  xvm::Block block{};
  std::size_t filled = 0;
  while (filled < block.size()) {
    const ssize_t got = getrandom(block.data() + filled, block.size() - filled, 0);
    DUET_INVARIANT(got > 0 || errno == EINTR);
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  return block;
}

}  // namespace

/// Who has its answer, and does not close, is in nobody's way: the oldest of them goes. The service's own calls are
/// fewer than peers_max.
bool Host::make_room_for_peer() {
  if (peers_.size() < peers_max) return true;
  auto oldest = peers_.end();
  for (auto it = peers_.begin(); it != peers_.end(); ++it) {
    if (it->second.answered && (oldest == peers_.end() || it->second.until < oldest->second.until)) oldest = it;
  }
  if (oldest == peers_.end()) return false;
  peers_.erase(oldest);
  return true;
}

void Host::perform(const fencehost::ConnectTo& command) {
  const bool v4 = command.address.family == xvm::Family::ipv4;
  Peer peer;
  peer.fd = UniqueFd{socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const auto failed = [&](const char* what) {
    service_.ended(boot_now(), command.call, std::string{what} + std::strerror(errno));
  };
  if (!peer.fd) return failed("cannot be called: ");
  if (!make_room_for_peer()) return service_.ended(boot_now(), command.call, "cannot be called: too many connections");
  set(peer.fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set(peer.fd.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
  set(peer.fd.get(), IPPROTO_TCP, TCP_KEEPIDLE, 2);
  set(peer.fd.get(), IPPROTO_TCP, TCP_KEEPINTVL, 2);
  set(peer.fd.get(), IPPROTO_TCP, TCP_KEEPCNT, 3);
  if (begin_connect(peer.fd.get(), command) != 0 && errno != EINPROGRESS) return failed("cannot be reached: ");
  auto watch = loop_.watch(peer.fd.get(), POLLOUT, [this, call = command.call](short events) {
    peer_ready(call, events);
    drain();
  });
  if (!watch) return failed("cannot be watched: ");
  peer.watch = std::move(*watch);
  peers_.emplace(command.call, std::move(peer));
}

void Host::peer_ready(CallId call, short events) {
  const auto found = peers_.find(call);
  if (found == peers_.end()) return;
  Peer& peer = found->second;
  if (peer.connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(peer.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) {
      service_.ended(boot_now(), call, std::string{"cannot be reached: "} + std::strerror(error));
      peers_.erase(call);
      return;
    }
    if ((events & POLLOUT) == 0) return;
    peer.connecting = false;
    peer.watch.set_events(POLLIN);
    service_.connected(boot_now(), call, fresh_random());
    return;
  }
  if (peer.answered && !peer.rest.empty()) return write_rest(call);
  std::array<std::uint8_t, 512> buffer{};
  const ssize_t got = recv(peer.fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (got > 0) {
    if (!peer.answered) {
      service_.received(boot_now(), call, ByteView{buffer}.first(static_cast<std::size_t>(got)));
    }
    return;
  }
  if (peer.answered) {
    peers_.erase(call);
    return;
  }
  // The service may still hold it (its order is with the helper); then the answer finds nobody.
  service_.ended(boot_now(), call,
                 got == 0 ? "closed the connection" : std::string{"broke off: "} + std::strerror(errno));
  peers_.erase(call);
}

void Host::perform(const fencehost::SendTo& command) {
  const auto found = peers_.find(command.call);
  if (found == peers_.end()) return;
  // 64 bytes into a connection on which little was sent: they fit, or it is dead.
  const ssize_t sent = send(found->second.fd.get(), command.bytes.data(), command.bytes.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(command.bytes.size())) return;
  peers_.erase(found);
  service_.ended(boot_now(), command.call, "takes no bytes");
}

void Host::perform(const fencehost::AnswerTo& command) {
  const auto found = peers_.find(command.call);
  if (found == peers_.end()) return;
  found->second.answered = true;
  found->second.rest = command.bytes;
  found->second.until = boot_now() + answer_limit;
  write_rest(command.call);
}

void Host::write_rest(CallId call) {
  Peer& peer = peers_.at(call);
  const ssize_t sent = send(peer.fd.get(), peer.rest.data(), peer.rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
    peers_.erase(call);
    return;
  }
  if (sent > 0) peer.rest.erase(peer.rest.begin(), peer.rest.begin() + sent);
  if (!peer.rest.empty()) {
    peer.watch.set_events(POLLOUT);
    return;
  }
  // Closed in order: with close(2) alone, bytes of the agent that nobody has read would destroy the answer on its way.
  shutdown(peer.fd.get(), SHUT_WR);
  peer.watch.set_events(POLLIN);
}

void Host::perform(const fencehost::HangUp& command) {
  peers_.erase(command.call);
}

}  // namespace duet::virtd
