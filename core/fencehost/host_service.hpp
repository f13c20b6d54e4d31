// SPDX-License-Identifier: Apache-2.0
// HostService decides for the host daemon: which datagram is answered, when an agent is called back, who gets a lane,
// when the helper is asked, what is answered. Pure: a call for each event, commands come out by take().
//
// The life of one call back to an agent:
//
//   queued -> connecting -> (agent's challenge) -> our response
//     off, on, reboot:  look the domain up -> wait for its lane -> our challenge, 1 s -> helper -> answer
//     everything else:  our challenge, 2 s -> helper -> answer
//
// So the requester proves that it is there *after* it got its lane: a node that was powered off meanwhile cannot (S5).
// It is answered after 20 s at the latest; but its lane stays closed until the helper says how the order ended, since
// what hangs in the hypervisor may still happen.
//
// What outsiders can do is bounded: at most 4 unproven calls, one for each address; the newest request goes first,
// addresses that failed lately go last, and who keeps others waiting for more than 250 ms is hung up on (X3, V34).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "core/fencehost/callback.hpp"
#include "core/fencehost/lanes.hpp"
#include "core/fencehost/permissions.hpp"
#include "core/fencehost/power_wire.hpp"
#include "core/fencehost/replay_memory.hpp"
#include "core/xvm/request.hpp"

namespace duet::fencehost {

inline constexpr std::size_t unproven_calls_max = 4;  ///< security.md 6.2
inline constexpr std::size_t calls_max = 128;         ///< connections at once, those that wait for a lane included
inline constexpr std::size_t queue_max = 512;         ///< call-backs not begun yet
inline constexpr std::size_t runs_max = 1024;         ///< runs of agents remembered; the oldest finished go first
inline constexpr std::size_t failing_max = 256;       ///< addresses remembered as failing
inline constexpr Duration callback_limit = 2s;        ///< to connect and to challenge us; security.md 6.2
inline constexpr Duration patience = 250ms;           ///< ... while others wait. A LAN answers in 10 ms
inline constexpr Duration proof_limit = 1s;           ///< response to our challenge, in the lane: protocol.md 8
inline constexpr Duration query_limit = 2s;           ///< V40: the hypervisor does not answer
inline constexpr Duration list_limit = 5s;            ///< a list of 10,000 domains
inline constexpr Duration failing_for = 30s;          ///< how long a failed address goes last
inline constexpr Duration run_memory = 10s;           ///< as the original, after the end of a run

using CallId = std::uint64_t;

// --- commands --------------------------------------------------------------------------------------------------------
struct ConnectTo {
  CallId call = 0;
  xvm::Address address;
  std::uint16_t port = 0;
  std::uint32_t scope = 0;  ///< interface index for link-local addresses
};
struct SendTo {
  CallId call = 0;
  Bytes bytes;
};
/// Send, then close in order: the answer must arrive.
struct AnswerTo {
  CallId call = 0;
  Bytes bytes;
};
struct HangUp {
  CallId call = 0;
};
/// `with`: first see that this connection is still open, then pass it with the order. If it is not, or the helper
/// cannot be asked, answer the order with an Outcome (requester_gone, unreachable) in helper_said().
struct AskHelper {
  Order order;
  std::optional<CallId> with;
};
struct Persist {
  ReplaySlot slot;
};
enum class Weight : std::uint8_t { debug, info, notice, warning };
struct Say {
  Weight weight = Weight::info;
  std::string text;  ///< one line; foreign parts are escaped
};
using HostCommand = std::variant<ConnectTo, SendTo, AnswerTo, HangUp, AskHelper, Persist, Say>;

// --- what is counted -------------------------------------------------------------------------------------------------
struct HostCounters {
  std::uint64_t datagrams = 0;
  std::uint64_t wrong_size = 0;
  std::uint64_t bad_mac = 0;
  std::uint64_t weak_hash = 0;
  std::uint64_t malformed = 0;
  std::uint64_t replayed = 0;
  std::uint64_t repeated = 0;      ///< further datagrams of a run that is being served
  std::uint64_t not_listed = 0;    ///< address in no group
  std::uint64_t bad_callback = 0;  ///< loopback from elsewhere, multicast, 0.0.0.0
  std::uint64_t overflow = 0;      ///< no room in the queue
  std::uint64_t calls = 0;
  std::uint64_t calls_failed = 0;  ///< not reached, silent, hung up
  std::uint64_t wrong_proof = 0;
  std::uint64_t gone = 0;  ///< requester gone while it waited: nothing was done
  std::uint64_t queries = 0;
  std::uint64_t power_done = 0;
  std::uint64_t power_failed = 0;
  std::uint64_t denied = 0;
};

struct HostRules {
  xvm::HashType least_hash = xvm::HashType::sha256;
  xvm::HashType auth = xvm::HashType::sha256;
  const xvm::Secret* secret = nullptr;  ///< nullptr only if both are none; must outlive the service
};

/// How a datagram came in.
struct Arrival {
  xvm::Address from;
  bool from_here = false;   ///< sent by this machine
  std::uint32_t scope = 0;  ///< interface index
};

class HostService {
 public:
  HostService(HostRules rules, const Permissions& permissions, ReplayMemory memory);

