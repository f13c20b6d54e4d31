// SPDX-License-Identifier: Apache-2.0
// Fencer: brings one target down, from cause to verified off, and tries again for ever until it is certain.
//
//   idle -> [asking state <-> waiting] -> off -> verify -> (next device of the level) -> success -> switching on
//                                          \-> failed level -> next level -> back-off -> off ...
//
// A result counts only for the boot that it aimed at, and only if nothing was heard of that boot after the dispatch
// (protocol.md 7). Local; pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/fencing/device.hpp"
#include "core/message/ipc.hpp"
#include "core/model/state.hpp"

namespace duet {

/// Why, whom and how. Two requests are the same attempt if target and boot are equal.
struct FenceRequest {
  NodeId target;
  std::string target_name;
  BootId boot;
  CauseKind cause{};
  std::string why;
  FenceAction action = FenceAction::reboot;
  bool delayed = false;  ///< not favoured: ask the power state, wait, then check the cause again
  Duration wait{0};      ///< if delayed and the target runs
};

struct FencerNote {
  enum class Kind { cause, delay, dispatch, device_result, done, failed, cancelled, switched_on } kind{};
  FenceRequest request;
  std::string request_id;
  std::string device;
  std::string step;  ///< off, status, on
  std::string text;
  bool ok = false;
  std::uint32_t attempt = 0;
};

class Fencer {
 public:
  /// What the agents offer, from their meta-data; an agent that is not listed is taken to offer everything.
  void know_agent(const std::string& agent, std::set<std::string> actions);

  /// Level-triggered: the cause that holds now, or nullopt. Call before each advance(). A request that is gone is
  /// cancelled; a running agent is killed and its result not used.
  void want(const std::optional<FenceRequest>& request, const std::vector<DeviceLevel>& levels, Instant now);
  /// A message of the target's boot was delivered (E3 condition 1).
  void heard_from_target();
  /// The target said hello with a newer boot: nothing more is done to it, not even switching on.
  void newer_boot_appeared();
  /// The executor was lost: agents that ran are lost too and count as failed.
  void executor_lost(Instant now);

  /// `run` is one of ours: true. `outcome` of the agent.
  bool ended(std::uint64_t run, const OpOutcome& outcome, Instant now);
  /// Numbers for agent runs are drawn from `next_run`.
  [[nodiscard]] std::vector<ExecRequest> advance(Instant now, std::uint64_t& next_run);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  [[nodiscard]] std::vector<FencerNote> take_notes();
  /// The request whose verified off has just been reached; once.
  [[nodiscard]] std::optional<FenceRequest> take_success();
  [[nodiscard]] std::optional<FencingProgress> progress(Instant now) const;
  /// The request for which power has been switched already, or tried to be. The victim may leave the cluster in an
  /// orderly way because of it (libvirt ends a container by SIGTERM first): that takes no cause away.
  [[nodiscard]] std::optional<FenceRequest> begun() const { return attempts_ > 0 ? request_ : std::nullopt; }
  /// Retries now instead of after the back-off (a device was repaired, the administrator asks).
  void retry_now(Instant now);

 private:
  enum class Phase { idle, asking_state, waiting, ready, off, verify, backing_off };
  struct Call {
    std::uint64_t run = 0;
    Instant dispatched;
  };
  struct SwitchOn {
    FenceRequest request;
    std::vector<DeviceStep> steps;
    std::uint64_t run = 0;
    std::uint32_t tries = 0;
    Instant due;
  };

  void start(const FenceRequest& request, Instant now);
  void cancel(const std::string& why);
  void dispatch(const DeviceStep& step, const std::string& action, Duration timeout, Instant now,
                std::uint64_t& next_run, std::vector<ExecRequest>& out);
  void off_ended(const OpOutcome& outcome, Instant now);
  void verify_ended(const OpOutcome& outcome, Instant now);
  void state_ended(const OpOutcome& outcome, Instant now);
  void step_is_off(Instant now);
  void level_failed(const std::string& why, Instant now);
  void succeed(Instant now);
  void advance_switch_on(Instant now, std::uint64_t& next_run, std::vector<ExecRequest>& out);
  void switch_on_ended(const OpOutcome& outcome, Instant now);
  [[nodiscard]] bool may_ask(Instant now) const;
  [[nodiscard]] const DeviceStep* step() const;
  [[nodiscard]] bool offers(const std::string& agent, const std::string& action) const;
  void note(FencerNote::Kind kind, const std::string& step, const std::string& text, bool ok);

  std::map<std::string, std::set<std::string>> agents_;
  std::vector<DeviceLevel> levels_;
  std::optional<FenceRequest> request_;
  Phase phase_ = Phase::idle;
  std::size_t level_ = 0;
  std::size_t step_ = 0;
  std::uint32_t attempts_ = 0;
  std::uint64_t serial_ = 0;
  Duration backoff_{0};
  Instant due_;                        ///< end of waiting or backing off
  Instant raised_;                     ///< when the cause arose
  std::optional<Instant> ask_again_;   ///< while waiting: when the power state is asked once more
  bool state_known_ = false;           ///< the device has answered the first question for the power state
  std::optional<Call> call_;           ///< the agent that runs for the request
  bool heard_since_dispatch_ = false;  ///< a message of the target's boot came after the first off of this level
  std::string last_error_;
  std::optional<FenceRequest> success_;
  std::optional<SwitchOn> switch_on_;
  std::vector<std::uint64_t> to_cancel_;
  std::vector<FencerNote> notes_;
};

}  // namespace duet
