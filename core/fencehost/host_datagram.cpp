// SPDX-License-Identifier: Apache-2.0
// HostService, first half: which datagram leads to a call back, and whose turn it is.
#include <algorithm>

#include "core/base/escape.hpp"
#include "core/base/invariant.hpp"
#include "core/fencehost/host_service.hpp"

namespace duet::fencehost {

namespace {

std::string describe(const xvm::Request& request) {
  const auto operation = xvm::operation_of(request);
  std::string text =
      operation ? std::string{xvm::to_string(*operation)} : "unknown operation " + std::to_string(request.operation);
  if (!request.domain.empty()) text += " of '" + escape_line(request.domain, 128) + "'";
  return text;
}

std::string endpoint(const xvm::Request& request) {
  return xvm::to_text(request.callback) + " port " + std::to_string(request.port);
}

}  // namespace

void HostService::datagram(Instant now, ByteView bytes, const Arrival& arrival) {
  ++counters_.datagrams;
  const xvm::MacVerdict verdict = xvm::verify_request(bytes, rules_.least_hash, rules_.secret);
  if (verdict != xvm::MacVerdict::good) {
    count_refused(verdict);
    // The text is made only if it may be said: junk must stay cheap.
    const auto silence = said_.find("mac");
    if (silence != said_.end() && silence->second.until > now) {
      ++silence->second.left_out;
      return;
    }
    std::string text =
        "datagram from " + xvm::to_text(arrival.from) + " dropped: " + std::string{xvm::to_string(verdict)};
    if (verdict == xvm::MacVerdict::mismatch && rules_.secret != nullptr) {
      text += " (our key file has fingerprint " + rules_.secret->fingerprint() + ")";
      if (!trimmed_) trimmed_ = rules_.secret->without_newline();
      if (trimmed_ && xvm::verify_request(bytes, rules_.least_hash, &*trimmed_) == xvm::MacVerdict::good) {
        text += "; the sender's key lacks the newline at the end of ours: copy the file byte by byte";
      }
    }
    say_seldom(now, "mac", text);
    return;
  }
  const auto request = xvm::decode_request(bytes);
  if (!request) {
    ++counters_.malformed;
    say_seldom(now, "malformed",
               "request from " + xvm::to_text(arrival.from) + " dropped: " + request.error().what + ": " +
                   request.error().why);
    return;
  }
  if (!remember(*request, bytes)) {
    ++counters_.replayed;
    say_seldom(
        now, "replay",
        describe(*request) + " from " + xvm::to_text(arrival.from) + " dropped: this very datagram was here before");
    return;
  }
  if (!acceptable(*request, arrival)) {
    say_seldom(now, "callback",
               describe(*request) + " from " + xvm::to_text(arrival.from) + " dropped: it is to be answered to " +
                   endpoint(*request) +
                   (permissions_.knows(request->callback) ? ", which is not possible" : ", which is in no group"));
    return;
  }
  const auto run = runs_.find(key_of(*request));
  if (run != runs_.end() && run->second.served) {
    ++counters_.repeated;
    return;
  }
  enqueue(now, Waiting{*request, arrival.scope});
  pump(now);
}

void HostService::count_refused(xvm::MacVerdict verdict) {
  switch (verdict) {
    case xvm::MacVerdict::wrong_size:
      ++counters_.wrong_size;
      return;
    case xvm::MacVerdict::too_weak:
      ++counters_.weak_hash;
      return;
    case xvm::MacVerdict::unknown_hash:
    case xvm::MacVerdict::no_key:
    case xvm::MacVerdict::mismatch:
    case xvm::MacVerdict::good:
      ++counters_.bad_mac;
      return;
  }
}

/// False if it was seen before. Without a MAC there is nothing to know it by.
bool HostService::remember(const xvm::Request& request, ByteView bytes) {
  if (request.hash == xvm::HashType::none) return true;
  const Fingerprint fingerprint = fingerprint_of(xvm::mac_of(bytes));
  if (memory_.seen(fingerprint)) return false;
  const auto operation = xvm::operation_of(request);
  if (operation == xvm::Operation::off || operation == xvm::Operation::on || operation == xvm::Operation::reboot) {
    commands_.emplace_back(Persist{memory_.remember_for_ever(fingerprint)});
  } else {
    memory_.remember(fingerprint);
  }
  return true;
}

bool HostService::acceptable(const xvm::Request& request, const Arrival& arrival) {
  const xvm::Address& address = request.callback;
  // An agent sends a request for each of its addresses, 127.0.0.1 included: from another machine that one means
  // nothing, and here it would make us talk to a program of our own.
  const bool this_network = address.family == xvm::Family::ipv4 && address.bytes[0] == 0;  // Linux: this machine
  if (xvm::is_multicast(address) || this_network || xvm::is_unspecified(address) || xvm::is_mapped(address) ||
      (xvm::is_loopback(address) && !arrival.from_here)) {
    ++counters_.bad_callback;
    return false;
  }
  if (!permissions_.knows(address)) {
    ++counters_.not_listed;
    return false;
  }
  return true;
}

HostService::RunKey HostService::key_of(const xvm::Request& request) {
  RunKey key{request.operation, request.seqno, request.domain};
  for (char& c : key.domain) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return key;
}

void HostService::enqueue(Instant now, Waiting waiting) {
  const auto same = [&](const xvm::Request& other) {
    return other.callback == waiting.request.callback && other.port == waiting.request.port &&
           key_of(other) == key_of(waiting.request);
  };
  const bool there = std::any_of(queue_.begin(), queue_.end(), [&](const Waiting& w) { return same(w.request); }) ||
                     std::any_of(calls_.begin(), calls_.end(), [&](const auto& c) { return same(c.second.request); });
  if (there) {
    ++counters_.repeated;
    return;
  }
  runs_[key_of(waiting.request)].touched = now;
  forget_runs(now);
  queue_.push_back(std::move(waiting));
  if (queue_.size() <= queue_max) return;
  ++counters_.overflow;
  const auto victim =
      std::find_if(queue_.begin(), queue_.end(), [&](const Waiting& w) { return failing(w.request.callback, now); });
  queue_.erase(victim != queue_.end() ? victim : queue_.begin());
}

void HostService::forget_runs(Instant now) {
  std::erase_if(runs_, [&](const auto& entry) { return now - entry.second.touched > run_memory + lane_limit; });
  while (runs_.size() > runs_max) {
    runs_.erase(std::min_element(runs_.begin(), runs_.end(),
                                 [](const auto& a, const auto& b) { return a.second.touched < b.second.touched; }));
  }
}

bool HostService::unproven(const Call& call) const {
  return call.phase == Phase::connecting || call.phase == Phase::challenge ||
         (call.phase == Phase::proof && !(call.verb && changes_power(*call.verb)));
}

bool HostService::failing(const xvm::Address& address, Instant now) const {
  const auto found = failing_.find(address);
  return found != failing_.end() && found->second > now;
}

void HostService::mark_failing(const xvm::Address& address, Instant now) {
  failing_[address] = now + failing_for;
  if (failing_.size() > failing_max) {
    failing_.erase(std::min_element(failing_.begin(), failing_.end(),
                                    [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
}

/// The newest of those whose address did not fail lately, else the newest of the others. With `any_address` also one
/// whose address is being called already.
std::optional<std::size_t> HostService::best_waiting(Instant now, bool any_address) const {
  std::optional<std::size_t> second_choice;
  for (std::size_t i = queue_.size(); i-- > 0;) {
    const xvm::Address& address = queue_[i].request.callback;
    const bool busy = std::any_of(calls_.begin(), calls_.end(), [&](const auto& entry) {
      return unproven(entry.second) && entry.second.request.callback == address;
    });
    if (busy && !any_address) continue;
    if (!failing(address, now)) return i;
    if (!second_choice) second_choice = i;
  }
  return second_choice;
}

/// Hangs up on the call that stands longest in the way of the best request that waits, if it had its time.
bool HostService::make_room(Instant now) {
  const auto best = best_waiting(now, true);
  if (!best) return false;
  const xvm::Address& wanted = queue_[*best].request.callback;
  const auto count = std::count_if(calls_.begin(), calls_.end(), [&](const auto& e) { return unproven(e.second); });
  const bool full = static_cast<std::size_t>(count) >= unproven_calls_max;
  std::optional<CallId> victim;
  for (const auto& [id, call] : calls_) {
    if (!unproven(call) || call.began + patience > now) continue;
    // Who failed before may not push out somebody who is only slow.
    if (failing(wanted, now) && !failing(call.request.callback, now)) continue;
    const bool in_the_way = full || call.request.callback == wanted;
    if (in_the_way && (!victim || call.began < calls_.at(*victim).began)) victim = id;
  }
  if (!victim) return false;
  mark_failing(calls_.at(*victim).request.callback, now);
  ++counters_.calls_failed;
  give_up(now, *victim, "did not answer while others waited", true);
  return true;
}

void HostService::pump(Instant now) {
  last_ = now;
  while (!queue_.empty()) {
    const auto count = std::count_if(calls_.begin(), calls_.end(), [&](const auto& e) { return unproven(e.second); });
    const auto best = best_waiting(now, false);
    if (best && static_cast<std::size_t>(count) < unproven_calls_max && calls_.size() < calls_max) {
      const Waiting chosen = queue_[*best];
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(*best));
      begin(now, chosen);
    } else if (!make_room(now)) {
      return;
    }
  }
}

void HostService::begin(Instant now, const Waiting& waiting) {
  const auto run = runs_.find(key_of(waiting.request));
  if (run == runs_.end() || run->second.served) return;
  const CallId id = next_call_++;
  Call call{waiting.request,
            std::nullopt,
            Callback{rules_.secret, rules_.auth},
            {},
            now,
            now + callback_limit,
            {},
            0,
            OutcomeCode::done,
            false,
            {}};
  const auto operation = xvm::operation_of(waiting.request);
  if (operation == xvm::Operation::off) call.verb = Verb::off;
  if (operation == xvm::Operation::on) call.verb = Verb::on;
  if (operation == xvm::Operation::reboot) call.verb = Verb::reboot;
  if (operation == xvm::Operation::status) call.verb = Verb::status;
  if (operation == xvm::Operation::list) call.verb = Verb::list;
  if (operation == xvm::Operation::monitor) call.verb = waiting.request.domain.empty() ? Verb::probe : Verb::status;
  calls_.emplace(id, std::move(call));
  ++counters_.calls;
  commands_.emplace_back(ConnectTo{id, waiting.request.callback, waiting.request.port, waiting.scope});
}

}  // namespace duet::fencehost
