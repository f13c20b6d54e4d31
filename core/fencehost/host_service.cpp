// SPDX-License-Identifier: Apache-2.0
// HostService, second half: from the connection to the answer.
#include "core/fencehost/host_service.hpp"

#include <algorithm>

#include "core/base/escape.hpp"
#include "core/base/invariant.hpp"

namespace duet::fencehost {

namespace {

/// libvirt's numbers. A crashed domain executes nothing: to fencing it is off (DESIGN section 7).
constexpr std::uint8_t state_shut_off = 5;
constexpr std::uint8_t state_crashed = 6;

constexpr std::size_t asked_max = 1024;

Bytes one_byte(xvm::Answer answer) {
  return {static_cast<std::uint8_t>(answer)};
}

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;

std::string describe(const xvm::Request& request) {
  const auto operation = xvm::operation_of(request);
  return (operation ? std::string{xvm::to_string(*operation)} : "operation " + std::to_string(request.operation)) +
         (request.domain.empty() ? "" : " of '" + escape_line(request.domain, 128) + "'") + " for " +
         xvm::to_text(request.callback);
}

}  // namespace

HostService::HostService(HostRules rules, const Permissions& permissions, ReplayMemory memory)
    : rules_{rules}, permissions_{permissions}, memory_{std::move(memory)} {
  DUET_INVARIANT(rules.secret != nullptr ||
                 (rules.least_hash == xvm::HashType::none && rules.auth == xvm::HashType::none));
}

std::vector<HostCommand> HostService::take() {
  return std::exchange(commands_, {});
}

void HostService::connected(Instant now, CallId id, const xvm::Block& random) {
  const auto found = calls_.find(id);
  if (found == calls_.end() || found->second.phase != Phase::connecting) return;
  Call& call = found->second;
  call.random = random;
  call.phase = Phase::challenge;
  if (rules_.auth == xvm::HashType::none) challenged(now, id, call);
  pump(now);
}

void HostService::received(Instant now, CallId id, ByteView bytes) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  Call& call = found->second;
  if (call.phase == Phase::acting || call.phase == Phase::overdue) return;  // nothing that it says now changes anything
  switch (call.shake.receive(bytes)) {
    case Callback::Progress::more:
      break;
    case Callback::Progress::challenged: {
      // Somebody who passes our own challenge back to us wants us to answer it.
      const bool ours = std::any_of(asked_.begin(), asked_.end(), [&](const xvm::Block& block) {
        return xvm::equal_constant_time(block, call.shake.challenge());
      });
      if (ours) {
        ++counters_.wrong_proof;
        give_up(now, id, "sent our own challenge back", true);
        break;
      }
      const xvm::Block response = call.shake.response();
      commands_.emplace_back(SendTo{id, Bytes{response.begin(), response.end()}});
      challenged(now, id, call);
      break;
    }
    case Callback::Progress::proved:
      proved(now, id, call);
      break;
    case Callback::Progress::wrong:
      ++counters_.wrong_proof;
      give_up(now, id, "does not have our key, or uses another auth type", true);
      break;
  }
  pump(now);
}

/// Power needs its lane before the proof; everything else goes straight on.
void HostService::challenged(Instant now, CallId id, Call& call) {
  if (!call.verb || !changes_power(*call.verb)) return demand_proof(now, id, call);
  call.phase = Phase::lookup;
  order(now, id, call, Verb::lookup, query_limit);
}

void HostService::demand_proof(Instant now, CallId id, Call& call) {
  if (rules_.auth == xvm::HashType::none) return proved(now, id, call);
  call.shake.ask(call.random);
  asked_.push_back(call.random);
  if (asked_.size() > asked_max) asked_.pop_front();
  call.phase = Phase::proof;
  call.until = now + (call.verb && changes_power(*call.verb) ? proof_limit : callback_limit);
  commands_.emplace_back(SendTo{id, Bytes{call.random.begin(), call.random.end()}});
}

