// SPDX-License-Identifier: Apache-2.0
// See server.hpp.
#include "platform/ipc/server.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "platform/clock/clock.hpp"

namespace duet::ipc {

Result<std::unique_ptr<Server>> Server::create(Loop& loop, UniqueFd listener, ServerOptions options,
                                               ServerHandlers handlers) {
  std::unique_ptr<Server> server{new Server{loop, std::move(listener), options, std::move(handlers)}};
  auto watch = loop.watch(server->listener_.get(), POLLIN, [raw = server.get()](short) { raw->accept_one(); });
  if (!watch) return tl::unexpected{watch.error()};
  server->watch_ = std::move(*watch);
  return server;
}

Server::Server(Loop& loop, UniqueFd listener, ServerOptions options, ServerHandlers handlers)
    : loop_{loop},
      listener_{std::move(listener)},
      options_{options},
      handlers_{std::move(handlers)},
      accept_again_{loop, [this] { watch_.set_events(POLLIN); }} {}

Server::~Server() {
  watch_.reset();
}

void Server::accept_one() {
  // One per turn: a flood of connects must not keep the loop from its other work.
  UniqueFd fd{accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!fd) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      watch_.set_events(0);  // the listener stays readable: without a pause this would spin
      accept_again_.arm_in(100ms);
    }
    return;
  }
  auto peer = peer_credentials(fd.get());
  if (!peer || !has_room_for(peer->uid)) return;
  admit(std::move(fd), std::move(*peer));
}

bool Server::has_room_for(uid_t uid) const {
  if (uid == 0) return clients_.size() < options_.connections;
  std::size_t same = 0;
  bool root_is_served = false;
  for (const auto& [id, client] : clients_) {
    if (client.peer.uid == uid) ++same;
    if (client.peer.uid == 0) root_is_served = true;
  }
  const std::size_t open_to_all = options_.connections - (root_is_served ? 0 : 1);
  return same < options_.connections_per_uid && clients_.size() < open_to_all;
}

void Server::admit(UniqueFd fd, PeerCredentials peer) {
  const ConnectionId id = next_id_++;
  const std::size_t frame_limit = handlers_.connected(id, peer);
  if (frame_limit == 0) return;
  auto socket = FramedSocket::create(loop_, std::move(fd), frame_limit, options_.queue,
                                     {.frame = [this, id](Bytes frame) { take_frame(id, std::move(frame)); },
                                      .ended = [this, id](const std::string& why) { drop(id, why); },
                                      .active = [this, id] { note_activity(id); }});
  if (!socket) return handlers_.closed(id, socket.error().what);
  Client& client = clients_[id];
  client.peer = std::move(peer);
  client.socket = std::move(*socket);
  client.limit = std::make_unique<Timer>(loop_, [this, id] { check_limits(id); });
  client.last_active = boot_now();
  arm_limit(client);
}

void Server::take_frame(ConnectionId id, Bytes frame) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  client.partial_since = Instant{};
  if (options_.unanswered > 0 && ++client.unanswered >= options_.unanswered) client.socket->set_reading(false);
  handlers_.frame(id, std::move(frame));
}

void Server::note_activity(ConnectionId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  client.last_active = boot_now();
  if (!client.socket->receiving()) {
    client.partial_since = Instant{};
  } else if (client.partial_since == Instant{}) {
    client.partial_since = client.last_active;
    arm_limit(client);
  }
}

void Server::arm_limit(Client& client) {
  if (client.partial_since != Instant{}) {
    client.limit->arm(client.partial_since + options_.partial_request);
  } else if (options_.idle > Duration{0}) {
    client.limit->arm(client.last_active + options_.idle);
  }
}

void Server::check_limits(ConnectionId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  const Instant now = boot_now();
  // While we do not read from it, what is missing of a frame is not the client's fault.
  const bool held_up = options_.unanswered > 0 && client.unanswered >= options_.unanswered;
  if (held_up && client.partial_since != Instant{}) client.partial_since = now;
  if (client.partial_since != Instant{} && now - client.partial_since >= options_.partial_request) {
    return drop(id, "the request was not complete in time");
  }
  if (client.unanswered > 0) client.last_active = now;
  if (options_.idle > Duration{0} && now - client.last_active >= options_.idle) return drop(id, "idle");
  arm_limit(client);
}

void Server::send(ConnectionId id, ByteView payload) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  if (auto sent = client.socket->send(payload); !sent) {
    // Not from inside the caller's own call: it may be in the middle of a loop over its clients.
    loop_.post([this, id, why = sent.error().what, life = std::weak_ptr{life_}] {
      if (!life.expired()) drop(id, why);
    });
    return;
  }
  if (client.unanswered > 0 && client.unanswered-- == options_.unanswered) client.socket->set_reading(true);
}

void Server::close(ConnectionId id) {
  clients_.erase(id);
}

void Server::finish_if_closed(ConnectionId id) {
  const auto found = clients_.find(id);
  if (found != clients_.end()) found->second.socket->finish_if_closed();
}

const PeerCredentials* Server::peer(ConnectionId id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second.peer;
}

void Server::drop(ConnectionId id, const std::string& why) {
  if (clients_.erase(id) > 0) handlers_.closed(id, why);
}

}  // namespace duet::ipc
