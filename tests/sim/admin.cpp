// SPDX-License-Identifier: Apache-2.0
// Questions to the daemons and their answers.
#include "tests/sim/admin.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/invariant.hpp"
#include "tests/sim/requests.hpp"
#include "tests/sim/world.hpp"

namespace duet::sim {

void SimAdmin::random_step(int node, std::uint64_t salt) {
  Driver* duetd = world_.node(node).duetd();
  if (duetd == nullptr || world_.node(node).paused()) return;
  Rng rng{world_.plan.seed + salt, "administrator"};
  std::set<NodeId> off;
  for (int each = 0; each < 2; ++each) {
    if (!world_.has_power(each)) off.insert(world_.node(each).id());
  }
  auto request = random_request(world_.plan, duetd->core().committed().config, off, rng);
  if (request) send(node, std::move(request->request), request->what, request->target);
}

void SimAdmin::command(int node, const std::string& words) {
  auto request = command_request(words);
  DUET_INVARIANT(request.has_value());
  send(node, std::move(request->request), request->what, request->target);
}

std::uint64_t SimAdmin::send(int node, AdminRequest request, const std::string& what, const std::string& target) {
  Driver* duetd = world_.node(node).duetd();
  if (duetd == nullptr) return 0;
  request.unix_ms = world_.wall().unix_ms;
  const std::uint64_t client = ++clients_;
  open_[client] = Open{node, what};
  TraceEvent event{TraceKind::admin_req, 0, {}, 0, {}};
  event.text = {{"client", fmt::format("{}", client)}, {"what", what}, {"command", request.command}};
  if (!target.empty()) event.text["target"] = target;
  world_.node(node).emit(std::move(event));
  duetd->ask(client, request);
  return client;
}

std::optional<AdminReply> SimAdmin::ask(int node, AdminRequest request, const std::string& what,
                                        const std::string& target, Duration patience) {
  const std::uint64_t client = send(node, std::move(request), what, target);
  if (client == 0) return std::nullopt;
  watched_[client] = std::nullopt;
  const Duration end = world_.scheduler.now() + patience;
  while (!world_.scheduler.stopped() && world_.scheduler.now() < end && open_.contains(client)) {
    world_.scheduler.run_until(world_.scheduler.now() + 5ms);
  }
  std::optional<AdminReply> reply = watched_[client];
  watched_.erase(client);
  return reply;
}

void SimAdmin::answered(int node, std::uint64_t client, const AdminReply& reply) {
  const auto found = open_.find(client);
  if (found == open_.end()) return;
  std::string result = "ok";
  if (reply.error && reply.error->code != Errc::unchanged) result = "failed";
  if (reply.error && reply.error->code == Errc::unknown_result) result = "unknown";
  respond(node, client, found->second.what, result, reply);
  if (const auto watched = watched_.find(client); watched != watched_.end()) watched->second = reply;
  open_.erase(client);
}

void SimAdmin::daemon_ended(int node) {
  for (auto it = open_.begin(); it != open_.end();) {
    if (it->second.node != node) {
      ++it;
      continue;
    }
    respond(node, it->first, it->second.what, "unknown", AdminReply{});
    it = open_.erase(it);
  }
}

void SimAdmin::respond(int node, std::uint64_t client, const std::string& what, const std::string& result,
                       const AdminReply& reply) {
  TraceEvent event{TraceKind::admin_resp, 0, {}, 0, {}};
  event.text = {{"client", fmt::format("{}", client)}, {"what", what}, {"result", result}};
  if (reply.error) event.text["error"] = reply.error->what;
  if (reply.error) event.text["code"] = std::string{to_string(reply.error->code)};
  if (!reply.error && reply.position != ConfigPosition{}) {
    event.text["epoch"] = fmt::format("{}", reply.position.epoch);
    event.text["index"] = fmt::format("{}", reply.position.index);
  }
  world_.node(node).emit(std::move(event));
}

}  // namespace duet::sim