void HostService::proved(Instant now, CallId id, Call& call) {
  const RunKey key = key_of(call.request);
  Run& run = runs_[key];
  run.touched = now;
  if (run.served) return give_up(now, id, "another address of this agent was quicker", true);
  // Who may not do this, or asks the wrong host, takes the run from nobody: it may come from another address of the
  // same agent, or be somebody else's that was overheard.
  run.served = call.looked_up == OutcomeCode::done;
  if (run.served && call.verb && changes_power(*call.verb)) dismiss_twins(now, id, key);
  call.phase = Phase::acting;
  if (!call.verb) return answer(now, id, one_byte(xvm::Answer::failure));
  if (call.looked_up != OutcomeCode::done) {
    return conclude(now, id, call, Outcome{0, call.looked_up, 0, 0, {}});
  }
  const Verb verb = *call.verb;
  order(now, id, call, verb, changes_power(verb) ? lane_limit : (verb == Verb::list ? list_limit : query_limit));
}

/// The agent waits for all who hold its request: these have nothing to tell it.
void HostService::dismiss_twins(Instant now, CallId id, const RunKey& key) {
  std::vector<CallId> twins;
  for (const auto& [other, call] : calls_) {
    const bool with_helper = call.phase == Phase::acting || call.phase == Phase::overdue;
    if (other != id && !with_helper && key_of(call.request) == key) twins.push_back(other);
  }
  for (const CallId twin : twins) {
    if (calls_.contains(twin)) give_up(now, twin, "another address of this agent was quicker", true);
  }
}

void HostService::order(Instant now, CallId id, Call& call, Verb verb, Duration limit) {
  call.order = next_order_++;
  call.until = now + limit;
  orders_[call.order] = id;
  Order order{call.order, verb, call.request.callback, call.request.domain, now};
  if (verb == Verb::probe || verb == Verb::list) order.domain.clear();
  commands_.emplace_back(AskHelper{std::move(order), changes_power(verb) ? std::optional{id} : std::nullopt});
}

void HostService::helper_said(Instant now, const PowerReply& reply) {
  std::visit(Overload{[&](const Outcome& outcome) { this->outcome(now, outcome); },
                      [&](const ListPart& part) {
                        const auto whose = orders_.find(part.id);
                        if (whose == orders_.end()) return;
                        auto& records = calls_.at(whose->second).records;
                        if (records.size() + part.records.size() > listed_domains_max) return;
                        records.insert(records.end(), part.records.begin(), part.records.end());
                      },
                      [&](const Note& note) {
                        say(note.level == NoteLevel::info ? Weight::info : Weight::warning,
                            escape_line(note.text, power_text_max));
                      },
                      [&](const Backend& backend) { backend_ = backend; }},
             reply);
  pump(now);
}

void HostService::outcome(Instant now, const Outcome& outcome) {
  const auto whose = orders_.find(outcome.id);
  if (whose == orders_.end()) {
    if (!outcome.text.empty()) say(Weight::warning, "too late: " + escape_line(outcome.text, power_text_max));
    return;
  }
  const CallId id = whose->second;
  Call& call = calls_.at(id);
  if (outcome.code == OutcomeCode::off_verified) {
    call.off_verified = true;
    return;
  }
  orders_.erase(whose);
  call.order = 0;
  if (call.phase == Phase::overdue) {
    say(Weight::warning, "too late: " + describe(call.request) + ": " + std::string{to_string(outcome.code)} +
                             (outcome.text.empty() ? "" : ": " + escape_line(outcome.text, power_text_max)));
    return release(now, id);
  }
  if (call.phase != Phase::lookup) return conclude(now, id, call, outcome);
  call.looked_up = outcome.code;
  // Nothing is going to be switched: no lane, but the requester proves itself before it learns why.
  if (outcome.code != OutcomeCode::done) return demand_proof(now, id, call);
  enter_lane(now, id, call, outcome.lane);
}

void HostService::enter_lane(Instant now, CallId id, Call& call, LaneId lane) {
  call.phase = Phase::lane;
  switch (lanes_.enter(lane, id, now)) {
    case Lanes::Entry::granted:
      return demand_proof(now, id, call);
    case Lanes::Entry::waiting:
      say(has_twin(id, call) ? Weight::debug : Weight::info,
          describe(call.request) + " waits: another power action of its lane is under way");
      return;
    case Lanes::Entry::refused:
      say(Weight::warning, describe(call.request) + " refused: too many wait for this lane");
      return give_up(now, id, "too many wait for this lane", true);
    case Lanes::Entry::closed:
      say(Weight::warning, describe(call.request) + " refused: " +
                               describe(calls_.at(*lanes_.holder_of(lane)).request) + " still hangs in the hypervisor");
      return give_up(now, id, "a power action of its lane hangs in the hypervisor", true);
  }
}

