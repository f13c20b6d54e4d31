// SPDX-License-Identifier: Apache-2.0
// duet-execd of one boot, its agents, and the truth of what they start and stop. The table of operations survives
// restarts of duetd and of execd itself within the boot (protocol.md 9).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/message/exec.hpp"
#include "tests/sim/fence.hpp"
#include "tests/sim/machine.hpp"

namespace duet::sim {

/// How agents of a node misbehave for a while; kept over boots.
struct AgentFault {
  enum class Kind : std::uint8_t { fails, hangs, slow } kind{};
  std::optional<Action> action;  ///< absent: every action
  std::string resource;          ///< empty: every resource
  int exit_code = 1;
  Duration until{0};
};

/// duetd at the other end of the socket.
class ExecClient {
 public:
  virtual ~ExecClient() = default;
  virtual void exec_reply(const ExecReply& reply, Duration delay) = 0;
  virtual void exec_lost() = 0;
};

class SimExec {
 public:
  SimExec(Scheduler& scheduler, const Plan& plan, Machine& machine, SimFence& fence, int node, std::uint64_t boot,
          const std::vector<AgentFault>& faults);

  /// A daemon with this pid connects; nullopt while execd does not run.
  std::optional<ExecWelcome> connect(ExecClient& client, std::uint32_t pid);
  void disconnect() { client_ = nullptr; }
  void request(const ExecRequest& request);

  void set_running(bool running);  ///< execd is killed, or started again
  [[nodiscard]] bool running() const { return running_; }
  /// Somebody kills one running agent.
  void kill_agent();
  /// One active resource dies by itself, or is stopped by hand.
  void kill_resource();
  /// The node loses power: what was up is down.
  void power_lost();
  [[nodiscard]] bool is_up(const ObjectId& resource) const;
  [[nodiscard]] bool idle() const;

 private:
  struct Run {
    RunAgent order;
    bool begun = false;
    std::optional<OpOutcome> outcome;
  };
  struct Behaviour {
    Duration effect_at{0};  ///< when the truth changes
    bool has_effect = true;
    Duration ends_at{0};
    int exit_code = 0;
    bool hangs = false;
  };
  void handle(const RunAgent& order);
  void handle(const CancelRun& cancel);
  void handle(const AckResult& ack);
  void handle(const RunFenceAgent& run);
  void handle(const WatchResource& watch);
  void handle(const UnwatchResource& unwatch);
  void handle(const ForgetResource& forget);
  void handle(const RebootNow& reboot);
  void handle(const QueryMetadata& query);
  void handle(const ExecHello& hello);

  void begin(std::uint64_t number);
  void finish(std::uint64_t number, OpStatus status, int exit_code);
  [[nodiscard]] Behaviour behaviour(const RunAgent& order);
  [[nodiscard]] const AgentFault* fault(const RunAgent& order) const;
  void set_truth(const ObjectId& resource, bool up);
  void reply(const ExecReply& reply);
  void trace_run(TraceKind kind, const Run& run);

  Scheduler& scheduler_;
  const Plan& plan_;
  Machine& machine_;
  SimFence& fence_;
  int node_;
  const std::vector<AgentFault>& faults_;
  Rng rng_;
  bool running_ = true;
  ExecClient* client_ = nullptr;
  std::uint64_t connection_ = 0;  ///< fence agents are not kept over a new connection
  std::uint32_t last_pid_ = 0;
  std::uint32_t starts_ = 0;
  std::map<std::uint64_t, Run> table_;
  std::set<std::uint64_t> fence_runs_;
  std::map<ObjectId, bool> truth_;
  std::set<ObjectId> watched_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< late answers of a device find out that we are gone
};

}  // namespace duet::sim
