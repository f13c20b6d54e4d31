// SPDX-License-Identifier: Apache-2.0
// The loop of one question: listens first, sends a datagram from each address, serves call-backs.
#include "agents/fence_xvm/exchange.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/random.h>

#include <cerrno>
#include <list>
#include <set>

#include "agents/fence_xvm/callback_watch.hpp"
#include "agents/fence_xvm/socket_address.hpp"
#include "core/base/concat.hpp"
#include "core/base/invariant.hpp"
#include "platform/clock/clock.hpp"

namespace duet::xvm {

namespace {

// Enough for every host of a site, and for the right one to prove itself beside somebody who connects again and again.
// When all are taken, the oldest that has proven nothing goes.
constexpr std::size_t connections_max = 64;
// A second host gets the same datagram at the same moment and connects before it acts: this is ample for that.
constexpr Duration refusal_grace = 300ms;
// After a call-back of somebody without the key the right host gets two more datagrams (at the usual 2 s).
constexpr Duration distrust_grace = 5s;
// A host answers the challenge before it does anything else; the originals allow 10 s for it.
constexpr Duration proof_limit = 10s;
// A host on the same network has called back and answered the challenge after 2 ms.
constexpr Duration head_start = 50ms;

template <class Value>
void fill_random(Value& value) {
  // Up to 256 bytes come whole and uninterrupted once the kernel's generator is set up (getrandom(2)).
  const ssize_t got = ::getrandom(&value, sizeof value, 0);
  DUET_INVARIANT(got == static_cast<ssize_t>(sizeof value));
}

struct Connection {
  Fd socket;
  AgentSession session;
  Address peer;
  Instant deadline;
};

constexpr int rank_distrusted = 2;  ///< up to here the other end has not shown the key
constexpr int rank_answered = 5;    ///< an answer, but not the one that ends the question
constexpr int rank_off = 6;         ///< off, to a status: the word of who has the domain, not of who does not know it
constexpr int rank_good = 7;

/// How much an end tells: an answer of a host with the key most, a connection that came to nothing least.
int rank(const SessionEnd& end, bool trusted) {
  switch (end.kind) {
    case SessionEnd::Kind::answered:
      return rank_answered;
    case SessionEnd::Kind::broken_list:
      return 4;
    case SessionEnd::Kind::wrong_response:
      return rank_distrusted;
    case SessionEnd::Kind::closed:
    case SessionEnd::Kind::silent:
      return trusted ? 3 : 1;
  }
  return 0;
}

class Exchange {
 public:
  Exchange(const AgentOptions& options, const Question& question, const Secret* secret)
      : options_{options}, question_{question}, secret_{secret} {
    fill_random(seqno_);
  }
  Outcome run();

 private:
  bool listen();
  bool bind_listener(std::uint16_t port);
  void send_round(Instant now);
  void send_rest();
  void send_all_from(const LocalAddress& local);
  void send_from(const LocalAddress& local, const Address& group);
  void accept_all(Instant now);
  void serve(Connection& connection, Instant now);
  void pass_time(Instant now);
  void judge(const Connection& connection, Instant now);
  void wait(Instant now);
  [[nodiscard]] bool is_good(const SessionEnd& end) const;
  [[nodiscard]] bool is_off(const SessionEnd& end) const;
  [[nodiscard]] bool all_shall_act() const;
  void hear_others_out(const Address& peer, Instant now);
  [[nodiscard]] int rank_of(const SessionEnd& end, bool trusted) const;
  [[nodiscard]] std::optional<Duration> grace_after(const SessionEnd& end, bool trusted) const;
  [[nodiscard]] bool trusted_one_left() const;
  [[nodiscard]] bool others_may_act() const;
  [[nodiscard]] bool may_send() const;
  [[nodiscard]] bool rest_may_go() const;
  [[nodiscard]] bool decided(Instant now) const;
  [[nodiscard]] Duration step_limit(const AgentSession& session) const;