void HostService::conclude(Instant now, CallId id, Call& call, const Outcome& outcome) {
  const bool power = call.verb && changes_power(*call.verb);
  const std::string line = describe(call.request) + ": " + std::string{to_string(outcome.code)} +
                           (outcome.text.empty() ? "" : ": " + escape_line(outcome.text, power_text_max));
  if (power) {
    say(outcome.code == OutcomeCode::done ? Weight::notice : Weight::warning, line);
    ++(outcome.code == OutcomeCode::done ? counters_.power_done : counters_.power_failed);
  } else {
    ++counters_.queries;
    say(outcome.code == OutcomeCode::done ? Weight::debug : Weight::info, line);
  }
  switch (outcome.code) {
    case OutcomeCode::done:
      break;
    case OutcomeCode::denied:
      ++counters_.denied;
      if (const auto run = runs_.find(key_of(call.request)); run != runs_.end() && !power) run->second.served = false;
      return answer(now, id, one_byte(xvm::Answer::denied));
    case OutcomeCode::requester_gone:
      ++counters_.gone;
      return give_up(now, id, "had gone before the hypervisor was called", true);
    case OutcomeCode::failed:
    case OutcomeCode::unknown_domain:
    case OutcomeCode::unreachable:
    case OutcomeCode::off_verified:  // not an end
      return answer(now, id, one_byte(xvm::Answer::failure));
  }
  if (call.verb == Verb::list) return answer(now, id, xvm::encode_host_list(call.records));
  const bool monitor = xvm::operation_of(call.request) == xvm::Operation::monitor;
  const bool off = outcome.state == state_shut_off || outcome.state == state_crashed;
  answer(now, id, one_byte(call.verb == Verb::status && !monitor && off ? xvm::Answer::off : xvm::Answer::success));
}

void HostService::answer(Instant now, CallId id, Bytes bytes) {
  commands_.emplace_back(AnswerTo{id, std::move(bytes)});
  release(now, id);
}

/// The call is over without an answer. Who was not served may try again with its next datagram.
void HostService::give_up(Instant now, CallId id, std::string_view why, bool hang_up) {
  const Call& call = calls_.at(id);
  const std::string text = describe(call.request) + " not served: " + xvm::to_text(call.request.callback) + " port " +
                           std::to_string(call.request.port) + " " + std::string{why};
  has_twin(id, call) ? say(Weight::debug, text) : say_seldom(now, "call", text);
  if (hang_up) commands_.emplace_back(HangUp{id});
  release(now, id);
}

/// An agent may ask from each of its addresses, and the original does: all calls but one of such a run come to nothing.
bool HostService::has_twin(CallId id, const Call& call) const {
  if (call.phase == Phase::acting) return false;
  const RunKey key = key_of(call.request);
  const auto run = runs_.find(key);
  if (run != runs_.end() && run->second.served) return true;
  return std::any_of(calls_.begin(), calls_.end(),
                     [&](const auto& other) { return other.first != id && key_of(other.second.request) == key; });
}

/// Forgets a call, and gives its lane to the next.
void HostService::release(Instant now, CallId id) {
  const auto found = calls_.find(id);
  DUET_INVARIANT(found != calls_.end());
  if (found->second.order != 0) orders_.erase(found->second.order);
  const auto run = runs_.find(key_of(found->second.request));
  if (run != runs_.end()) run->second.touched = now;
  calls_.erase(found);
  const auto next = lanes_.leave(id, now);
  if (!next) return;
  const auto waiting = calls_.find(*next);
  DUET_INVARIANT(waiting != calls_.end());
  demand_proof(now, *next, waiting->second);
}

void HostService::ended(Instant now, CallId id, std::string_view why) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  Call& call = found->second;
  if (call.phase == Phase::overdue) return;  // it has its answer
  const bool power = call.verb && changes_power(*call.verb);
  if (call.phase == Phase::acting && power && lanes_.holds(id) && call.order != 0) {
    // The order is with the helper, which holds the connection too and looks at it; the lane stays taken until it says
    // how that ended.
    say(Weight::info, describe(call.request) + ": the requester closed the connection while the hypervisor works");
    return;
  }
  if (!has_twin(id, call)) {
    const bool waited = call.phase == Phase::lane || (call.phase == Phase::proof && power);
    ++(waited ? counters_.gone : counters_.calls_failed);
  }
  give_up(now, id, why, true);
  pump(now);
}

