// SPDX-License-Identifier: Apache-2.0
// duetd of the simulator: the same boring driver as the real one. Turns what happens into events, performs the commands
// of NodeCore in order, arms one timer. It knows nothing about clusters.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "core/node/node_core.hpp"
#include "tests/sim/corosync.hpp"
#include "tests/sim/exec.hpp"

namespace duet::sim {

class SimNode;

class Driver final : public CorosyncClient, public ExecClient, public std::enable_shared_from_this<Driver> {
 public:
  Driver(SimNode& node, std::uint32_t pid);
  /// Loads the store, then connects to corosync and execd as they become available.
  void start();
  /// From now on nothing happens any more; the object may still be on the stack.
  void die();

  void ask(std::uint64_t client, const AdminRequest& request);
  void want_stop();
  /// Dies (or takes the whole node along) after so many commands, counted over all steps from now.
  void crash_after(std::uint32_t commands, bool with_node);
  [[nodiscard]] const NodeCore& core() const { return *core_; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  // CorosyncClient
  void cpg_event(Event event, Duration delay) override;
  void quorum_event(QuorumChanged event, Duration delay) override;
  void cpg_lost() override;
  // ExecClient
  void exec_reply(const ExecReply& reply, Duration delay) override;
  void exec_lost() override;

 private:
  void feed(const Event& event);
  void perform(const Command& command);
  void perform_one(const Multicast& command);
  void perform_one(const DiscardUnsent& command);
  void perform_one(const Persist& command);
  void perform_one(const Execute& command);
  void perform_one(const Answer& command);
  void perform_one(const LogLine& command);
  void perform_one(const Trace& command);
  void perform_one(const Stopped& command);
  void make_durable(const Persist& command);
  void flush();
  void arm_timer();
  void connect_corosync();
  void connect_exec();
  void trace_event(const Event& event);
  void trace_message(TraceKind kind, const StreamMessage& message);
  void trace_config();
  void trace_digest(const StreamMessage& message);
  void in_process(Duration delay, Scheduler::Task task);
  void emit(TraceEvent event);

  SimNode& node_;
  std::uint32_t pid_;
  bool dead_ = false;
  std::unique_ptr<NodeCore> core_;
  std::uint32_t start_ = 0;  ///< start counter, once execd has told it
  std::deque<StreamMessage> outgoing_;
  bool flush_planned_ = false;
  bool attached_ = false;
  std::uint64_t cpg_generation_ = 0;
  std::uint64_t exec_generation_ = 0;
  Duration last_cpg_{0};
  Duration last_quorum_{0};
  Duration last_exec_{0};
  Duration last_durable_{0};
  std::uint64_t timer_generation_ = 0;
  Duration timer_at_{-1};
  std::uint32_t busy_ = 0;
  std::uint64_t steps_ = 0;
  std::uint32_t crash_countdown_ = 0;
  bool crash_with_node_ = false;
};

}  // namespace duet::sim
