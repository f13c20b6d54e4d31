// SPDX-License-Identifier: Apache-2.0
// The host daemon's decisions under any sequence of datagrams, connections, bytes, answers of the helper and pauses.
// What must hold: no power order without a right proof given after the lane was taken, and never two in one lane;
// nothing grows without bound; there is always a wake-up while something is open.
#include <map>
#include <set>

#include "core/fencehost/host_service.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace duet;
using namespace duet::fencehost;

const xvm::Secret& key() {
  static const xvm::Secret secret = *xvm::Secret::from_file(as_bytes("a key of enough bytes for these tests"));
  return secret;
}

xvm::Block block_of(CallId call, std::uint8_t kind) {
  xvm::Block block{};
  for (std::size_t i = 0; i < 8; ++i) block[i] = static_cast<std::uint8_t>(call >> (8 * i));
  block[8] = kind;
  return block;
}

class World {
 public:
  explicit World(ByteView script) : script_{script} {}

  void run() {
    while (script_.ok() && !script_.rest().empty()) {
      step();
      watch();
    }
    // However it stood: in the end everything is closed.
    for (int i = 0; i < 2000 && service_.open_calls() > 0; ++i) {
      now_ = std::max(now_, service_.next_wakeup().value_or(now_));
      // What hangs in the hypervisor ends at last.
      while (!service_.next_wakeup() && !orders_.empty()) {
        answer(orders_.begin()->first, OutcomeCode::failed, 0);
        watch();
      }
      service_.time_passed(now_);
      watch();
    }
    DUET_INVARIANT(service_.open_calls() == 0 && service_.lanes_held() == 0);
  }

 private:
  std::uint8_t byte() { return script_.get_le<std::uint8_t>(); }
  CallId some_call() {
    const std::uint8_t which = byte();
    last_call_ = which;
    if (connections_.empty()) return which;
    auto at = connections_.begin();
    std::advance(at, which % connections_.size());
    last_call_ = *at;
    return *at;
  }

  void step() {
    switch (byte() % 10) {
      case 0: {
        const ByteView raw = script_.get(byte());
        service_.datagram(now_, raw, {});
        break;
      }
      case 1:
        request();
        break;
      case 2: {
        const CallId call = some_call();
        service_.connected(now_, call, block_of(call, 2));
        break;
      }
      case 3: {
        const CallId call = some_call();
        service_.received(now_, call, script_.get(byte()));
        break;
      }
      case 4: {
        const CallId call = some_call();
        service_.received(now_, call, block_of(call, 1));
        break;
      }
      case 5: {
        const CallId call = some_call();
        if (asked_.contains(call)) proved_.insert(call);
        service_.received(now_, call, xvm::respond(key(), xvm::HashType::sha256, block_of(call, 2)));
        break;
      }
      case 6: {
        const CallId call = some_call();
        connections_.erase(call);
        service_.ended(now_, call, "closed");
        break;
      }
      case 7:
        outcome();
        break;
      case 8:
        now_ = now_ + (byte() % 8 == 0 ? 100ms : 10ms) * byte();
        service_.time_passed(now_);
        break;
      default:
        if (const auto reply = decode_power_reply(script_.get(byte()))) {
          // The helper is ours: it answers only what it was asked, and each once.
          if (!std::holds_alternative<Outcome>(*reply)) service_.helper_said(now_, *reply);
        }
    }
  }

  void request() {
    xvm::Request made;
    made.operation = static_cast<std::uint8_t>(byte() % 9);
    made.domain = std::string{"vm"} + static_cast<char>('a' + byte() % 3);
    made.callback = *xvm::parse_address("192.0.2." + std::to_string(1 + byte() % 6));
    made.port = 1229;
    made.seqno = byte() % 16;
    made.random[0] = byte();
    service_.datagram(now_, xvm::encode_request(made, &key()), {});
  }

  void outcome() {
    const std::uint8_t which = byte();
    const std::uint8_t code = byte();
    const std::uint8_t lane = byte();
    if (orders_.empty()) return;
    auto at = orders_.begin();
    std::advance(at, which % orders_.size());
    answer(at->first, static_cast<OutcomeCode>(1 + code % 7), lane);
  }

  void answer(std::uint64_t id, OutcomeCode code, std::uint8_t lane) {
    const Asked asked = orders_.at(id);
    if (asked.verb == Verb::lookup) lane_of_[asked.call] = lane % 2U;
    if (code != OutcomeCode::off_verified || asked.verb != Verb::reboot) {
      if (code == OutcomeCode::off_verified) code = OutcomeCode::failed;
      orders_.erase(id);
      if (changes_power(asked.verb)) at_work_.erase(lane_of_.at(asked.call));
    }
    service_.helper_said(now_, Outcome{id, code, lane % 2U, static_cast<std::uint8_t>(lane % 9), {}});
  }

  void watch() {
    for (const HostCommand& command : service_.take()) {
      if (const auto* connect = std::get_if<ConnectTo>(&command)) connections_.insert(connect->call);
      if (const auto* hang_up = std::get_if<HangUp>(&command)) connections_.erase(hang_up->call);
      if (const auto* answer = std::get_if<AnswerTo>(&command)) connections_.erase(answer->call);
      if (const auto* sent = std::get_if<SendTo>(&command)) {
        const xvm::Block ours = block_of(sent->call, 2);
        if (sent->bytes == Bytes(ours.begin(), ours.end())) asked_.insert(sent->call);
      }
      if (const auto* ask = std::get_if<AskHelper>(&command)) {
        // A look-up follows from what its own call has just said.
        orders_[ask->order.id] = {ask->order.verb, ask->with.value_or(last_call_)};
        DUET_INVARIANT(changes_power(ask->order.verb) == ask->with.has_value());
        if (ask->with) DUET_INVARIANT(proved_.contains(*ask->with));
        if (ask->with) DUET_INVARIANT(at_work_.insert(lane_of_.at(*ask->with)).second);
      }
    }
    DUET_INVARIANT(service_.open_calls() <= calls_max);
    DUET_INVARIANT(service_.lanes_held() <= 2);
    DUET_INVARIANT(service_.open_calls() == 0 || service_.next_wakeup().has_value() || !at_work_.empty());
  }

  ByteReader script_;
  Instant now_{1000s};
  Permissions permissions_{std::nullopt};
  HostService service_{HostRules{.secret = &key()}, permissions_, ReplayMemory{1000, 1000}};
  std::set<CallId> connections_;
  std::set<CallId> asked_;
  std::set<CallId> proved_;
  struct Asked {
    Verb verb = Verb::probe;
    CallId call = 0;  ///< of look-up, off, on, reboot
  };
  std::map<std::uint64_t, Asked> orders_;
  std::map<CallId, LaneId> lane_of_;  ///< as the look-up said
  std::set<LaneId> at_work_;          ///< the hypervisor may still carry out a power order of this lane
  CallId last_call_ = 0;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world{ByteView{data, size}};
  world.run();
  return 0;
}