/// The holder is answered; the lane is given back when the helper says how its order ended. Who waited would wait in
/// vain: its agent has another device, or tries again.
void HostService::lane_expired(Instant now, const Lanes::Expired& expired) {
  for (const CallId waited : expired.waited) {
    ++counters_.power_failed;
    give_up(now, waited, "waited in vain: another power action of its lane hangs in the hypervisor", true);
  }
  const auto holder = calls_.find(expired.holder);
  DUET_INVARIANT(holder != calls_.end());
  Call& call = holder->second;
  if (call.order == 0) {  // it has not even proven itself: this process did not run for long
    ++counters_.gone;
    return give_up(now, expired.holder, "did not answer in time", true);
  }
  call.phase = Phase::overdue;
  if (call.off_verified) {
    ++counters_.power_done;
    say(Weight::warning, describe(call.request) + ": off, verified; THE START STILL HANGS AFTER 20 s");
  } else {
    ++counters_.power_failed;
    say(Weight::warning, describe(call.request) + ": the hypervisor did not end it in 20 s; failed. Until it does, " +
                             "nothing else of its lane is served");
  }
  commands_.emplace_back(
      AnswerTo{expired.holder, one_byte(call.off_verified ? xvm::Answer::success : xvm::Answer::failure)});
}

bool HostService::idle() const {
  return std::all_of(orders_.begin(), orders_.end(),
                     [&](const auto& open) { return calls_.at(open.second).phase == Phase::overdue; });
}

void HostService::time_passed(Instant now) {
  for (const Lanes::Expired& expired : lanes_.expire(now)) lane_expired(now, expired);
  std::vector<CallId> late;
  for (const auto& [id, call] : calls_) {
    if (call.phase != Phase::lane && call.phase != Phase::overdue && call.until <= now) late.push_back(id);
  }
  for (const CallId id : late) {
    const auto found = calls_.find(id);
    if (found == calls_.end() || found->second.until > now) continue;
    Call& call = found->second;
    if (call.phase == Phase::lookup) {
      orders_.erase(std::exchange(call.order, 0));
      call.looked_up = OutcomeCode::unreachable;
      demand_proof(now, id, call);
    } else if (call.phase == Phase::acting) {
      if (call.verb && changes_power(*call.verb)) continue;  // the lane's own limit
      conclude(now, id, call, Outcome{0, OutcomeCode::unreachable, 0, 0, "no answer in time"});
    } else {
      if (unproven(call)) mark_failing(call.request.callback, now);
      ++(unproven(call) ? counters_.calls_failed : counters_.gone);
      give_up(now, id,
              call.phase == Phase::connecting ? "could not be reached in time (firewall?)" : "did not answer in time",
              true);
    }
  }
  forget_runs(now);
  pump(now);
}

std::optional<Instant> HostService::next_wakeup() const {
  std::optional<Instant> first = lanes_.next_expiry();
  const auto want = [&](Instant at) { first = first ? std::min(*first, at) : at; };
  for (const auto& [id, call] : calls_) {
    const bool by_lane = call.phase == Phase::lane || call.phase == Phase::overdue ||
                         (call.phase == Phase::acting && call.verb && changes_power(*call.verb) && lanes_.holds(id));
    if (!by_lane) want(call.until);
    // What has passed already was judged at that time: it does not stand in the way.
    if (!queue_.empty() && unproven(call) && call.began + patience > last_) want(call.began + patience);
  }
  return first;
}

void HostService::say(Weight weight, std::string text) {
  commands_.emplace_back(Say{weight, std::move(text)});
}

/// One line a second for each reason; how many were left out stands in the next.
void HostService::say_seldom(Instant now, const char* reason, const std::string& text) {
  Silence& silence = said_[reason];
  if (silence.until > now) {
    ++silence.left_out;
    return;
  }
  const std::uint64_t left_out = std::exchange(silence.left_out, 0);
  say(Weight::warning, left_out == 0 ? text : text + " (" + std::to_string(left_out) + " more like this)");
  silence.until = now + 1s;
}

}  // namespace duet::fencehost
