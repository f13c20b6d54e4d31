// SPDX-License-Identifier: Apache-2.0
// Listener, helper, timers and status of the parser's half; its connections are in host_peers.cpp.
#include "daemon/virtd/host.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "daemon/virtd/order_channel.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"

namespace duet::virtd {

using fencehost::HostCommand;
using fencehost::Weight;

namespace {

constexpr std::size_t datagrams_at_once = 64;  ///< then the other descriptors have their turn
constexpr Duration rejoin_interval = 10s;      ///< V42
constexpr Duration settle_time = 200ms;        ///< after a link event

xvm::Address to_wire(const net::IpAddress& address) {
  xvm::Address out;
  out.family = address.family() == net::Family::ipv4 ? xvm::Family::ipv4 : xvm::Family::ipv6;
  const ByteView bytes = address.bytes();
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

log::Level level_of(Weight weight) {
  switch (weight) {
    case Weight::debug:
      return log::Level::debug;
    case Weight::info:
      return log::Level::info;
    case Weight::notice:
      return log::Level::notice;
    case Weight::warning:
      return log::Level::warning;
  }
  return log::Level::warning;
}

}  // namespace

Result<std::unique_ptr<Host>> Host::create(Loop& loop, HostParts parts, const fencehost::HostRules& rules,
                                           const fencehost::Permissions& permissions) {
  std::unique_ptr<Host> host{new Host{loop, std::move(parts), rules, permissions}};
  if (auto opened = host->open(); !opened) return tl::unexpected{opened.error()};
  return host;
}

Host::Host(Loop& loop, HostParts parts, const fencehost::HostRules& rules, const fencehost::Permissions& permissions)
    : loop_{loop},
      parts_{std::move(parts)},
      service_{rules, permissions, parts_.replay.take_memory()},
      wakeup_{loop, [this] { tick(); }},
      rejoin_{loop, [this] { join(); }},
      started_{boot_now()} {}

Result<void> Host::open() {
  auto links = net::AddressWatch::open();
  if (!links) return tl::unexpected{links.error()};
  links_ = std::move(*links);
  const auto watch = [this](int fd, FdWatch& into, void (Host::*ready)()) -> Result<void> {
    auto made = loop_.watch(fd, POLLIN, [this, ready](short) { (this->*ready)(); });
    if (!made) return tl::unexpected{made.error()};
    into = std::move(*made);
    return {};
  };
  if (auto made = watch(parts_.listener.fd(), datagrams_, &Host::read_datagrams); !made) return made;
  if (auto made = watch(links_->fd(), link_events_, &Host::read_links); !made) return made;
  if (auto made = watch(parts_.helper.get(), helper_events_, &Host::read_helper); !made) return made;
  if (parts_.status) {
    if (auto made = watch(parts_.status.get(), status_requests_, &Host::give_status); !made) return made;
  }
  const auto joined = parts_.listener.refresh();
  if (!joined) return tl::unexpected{joined.error()};
  join();
  return {};
}

/// Every 10 s and at each link event: a bridge that was made anew, or a switch that has forgotten us.
void Host::join() {
  rejoin_.arm_in(rejoin_interval);
  const auto names = parts_.listener.refresh();
  std::string now = "nothing";
  if (names && !names->empty()) {
    now.clear();
    for (const std::string& name : *names) now += (now.empty() ? "" : ", ") + name;
  }
  ++rejoins_;
  if (!names) log::write(log::Level::warning, names.error().what + ": " + names.error().why);
  if (now == joined_) return;
  joined_ = now;
  if (names && names->empty()) {
    log::write(log::Level::warning, "no interface to listen on (" + parts_.description +
                                        "): fence requests by multicast are not received until there is one");
  } else {
    log::write(log::Level::notice, "listening on " + joined_ + " (" + parts_.description + ")");
  }
}

void Host::read_links() {
  const auto events = links_->read_events();
  if (!events) {
    log::write(log::Level::warning, "link events: " + events.error().what);
    link_events_.reset();  // the timer goes on
    return;
  }
  const bool links = std::any_of(events->begin(), events->end(), [](const net::NetEvent& event) {
    return event.kind != net::NetEvent::Kind::address_removed;
  });
  // Soon, and once for many: each joining tells every switch, and a host that starts containers has many events.
  if (links) rejoin_.arm_in(settle_time);
}

void Host::read_datagrams() {
  const Instant now = boot_now();
  parts_.listener.receive(datagrams_at_once, xvm::request_bytes, [&](const net::MulticastDatagram& datagram) {
    service_.datagram(now, datagram.bytes, {to_wire(datagram.from), datagram.from_here, datagram.interface});
  });
  drain();
}

void Host::read_helper() {
  for (;;) {
    auto packet = receive_packet(parts_.helper.get(), false);
    if (!packet && packet.error().code == Errc::try_again) break;
    if (!packet || !*packet) {
      if (!stopping_) {
        log::write(log::Level::error, "the helper that talks to the hypervisor has ended; so does this process");
        exit_code_ = 1;
      }
      helper_events_.reset();
      ended_ = true;
      loop_.stop();
      return;
    }
    const auto reply = fencehost::decode_power_reply((*packet)->bytes);
    if (reply) {
      service_.helper_said(boot_now(), *reply);
    } else {
      log::write(log::Level::error, reply.error().what + ": " + reply.error().why);
    }
  }
  drain();
}

void Host::tick() {
  const Instant now = boot_now();
  service_.time_passed(now);
  std::erase_if(peers_, [&](const auto& entry) { return entry.second.answered && entry.second.until <= now; });
  drain();
}

/// Carries out what the service wants, until it wants nothing more.
void Host::drain() {
  for (auto commands = service_.take(); !commands.empty(); commands = service_.take()) {
    for (const HostCommand& command : commands) {
      std::visit([this](const auto& what) { perform(what); }, command);
    }
  }
  arm();
  if (stopping_) finish_if_idle();
}

void Host::arm() {
  auto wanted = service_.next_wakeup();
  for (const auto& [call, peer] : peers_) {
    if (peer.answered) wanted = wanted ? std::min(*wanted, peer.until) : peer.until;
  }
  if (wanted) {
    wakeup_.arm(*wanted);
  } else {
    wakeup_.cancel();
  }
}

void Host::perform(const fencehost::AskHelper& command) {
  int connection = -1;
  const auto refuse = [&](fencehost::OutcomeCode code) {
    service_.helper_said(boot_now(), fencehost::Outcome{command.order.id, code, 0, 0, {}});
  };
  if (command.with) {
    const auto peer = peers_.find(*command.with);
    if (peer == peers_.end() || !still_open(peer->second.fd.get())) {
      return refuse(fencehost::OutcomeCode::requester_gone);
    }
    connection = peer->second.fd.get();
  }
  const auto sent = send_packet(parts_.helper.get(), fencehost::encode(command.order), connection, false);
  if (!sent) refuse(fencehost::OutcomeCode::unreachable);
}

void Host::perform(const fencehost::Persist& command) {
  if (auto written = parts_.replay.write(command.slot); !written) {
    log::write(log::Level::error, written.error().what + ": " + written.error().why +
                                      ": an old request could be repeated after a restart");
  }
}

void Host::perform(const fencehost::Say& command) {
  log::write(level_of(command.weight), command.text);
}

void Host::stop() {
  if (stopping_) return;
  stopping_ = true;
  datagrams_.reset();
  rejoin_.cancel();
  log::write(log::Level::notice, "ending");
  finish_if_idle();
}

/// The helper ends when this end of the pair is shut; its end of the pair then tells us.
void Host::finish_if_idle() {
  if (service_.idle()) shutdown(parts_.helper.get(), SHUT_WR);
}

void Host::give_status() {
  const UniqueFd client{accept4(parts_.status.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (!client) return;
  const std::string text = status();
  // It fits into an empty socket; a client that does not read gets what fits.
  static_cast<void>(send(client.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

std::string Host::status() const {
  const fencehost::HostCounters& count = service_.counters();
  std::string text;
  const auto line = [&text](const char* name, const std::string& value) {
    text += std::string{name} + ": " + value + "\n";
  };
  const auto number = [&line](const char* name, std::uint64_t value) { line(name, std::to_string(value)); };
  line("listening", parts_.description);
  line("interfaces", joined_);
  line("hypervisors", std::to_string(service_.backend().connected) + " of " +
                          std::to_string(service_.backend().configured) + " connected");
  number("uptime seconds", static_cast<std::uint64_t>((boot_now() - started_) / 1s));
  number("connections", service_.open_calls());
  number("lanes in use", service_.lanes_held());
  number("remembered power requests", service_.remembered());
  number("datagrams", count.datagrams);
  number("dropped: wrong size", count.wrong_size);
  number("dropped: wrong key", count.bad_mac);
  number("dropped: weak hash", count.weak_hash);
  number("dropped: malformed", count.malformed);
  number("dropped: replayed", count.replayed);
  number("dropped: repeated", count.repeated);
  number("dropped: address in no group", count.not_listed);
  number("dropped: impossible address", count.bad_callback);
  number("dropped: other interface", parts_.listener.elsewhere());
  number("dropped: no room", count.overflow);
  number("calls to agents", count.calls);
  number("calls failed", count.calls_failed);
  number("calls with wrong proof", count.wrong_proof);
  number("requesters gone", count.gone);
  number("questions answered", count.queries);
  number("power actions done", count.power_done);
  number("power actions failed", count.power_failed);
  number("denied", count.denied);
  return text;
}

}  // namespace duet::virtd
