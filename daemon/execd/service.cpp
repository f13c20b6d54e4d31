// SPDX-License-Identifier: Apache-2.0
// See service.hpp.
#include "daemon/execd/service.hpp"

#include <fmt/format.h>
#include <sys/reboot.h>

#include <cerrno>
#include <cstring>

#include "core/agentapi/agent_name.hpp"
#include "core/base/escape.hpp"
#include "core/codec/exec_codec.hpp"
#include "platform/ipc/client.hpp"
#include "platform/ipc/listen.hpp"
#include "platform/log/log.hpp"

namespace duet::execd {

namespace {

constexpr std::size_t reply_queue = 16 * 1024 * 1024;  ///< a stalled duetd; outputs of ten meta-data calls at most

}  // namespace

Result<std::unique_ptr<Service>> Service::create(Loop& loop, const Settings& settings) {
  auto boot = read_boot_id();
  if (!boot) return tl::unexpected{boot.error()};
  auto places = Places::open(loop, settings);
  if (!places) return tl::unexpected{places.error()};
  if (const auto hierarchy = (*places)->cgroups()) {
    log::write(log::Level::info, "agents run in cgroups of the hierarchy " + *hierarchy);
  } else {
    log::write(
        log::Level::warning,
        "no cgroup can be made below our own: agents run in sessions of their own, and what they leave behind is "
        "found only as long as their supervisor lives");
  }
  std::unique_ptr<Service> service{new Service{loop, settings, std::move(*places), std::move(*boot)}};
  service->adopt();
  if (auto listening = service->listen(); !listening) return tl::unexpected{listening.error()};
  return service;
}

Service::Service(Loop& loop, const Settings& settings, std::unique_ptr<Places> places, BootId boot)
    : loop_{loop},
      settings_{settings},
      boot_{std::move(boot)},
      starts_{settings.run_directory + "/duetd-starts", boot_},
      places_{std::move(places)},
      last_starts_{settings.services()} {
  const auto send = [this](const ExecReply& message) { reply(message); };
  units_ = std::make_unique<units::UnitManager>(loop_);
  watches_ = std::make_unique<Watches>(loop_, units_.get(), settings_, last_starts_,
                                       [this](const ResourceHint& hint) { reply(hint); });
  operations_ = std::make_unique<Operations>(
      loop_, settings_, *places_, last_starts_, units_.get(),
      OperationHooks{.reply = send,
                     .began = [this](const RunAgent& order) { watches_->operation_began(order); },
                     .ended = [this](const RunAgent& order,
                                     const OpOutcome& outcome) { watches_->operation_ended(order, outcome); }});
  transient_ = std::make_unique<TransientRuns>(loop_, settings_, *places_, units_.get(), send);
  if (auto user = ipc::user_id(settings_.client_user)) client_user_ = *user;
}

void Service::adopt() {
  for (const Place& place : places_->found()) {
    if (place.name.starts_with('r')) {
      operations_->adopt(place);
    } else {
      transient_->end_left_over(place);
    }
  }
}

Result<void> Service::listen() {
  auto listener = settings_.socket.empty() ? ipc::listen_from_systemd() : ipc::listen_on_path(settings_.socket, 0660);
  if (!listener) return tl::unexpected{listener.error()};
  ipc::ServerOptions options;
  options.queue = reply_queue;
  options.idle = Duration{0};
  options.unanswered = 0;
  auto server = ipc::Server::create(
      loop_, std::move(*listener), options,
      {.connected = [this](ipc::ConnectionId id, const ipc::PeerCredentials& peer) { return admit(id, peer); },
       .frame = [this](ipc::ConnectionId, const Bytes& frame) { take_frame(frame); },
       .closed = [this](ipc::ConnectionId, const std::string& why) { disconnected(why); }});
  if (!server) return tl::unexpected{server.error()};
  server_ = std::move(*server);
  return {};
}

std::size_t Service::admit(ipc::ConnectionId id, const ipc::PeerCredentials& peer) {
  const bool known = peer.uid == 0 || (client_user_ && peer.uid == *client_user_);
  // A duetd that was restarted may come before the end of the old one was looked at.
  if (known && client_) server_->finish_if_closed(*client_);
  if (!known || client_) {
    log::write(log::Level::warning,
               fmt::format("connection of uid {} (pid {}) refused: {}", peer.uid, peer.pid,
                           known ? "duetd is connected already" : "only root and the user of duetd may give orders"));
    return 0;
  }
  client_ = id;
  greeted_ = false;
  return exec_body_max;
}

void Service::take_frame(const Bytes& frame) {
  auto request = decode_exec_request(frame);
  if (!request) {
    // Only this order is not carried out: ending the connection would end the others' fencing and watching with it.
    const std::string why = "an order is refused: " + request.error().what + ": " + request.error().why;
    log::write(log::Level::error, why);
    if (const auto run = run_of_refused(frame)) reply(RunEnded{*run, refusal({Errc::malformed, why}), {}});
    return;
  }
  if (!greeted_ && !std::holds_alternative<ExecHello>(*request)) {
    const ipc::ConnectionId client = *client_;
    disconnected("it gave an order before it said hello");
    return server_->close(client);
  }
  std::visit([this](const auto& order) { take(order); }, *request);
}

void Service::disconnected(const std::string& why) {
  log::write(log::Level::notice, "duetd has gone" + (why.empty() ? "" : ": " + escape_line(why, 500)));
  client_.reset();
  greeted_ = false;
  watches_->clear();
  transient_->end_all();
}

void Service::reply(const ExecReply& message) {
  // What ends while nobody is connected is kept where it must be, and told in the next welcome.
  if (client_ && greeted_) server_->send(*client_, encode(message));
}

void Service::take(const ExecHello& hello) {
  const ExecHello ours;
  if (greeted_ || hello.major != ours.major) {
    const ipc::ConnectionId client = *client_;
    disconnected(fmt::format("it speaks version {} of the protocol, we {}", hello.major, ours.major));
    return server_->close(client);
  }
  auto start = starts_.next();
  if (!start) {
    const ipc::ConnectionId client = *client_;
    disconnected("its start cannot be counted: " + start.error().what);
    return server_->close(client);
  }
  log::write(log::Level::info, fmt::format("duetd is connected (pid {}, start {} of this boot)", hello.pid, *start));
  ExecWelcome welcome;
  welcome.boot = boot_;
  welcome.duetd_start = *start;
  welcome.runs = operations_->kept();
  greeted_ = true;
  reply(welcome);
}

void Service::take(const RunAgent& order) {
  operations_->run(order);
}

void Service::take(const CancelRun& order) {
  if (!operations_->cancel(order.run)) transient_->cancel(order.run);
}

void Service::take(const AckResult& order) {
  operations_->acknowledge(order.run);
}

void Service::take(const RunFenceAgent& order) {
  transient_->run(order);
}

void Service::take(const WatchResource& order) {
  watches_->watch(order);
}

void Service::take(const UnwatchResource& order) {
  watches_->unwatch(order.resource);
}

void Service::take(const ForgetResource& order) {
  watches_->unwatch(order.resource);
  last_starts_.forget(order.resource);
  const auto carrier = carrier_of(order.agent, settings_);
  const auto unit = unit_name(order.agent.type);
  if (!carrier || *carrier != Carrier::unit || !unit) return;
  if (remove_drop_in(settings_, *unit)) units_->reload([](const Result<void>&) {});
}

void Service::take(const RebootNow& order) {
  log::write(log::Level::error, "reboot: " + escape_line(order.reason, 500));
  // No sync first: a disk that hangs must not keep this node from ending (S6).
  if (reboot(RB_AUTOBOOT) != 0) {
    log::write(log::Level::error, std::string{"reboot is not possible: "} + std::strerror(errno));
  }
}

void Service::take(const QueryMetadata& order) {
  transient_->query(order);
}

}  // namespace duet::execd