  void datagram(Instant now, ByteView bytes, const Arrival& arrival);
  /// `random`: 64 fresh random bytes, used as our challenge.
  void connected(Instant now, CallId call, const xvm::Block& random);
  void received(Instant now, CallId call, ByteView bytes);
  /// The connection failed, was closed by the other side, or is not open any more.
  void ended(Instant now, CallId call, std::string_view why);
  void helper_said(Instant now, const PowerReply& reply);
  void time_passed(Instant now);

  [[nodiscard]] std::vector<HostCommand> take();
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  [[nodiscard]] const HostCounters& counters() const { return counters_; }
  [[nodiscard]] const Backend& backend() const { return backend_; }
  [[nodiscard]] std::size_t open_calls() const { return calls_.size(); }
  [[nodiscard]] std::size_t lanes_held() const { return lanes_.held(); }
  [[nodiscard]] std::size_t remembered() const { return memory_.lasting(); }
  /// Nobody waits for the helper.
  [[nodiscard]] bool idle() const;

 private:
  enum class Phase : std::uint8_t { connecting, challenge, lookup, lane, proof, acting, overdue };
  /// operation, seqno, domain in lower case: all datagrams of one run of an agent.
  struct RunKey {
    std::uint8_t operation = 0;
    std::uint32_t seqno = 0;
    std::string domain;
    friend auto operator<=>(const RunKey&, const RunKey&) = default;
  };
  struct Run {
    Instant touched{};
    bool served = false;  ///< somebody proved the key and may do it: others of this run are not called back any more
  };
  struct Waiting {
    xvm::Request request;
    std::uint32_t scope = 0;
  };
  struct Call {
    xvm::Request request;
    std::optional<Verb> verb;  ///< what the helper is to do; nullopt: null, unknown operation
    Callback shake;
    Phase phase = Phase::connecting;
    Instant began{};
    Instant until{};
    xvm::Block random{};
    std::uint64_t order = 0;
    OutcomeCode looked_up = OutcomeCode::done;
    bool off_verified = false;  ///< of a reboot: it is being started
    std::vector<xvm::HostRecord> records;
  };

  // host_datagram.cpp: from the datagram to the connection
  [[nodiscard]] bool acceptable(const xvm::Request& request, const Arrival& arrival);
  [[nodiscard]] bool remember(const xvm::Request& request, ByteView bytes);
  void count_refused(xvm::MacVerdict verdict);
  void enqueue(Instant now, Waiting waiting);
  void pump(Instant now);
  [[nodiscard]] std::optional<std::size_t> best_waiting(Instant now, bool any_address) const;
  [[nodiscard]] bool make_room(Instant now);
  void begin(Instant now, const Waiting& waiting);
  [[nodiscard]] bool unproven(const Call& call) const;
  [[nodiscard]] bool failing(const xvm::Address& address, Instant now) const;
  void mark_failing(const xvm::Address& address, Instant now);
  void forget_runs(Instant now);
  [[nodiscard]] static RunKey key_of(const xvm::Request& request);

  // host_service.cpp: from the connection to the answer
  void challenged(Instant now, CallId id, Call& call);
  void demand_proof(Instant now, CallId id, Call& call);
  void proved(Instant now, CallId id, Call& call);
  void enter_lane(Instant now, CallId id, Call& call, LaneId lane);
  void order(Instant now, CallId id, Call& call, Verb verb, Duration limit);
  void outcome(Instant now, const Outcome& outcome);
  void conclude(Instant now, CallId id, Call& call, const Outcome& outcome);
  void answer(Instant now, CallId id, Bytes bytes);
  [[nodiscard]] bool has_twin(CallId id, const Call& call) const;
  void dismiss_twins(Instant now, CallId id, const RunKey& key);
  void lane_expired(Instant now, const Lanes::Expired& expired);
  void give_up(Instant now, CallId id, std::string_view why, bool hang_up);
  void release(Instant now, CallId id);
  void say(Weight weight, std::string text);
  void say_seldom(Instant now, const char* reason, const std::string& text);

  HostRules rules_;
  const Permissions& permissions_;
  ReplayMemory memory_;
  Lanes lanes_;
  Backend backend_;
  HostCounters counters_;
  std::map<RunKey, Run> runs_;
  std::deque<Waiting> queue_;  ///< newest at the back
  std::map<CallId, Call> calls_;
  std::map<std::uint64_t, CallId> orders_;
  std::map<xvm::Address, Instant> failing_;
  std::deque<xvm::Block> asked_;  ///< our latest challenges: nobody gets them answered by ourselves
  struct Silence {
    Instant until{};
    std::uint64_t left_out = 0;
  };
  std::map<std::string, Silence> said_;
  std::optional<xvm::Secret> trimmed_;  ///< the key without its newline, to explain a wrong MAC
  Instant last_{};                      ///< time of the latest event
  CallId next_call_ = 1;
  std::uint64_t next_order_ = 1;
  std::vector<HostCommand> commands_;
};

}  // namespace duet::fencehost