  const AgentOptions& options_;
  const Question& question_;
  const Secret* secret_;
  std::uint32_t seqno_ = 0;
  Fd listener_;
  std::optional<CallbackWatch> watch_;
  std::list<Connection> connections_;
  Instant give_up_;
  Instant next_round_;
  std::vector<LocalAddress> rest_;  ///< of this round: addresses that wait for those before them
  Instant rest_at_;
  std::optional<Instant> settle_at_;  ///< when what we have counts, if nothing better has come
  int best_rank_ = 0;
  std::size_t sent_ = 0;  ///< datagrams that left
  Outcome outcome_;
};

bool Exchange::bind_listener(std::uint16_t port) {
  const int family = static_cast<int>(options_.family);
  Fd socket{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return false;
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  SocketAddress any = socket_address(Address{.family = options_.family, .bytes = {}}, port);
  if (::bind(socket.get(), any.get(), any.length) != 0 ||
      ::listen(socket.get(), static_cast<int>(connections_max)) != 0)
    return false;
  if (::getsockname(socket.get(), any.get(), &any.length) != 0) return false;
  outcome_.callback_port = ntohs(reinterpret_cast<const sockaddr_in*>(any.get())->sin_port);  // same place in both
  listener_ = std::move(socket);
  return true;
}

bool Exchange::listen() {
  if (bind_listener(options_.callback_port)) return true;
  const int error = errno;
  outcome_.errors.push_back(
      concat("Failed to listen on TCP port ", options_.callback_port, ": ", std::strerror(error)));
  // Another agent of this node has the port for a moment. It shall not hold this one up; a firewall may.
  return options_.callback_port != 0 && error == EADDRINUSE && bind_listener(0);
}

void Exchange::send_from(const LocalAddress& local, const Address& group) {
  Request request{
      .operation = static_cast<std::uint8_t>(question_.operation),
      .hash = options_.hash,
      .uuid_flag = options_.use_uuid,
      .domain = needs_domain(options_.action) && question_.operation != Operation::list ? options_.domain : "",
      .callback = local.address,
      .port = outcome_.callback_port,
      .seqno = seqno_};
  fill_random(request.random);
  const Datagram datagram = encode_request(request, secret_);
  const auto sent = send_datagram(local, group, options_.port, datagram);
  if (sent) {
    ++sent_;
    return;
  }
  outcome_.nobody_listens = outcome_.nobody_listens || sent.error().code == Errc::not_running;
  if (outcome_.rounds == 1) outcome_.errors.push_back(sent.error().what);
}

void Exchange::send_round(Instant now) {
  ++outcome_.rounds;
  next_round_ = now + std::chrono::milliseconds{options_.retrans * 100};
  if (outcome_.rounds == 2) watch_.emplace(outcome_.callback_port);
  const auto all = local_addresses(options_.family);
  if (!all) {
    outcome_.errors.push_back(all.error().what);
    return;
  }
  outcome_.tried = usable_addresses(*all);
  // The loopback is needed only on a host that asks itself.
  rest_.clear();
  std::set<unsigned> interfaces;
  for (const LocalAddress& local : outcome_.tried) {
    const bool foremost = !is_loopback(local.address) && interfaces.insert(local.index).second;
    foremost ? send_all_from(local) : rest_.push_back(local);
  }
  rest_at_ = interfaces.empty() ? now : now + head_start;
}

/// The host serves one datagram of a run, whichever is first; the others cost it a connection that comes to nothing. So
/// a floating address, which follows the node's own on its interface, is used only when that one brings no answer.
void Exchange::send_rest() {
  for (const LocalAddress& local : std::exchange(rest_, {})) send_all_from(local);
}

void Exchange::send_all_from(const LocalAddress& local) {
  send_from(local, options_.group);
  // A bridge that has lost track of the group's members still forwards what goes to all hosts. Only for the usual
  // group: an own one was chosen to reach certain hosts.
  if (outcome_.rounds > 1 && options_.default_group) {
    send_from(local, *parse_address(options_.family == Family::ipv4 ? "224.0.0.1" : "ff02::1"));
  }
}

Duration Exchange::step_limit(const AgentSession& session) const {
  const Duration limit = std::chrono::seconds{options_.timeout};
  return session.trusted() ? limit : std::min(limit, proof_limit);
}

void Exchange::accept_all(Instant now) {
  while (true) {
    SocketAddress peer;
    Fd socket{::accept4(listener_.get(), peer.get(), &peer.length, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!socket) return;  // nobody else; a connection that was reset meanwhile is tried again at the next turn
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connections_.size() == connections_max) {
      const auto oldest = std::find_if(connections_.begin(), connections_.end(),
                                       [](const Connection& c) { return !c.session.trusted(); });
      if (oldest == connections_.end()) continue;
      connections_.erase(oldest);
    }
    AgentSession::Setup setup{secret_, options_.auth, question_.operation == Operation::list, {}};
    fill_random(setup.challenge);
    AgentSession session{setup};
    const Instant deadline = now + step_limit(session);
    connections_.push_back({std::move(socket), std::move(session), address_of(peer), deadline});
    serve(connections_.back(), now);
  }
}

void Exchange::serve(Connection& connection, Instant now) {
  AgentSession& session = connection.session;
  while (!session.ended()) {
    const Bytes output = session.take_output();
    if (!output.empty()) {  // 64 bytes always fit into the buffer of a socket that is served
      const ssize_t sent = ::send(connection.socket.get(), output.data(), output.size(), MSG_NOSIGNAL);
      if (sent != static_cast<ssize_t>(output.size())) session.close();
    }
    std::array<std::uint8_t, 16 * 1024> input{};
    const ssize_t got = ::recv(connection.socket.get(), input.data(), input.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) {
      session.close();
      return;
    }
    session.receive(ByteView{input}.first(static_cast<std::size_t>(got)));
    if (session.trusted()) connection.deadline = now + step_limit(session);  // others cannot prolong it drop by drop
  }
}

bool Exchange::is_good(const SessionEnd& end) const {
  if (end.kind != SessionEnd::Kind::answered) return false;
  if (question_.operation != Operation::list) return end.answer == static_cast<std::uint8_t>(Answer::success);
  return end.answer == static_cast<std::uint8_t>(Answer::list_follows) &&
         (question_.looking_for.empty() || knows_domain(end.hosts, question_.looking_for));
}

/// To a status. Any host may have a stale definition that is off: one that says on counts more.
bool Exchange::is_off(const SessionEnd& end) const {
  return question_.operation == Operation::status && end.kind == SessionEnd::Kind::answered &&
         end.answer == static_cast<std::uint8_t>(Answer::off);
}

/// To switch off is for every host that has the domain: it may be off already on one and run on another.
bool Exchange::all_shall_act() const {
  return question_.operation == Operation::off || question_.operation == Operation::reboot;
}

int Exchange::rank_of(const SessionEnd& end, bool trusted) const {
  if (is_good(end)) return rank_good;
  return is_off(end) ? rank_off : rank(end, trusted);
}

std::optional<Duration> Exchange::grace_after(const SessionEnd& end, bool trusted) const {
  if (is_good(end)) return Duration{0};
  if (is_off(end)) return head_start;
  if (trusted) return refusal_grace;
  // Who connects and says nothing (somebody looks for open ports) tells nothing, either.
  if (end.bytes_in_phase == 0 && end.kind != SessionEnd::Kind::wrong_response) return std::nullopt;
  return distrust_grace;
}

/// After a success: ends what can change nothing. Another host that has proven the key, or is about to, may have the
/// domain too; the one that succeeded calls each of our addresses, and has nothing more to say.
void Exchange::hear_others_out(const Address& peer, Instant now) {
  if (!all_shall_act()) return connections_.clear();
  std::erase_if(connections_, [&](const Connection& other) { return other.peer == peer; });
  for (Connection& other : connections_) {
    if (!other.session.trusted()) other.deadline = std::min(other.deadline, now + refusal_grace);
  }
}

void Exchange::judge(const Connection& connection, Instant now) {
  const SessionEnd& end = connection.session.end();
  const bool trusted = connection.session.trusted();
  if (const auto grace = grace_after(end, trusted)) {
    settle_at_ = std::min(settle_at_.value_or(now + *grace), now + *grace);
  }
  if (is_good(end)) hear_others_out(connection.peer, now);
  const int found = rank_of(end, trusted);
  if (found == rank_answered && best_rank_ == found) {  // a second host's list without the domain that is looked for
    outcome_.end.hosts.insert(outcome_.end.hosts.end(), end.hosts.begin(), end.hosts.end());
  }
  if (found <= best_rank_) return;
  best_rank_ = found;
  outcome_.kind = end.kind == SessionEnd::Kind::answered ? Outcome::Kind::answered : Outcome::Kind::failed;
  outcome_.end = end;
  outcome_.peer = connection.peer;
  outcome_.clue.reset();
  if (end.kind == SessionEnd::Kind::wrong_response) {
    outcome_.clue = explain_response(*secret_, connection.session.challenge(), end.response);
  }
}

void Exchange::pass_time(Instant now) {
  for (Connection& connection : connections_) {
    if (!connection.session.ended() && now >= connection.deadline) connection.session.time_out();
  }
  const auto next = [this] {
    return std::find_if(connections_.begin(), connections_.end(),
                        [](const Connection& connection) { return connection.session.ended(); });
  };
  for (auto it = next(); it != connections_.end(); it = next()) {
    const Connection ended = std::move(*it);
    connections_.erase(it);
    judge(ended, now);  // may end others
  }
}

bool Exchange::trusted_one_left() const {
  return std::any_of(connections_.begin(), connections_.end(), [](const Connection& c) { return c.session.trusted(); });
}

/// Somebody has our request and has not answered it; or is about to get it, after another host's success.
bool Exchange::others_may_act() const {
  return trusted_one_left() || (best_rank_ == rank_good && !connections_.empty());
}

bool Exchange::decided(Instant now) const {
  if (others_may_act()) return false;
  if (settle_at_ && now >= *settle_at_) return true;
  return now >= give_up_ && connections_.empty();
}

bool Exchange::may_send() const {
  // Whoever has proven to hold the key has our request; before that, and after call-backs of others, we go on asking.
  return outcome_.rounds < attempts(options_) && best_rank_ <= rank_distrusted && !trusted_one_left();
}

bool Exchange::rest_may_go() const {
  return !rest_.empty() && best_rank_ < rank_good && !trusted_one_left();
}

void Exchange::wait(Instant now) {
  std::vector<pollfd> polled{{listener_.get(), POLLIN, 0}};
  Instant until = now + std::chrono::seconds{options_.timeout};
  if (may_send()) until = std::min(until, next_round_);
  if (rest_may_go()) until = std::min(until, rest_at_);
  if (!others_may_act() && settle_at_) until = std::min(until, *settle_at_);
  if (now < give_up_) until = std::min(until, give_up_);
  for (const Connection& connection : connections_) {
    polled.push_back({connection.socket.get(), POLLIN, 0});
    until = std::min(until, connection.deadline);
  }
  // One is enough to know; more of them would stay unread and wake us for ever.
  if (watch_ && !watch_->caller()) polled.push_back({watch_->fd(), POLLIN, 0});
  const Duration left = std::max(until - now, Duration{0});
  const timespec limit{.tv_sec = left / 1s, .tv_nsec = (left % 1s).count()};
  ::ppoll(polled.data(), polled.size(), &limit, nullptr);
}

Outcome Exchange::run() {
  if (!listen()) return std::move(outcome_);
  Instant now = boot_now();
  give_up_ = now + std::chrono::seconds{options_.timeout};
  next_round_ = now;
  while (!decided(now)) {
    if (now >= next_round_ && may_send()) send_round(now);
    if (now >= rest_at_ && rest_may_go()) send_rest();
    if (sent_ == 0 && rest_.empty() && (outcome_.nobody_listens || !may_send())) break;
    wait(now);
    now = boot_now();
    if (watch_) watch_->look();
    if (now < give_up_ && best_rank_ < rank_good) {
      accept_all(now);
    } else {
      listener_ = Fd{};
    }
    for (Connection& connection : connections_) serve(connection, now);
    pass_time(now);
  }
  if (best_rank_ == 0) {
    outcome_.kind = sent_ > 0 ? Outcome::Kind::no_callback : Outcome::Kind::not_sent;
    if (watch_) outcome_.blocked = watch_->caller();
  }
  return std::move(outcome_);
}

}  // namespace

Outcome exchange(const AgentOptions& options, const Question& question, const Secret* secret) {
  return Exchange{options, question, secret}.run();
}

}  // namespace duet::xvm
