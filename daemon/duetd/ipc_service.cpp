// SPDX-License-Identifier: Apache-2.0
// Requests: who may ask them, which of them wait, and what the answer is made from.
#include "daemon/duetd/ipc_service.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "core/base/limits.hpp"
#include "core/codec/ipc_codec.hpp"
#include "daemon/duetd/user_names.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"

namespace duet {
namespace {

constexpr const char* admin_group = "haclient";
/// Longest wait for a change (core/message/ipc.hpp).
constexpr std::uint32_t longest_wait_ms = 30'000;
constexpr std::uint32_t largest_history = 100;

}  // namespace

Role IpcService::role_of(const ipc::PeerCredentials& peer, uid_t own_user, gid_t admin_group_id) {
  if (peer.uid == 0 || peer.uid == own_user) return Role::admin;
  if (admin_group_id != static_cast<gid_t>(-1) && peer.in_group(admin_group_id)) return Role::admin;
  return Role::none;
}

IpcService::IpcService(Loop& loop, Driver& driver)
    : loop_{loop}, driver_{driver}, admin_group_{group_id(admin_group)} {}

Result<std::unique_ptr<IpcService>> IpcService::create(Loop& loop, UniqueFd listener, Driver& driver) {
  std::unique_ptr<IpcService> service{new IpcService{loop, driver}};
  IpcService* const self = service.get();
  auto server = ipc::Server::create(
      loop, std::move(listener), ipc::ServerOptions{},
      {[self](ipc::ConnectionId connection, const ipc::PeerCredentials& peer) { return self->admit(connection, peer); },
       [self](ipc::ConnectionId connection, const Bytes& bytes) { self->frame(connection, bytes); },
       [self](ipc::ConnectionId connection, const std::string&) { self->forget(connection); }});
  if (!server) return tl::unexpected{server.error()};
  service->server_ = std::move(*server);
  return service;
}

std::size_t IpcService::admit(ipc::ConnectionId, const ipc::PeerCredentials& peer) {
  switch (role_of(peer, geteuid(), admin_group_)) {
    case Role::admin:
      return limits::ipc_frame_admin;
    case Role::reader:
      return limits::ipc_frame_reader;
    case Role::none:
      break;
  }
  log::write(log::Level::notice,
             fmt::format("local client refused: user {} is neither root nor in group {}", peer.uid, admin_group));
  return 0;
}

void IpcService::frame(ipc::ConnectionId connection, const Bytes& bytes) {
  auto request = decode_ipc_request(bytes);
  if (!request) return refuse({connection, ipc_request_number(bytes)}, request.error());
  const Caller caller{connection, request->number};
  std::visit([&](auto& body) { serve(caller, std::move(body)); }, request->body);
}

void IpcService::serve(Caller caller, const GetCluster& request) {
  const std::uint32_t wait_ms = std::min(request.wait_ms, longest_wait_ms);
  if (request.newer_than == 0 || driver_.generation() > request.newer_than || wait_ms == 0) {
    return reply(caller, driver_.view());
  }
  const std::uint64_t id = next_++;
  auto limit = std::make_unique<Timer>(loop_, [this, id, caller] {
    waiting_.erase(id);
    reply(caller, driver_.view());
  });
  limit->arm_in(std::chrono::milliseconds{wait_ms});
  waiting_.emplace(id, Waiting{caller, request.newer_than, std::move(limit)});
}

void IpcService::serve(Caller caller, const GetHistory& request) {
  reply(caller, HistoryReply{driver_.history(std::min(request.count, largest_history))});
}

void IpcService::serve(Caller caller, AdminRequest request) {
  const ipc::PeerCredentials* const peer = server_->peer(caller.connection);
  if (peer == nullptr) return;
  request.author = user_name(peer->uid) + "@" + driver_.node_name();
  request.unix_ms = wall_now().unix_ms;
  const std::uint64_t client = next_++;
  log::audit(fmt::format("{} (uid {}): {}", request.author, peer->uid, request.command));
  asked_.emplace(client, Asked{caller, request.author, request.command});
  if (driver_.ask(client, std::move(request))) return;
  asked_.erase(client);
  refuse(caller, {Errc::not_running, "corosync", "is not running on this node, or does not let duetd in",
                  "systemctl start corosync; journalctl -u corosync -u duetd"});
}

void IpcService::answer(std::uint64_t client, const AdminReply& admin_reply) {
  const auto found = asked_.find(client);
  if (found == asked_.end()) return;
  const Asked asked = std::move(found->second);
  asked_.erase(found);
  const auto& error = admin_reply.error;
  const std::string result =
      error ? fmt::format("{}: {} {}", to_string(error->code), error->what, error->why)
            : fmt::format("done, commit {}.{}", admin_reply.position.epoch, admin_reply.position.index);
  log::audit(fmt::format("{}: {}: {}", asked.author, asked.command, result));
  if (asked.caller.connection != 0) reply(asked.caller, admin_reply);
}

void IpcService::refuse(Caller caller, Error error) {
  AdminReply answer;
  answer.error = std::move(error);
  reply(caller, std::move(answer));
}

void IpcService::reply(Caller caller, IpcReplyBody body) {
  server_->send(caller.connection, encode(IpcReply{caller.number, std::move(body)}));
}

void IpcService::forget(ipc::ConnectionId connection) {
  std::erase_if(waiting_, [connection](const auto& waiting) { return waiting.second.caller.connection == connection; });
  // The request goes on, and its result is still worth a line in the log.
  for (auto& [client, asked] : asked_) {
    if (asked.caller.connection == connection) asked.caller.connection = 0;
  }
}

void IpcService::changed() {
  if (posted_ || waiting_.empty()) return;
  posted_ = true;
  loop_.post([this, life = std::weak_ptr<int>{life_}] {
    if (!life.expired()) answer_waiting();
  });
}

void IpcService::answer_waiting() {
  posted_ = false;
  const std::uint64_t generation = driver_.generation();
  std::vector<Caller> ready;
  std::erase_if(waiting_, [&](const auto& waiting) {
    if (waiting.second.newer_than >= generation) return false;
    ready.push_back(waiting.second.caller);
    return true;
  });
  for (const Caller& caller : ready) reply(caller, driver_.view());
}

}  // namespace duet
