// SPDX-License-Identifier: Apache-2.0
// Connecting, losing the connection and connecting again, in one place.
#include "platform/corosync/session.hpp"

#include <poll.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "platform/corosync/cmap.hpp"

namespace duet::corosync {
namespace {

/// corosync restarts in about a second; a quick first try serves the case that it is already there.
constexpr Duration first_retry = 50ms;
constexpr Duration last_retry = 1s;
/// Flow control ends with a turn of the token, which is a few milliseconds.
constexpr Duration resend_interval = 2ms;
/// Events taken in one turn of the loop, so that a flood holds up nothing else.
constexpr std::size_t events_per_turn = 64;

}  // namespace

Result<Links> open_links(const std::string& group) {
  Links links;
  auto map = Cmap::connect();
  if (!map) return tl::unexpected{map.error()};
  auto quorum = Quorum::connect();
  if (!quorum) return tl::unexpected{quorum.error()};
  auto cpg = Cpg::join(group);
  if (!cpg) return tl::unexpected{cpg.error()};
  auto info = read_cluster_info(**map, (*cpg)->self().node);
  if (!info) return tl::unexpected{info.error()};
  links.quorum = std::move(*quorum);
  links.cpg = std::move(*cpg);
  links.info = std::move(*info);
  return links;
}

Session::Session(Loop& loop, std::string group, Callbacks callbacks)
    : loop_{loop},
      group_{std::move(group)},
      callbacks_{std::move(callbacks)},
      retry_{loop, [this] { connect(); }},
      resend_{loop, [this] { flush(); }},
      back_off_{first_retry} {}

Session::~Session() {
  *alive_ = false;
  if (connector_.joinable()) connector_.join();
}

void Session::start() {
  connect();
}

void Session::connect() {
  if (connector_.joinable()) connector_.join();
  // The old handles are closed there, too: that call also waits for corosync.
  auto dead = std::make_shared<std::optional<Links>>(std::exchange(dead_, std::nullopt));
  connector_ = std::thread{[this, group = group_, alive = alive_, dead] {
    dead->reset();
    auto links = std::make_shared<Result<Links>>(open_links(group));
    loop_.post([this, alive, links] {
      if (*alive) connected_to(std::move(*links));
    });
  }};
}

void Session::connected_to(Result<Links> links) {
  if (!links) {
    const Error& error = links.error();
    callbacks_.refused(error.what + ": " + error.why + (error.fix.empty() ? "" : " (" + error.fix + ")"));
    retry_later();
    return;
  }
  auto cpg_watch = loop_.watch(links->cpg->fd(), POLLIN, [this](short revents) { on_cpg(revents); });
  auto quorum_watch = loop_.watch(links->quorum->fd(), POLLIN, [this](short revents) { on_quorum(revents); });
  if (!cpg_watch || !quorum_watch) {
    callbacks_.refused("no descriptor to watch corosync with");
    retry_later();
    return;
  }
  back_off_ = first_retry;
  failure_.clear();
  unsent_.clear();
  links_ = std::move(*links);
  tracker_.emplace(links_->cpg->self());
  cpg_watch_ = std::move(*cpg_watch);
  quorum_watch_ = std::move(*quorum_watch);
  callbacks_.opened(links_->info, links_->quorum->settings());
}

void Session::retry_later() {
  retry_.arm_in(back_off_);
  back_off_ = std::min<Duration>(back_off_ * 2, last_retry);
}

void Session::close(const std::string& why) {
  if (!links_) return;
  cpg_watch_.reset();
  quorum_watch_.reset();
  resend_.cancel();
  unsent_.clear();
  tracker_.reset();
  dead_ = std::exchange(links_, std::nullopt);
  callbacks_.closed(why);
  retry_later();
}

void Session::on_cpg(short revents) {
  auto events = links_->cpg->dispatch(events_per_turn);
  if (!events) return close(events.error().what + ": " + events.error().why);
  for (Cpg::Event& event : *events) {
    handle(event);
    if (!links_) return;
  }
  if (tracker_->expelled()) return close("corosync removed this process from the group");
  // corosync's library reports some losses as "nothing there": the hang-up of the descriptor is the sure sign.
  if (events->empty() && (revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return close("corosync has gone");
  if (!unsent_.empty()) flush();
}

void Session::on_quorum(short revents) {
  auto states = links_->quorum->dispatch(events_per_turn);
  if (!states) return close(states.error().what + ": " + states.error().why);
  for (const QuorumState& state : *states) {
    callbacks_.quorum(state);
    if (!links_) return;
  }
  if (states->empty() && (revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) close("corosync's quorum service has gone");
}

void Session::handle(Cpg::Event& event) {
  std::optional<View> view;
  if (const auto* change = std::get_if<GroupChange>(&event)) view = tracker_->change(*change);
  if (const auto* ring = std::get_if<Cpg::RingNumber>(&event)) view = tracker_->ring(ring->sequence);
  if (view) callbacks_.view(*view);
  auto* const message = std::get_if<Cpg::Message>(&event);
  if (message == nullptr || !tracker_->counts(message->sender)) return;
  callbacks_.message(message->sender.node, std::move(message->data));
}

void Session::multicast(Bytes message) {
  if (!links_) return;
  if (!unsent_.push(std::move(message))) {
    failure_ = "more messages are waiting than corosync takes";
    return post(&Session::give_up);
  }
  if (unsent_.size() == 1) flush();
}

void Session::flush() {
  while (links_ && !unsent_.empty()) {
    const auto sent = links_->cpg->multicast(unsent_.front());
    if (sent) {
      unsent_.pop();
      continue;
    }
    if (sent.error().code == Errc::try_again) return resend_.arm_in(resend_interval);
    failure_ = sent.error().what + ": " + sent.error().why;
    return post(&Session::give_up);
  }
}

void Session::give_up() {
  if (!failure_.empty()) close(std::exchange(failure_, {}));
}

void Session::post(void (Session::*member)()) {
  loop_.post([this, alive = alive_, member] {
    if (*alive) (this->*member)();
  });
}

}  // namespace duet::corosync
