// SPDX-License-Identifier: Apache-2.0
// Operations of the simulated executor: begin, effect on the truth, end, time-out.
#include "tests/sim/exec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/invariant.hpp"

namespace duet::sim {

namespace {

constexpr int ocf_ok = 0;
constexpr int ocf_not_running = 7;

std::string op_text(const OpId& op) {
  return op.valid() ? fmt::format("{}.{}.{}", op.epoch, op.sequence, op.giver.get()) : std::string{};
}

bool asks_only(Action action) {
  return action == Action::probe || action == Action::monitor;
}

}  // namespace

SimExec::SimExec(Scheduler& scheduler, const Plan& plan, Machine& machine, SimFence& fence, int node,
                 std::uint64_t boot, const std::vector<AgentFault>& faults)
    : scheduler_{scheduler},
      plan_{plan},
      machine_{machine},
      fence_{fence},
      node_{node},
      faults_{faults},
      rng_{plan.seed + boot * 1000003, node == 0 ? "agents-n1" : "agents-n2"} {}

// ---- connection -----------------------------------------------------------------------------------------------------

std::optional<ExecWelcome> SimExec::connect(ExecClient& client, std::uint32_t pid) {
  if (!running_) return std::nullopt;
  client_ = &client;
  ++connection_;
  if (pid != last_pid_) {
    last_pid_ = pid;
    ++starts_;
  }
  ExecWelcome welcome;
  welcome.boot = BootId{machine_.boot_id()};
  welcome.duetd_start = starts_;
  for (const auto& [number, run] : table_) {
    const RunAgent& order = run.order;
    welcome.runs.push_back(KeptRun{number, order.op, order.resource, order.action, order.interval, run.outcome});
  }
  fence_runs_.clear();
  return welcome;
}

void SimExec::request(const ExecRequest& request) {
  if (!running_) return;  // the socket is dead: duetd hears of it
  std::visit([this](const auto& one) { handle(one); }, request);
}

void SimExec::set_running(bool running) {
  running_ = running;
  if (running) return;
  fence_runs_.clear();
  if (ExecClient* client = std::exchange(client_, nullptr); client != nullptr) client->exec_lost();
}

void SimExec::reply(const ExecReply& reply) {
  if (running_ && client_ != nullptr) client_->exec_reply(reply, rng_.between(20us, 300us));
}

void SimExec::handle(const ExecHello&) {}

void SimExec::handle(const AckResult& ack) {
  const auto found = table_.find(ack.run);
  if (found != table_.end() && found->second.outcome) table_.erase(found);
}

void SimExec::handle(const WatchResource& watch) {
  watched_.insert(watch.resource);
}

void SimExec::handle(const UnwatchResource& unwatch) {
  watched_.erase(unwatch.resource);
}

void SimExec::handle(const ForgetResource& forget) {
  watched_.erase(forget.resource);
}

void SimExec::handle(const RebootNow& reboot) {
  machine_.in_boot(1ms, [this, why = reboot.reason] { machine_.reboot("self-fence: " + why); });
}

void SimExec::handle(const QueryMetadata& query) {
  machine_.in_boot(rng_.between(1ms, 10ms), [this, run = query.run] {
    reply(RunEnded{run, OpOutcome{}, "<resource-agent name=\"Dummy\"><actions/></resource-agent>"});
  });
}

// ---- fence agents ---------------------------------------------------------------------------------------------------

void SimExec::handle(const RunFenceAgent& run) {
  DUET_INVARIANT(run.timeout > Duration{0});
  fence_runs_.insert(run.run);
  const auto end = [this, number = run.run, connection = connection_](OpStatus status, int code, std::string output) {
    if (connection != connection_ || fence_runs_.erase(number) == 0) return;
    OpOutcome outcome;
    outcome.status = status;
    outcome.exit_code = code;
    reply(RunEnded{number, std::move(outcome), std::move(output)});
  };
  reply(RunBegun{run.run});
  machine_.in_boot(run.timeout, [end] { end(OpStatus::timed_out, 0, {}); });
  fence_.request(node_, run, [this, end, alive = std::weak_ptr{alive_}](int code, const std::string& output) {
    if (alive.expired()) return;
    machine_.in_boot(Duration{100us}, [end, code, output] { end(OpStatus::done, code, output); });
  });
}

// ---- resource agents ------------------------------------------------------------------------------------------------

void SimExec::handle(const RunAgent& order) {
  DUET_INVARIANT(order.timeout > Duration{0});
  DUET_INVARIANT(!table_.contains(order.run));
  table_[order.run].order = order;
  machine_.in_boot(rng_.between(30us, 1ms), [this, number = order.run] { begin(number); });
}

void SimExec::handle(const CancelRun& cancel) {
  if (fence_runs_.erase(cancel.run) != 0) {
    OpOutcome outcome;
    outcome.status = OpStatus::cancelled;
    return reply(RunEnded{cancel.run, std::move(outcome), {}});
  }
  const auto found = table_.find(cancel.run);
  if (found != table_.end() && !found->second.outcome) finish(cancel.run, OpStatus::cancelled, 0);
}

void SimExec::begin(std::uint64_t number) {
  const auto found = table_.find(number);
  if (found == table_.end() || found->second.outcome) return;  // cancelled before it began
  Run& run = found->second;
  const RunAgent& order = run.order;
  if (order.not_after && machine_.clock() > *order.not_after) return finish(number, OpStatus::voided, 0);
  run.begun = true;
  trace_run(TraceKind::exec_begin, run);
  reply(RunBegun{number});

  const Behaviour how = behaviour(order);
  const auto still_runs = [this, number] {
    const auto it = table_.find(number);
    return it != table_.end() && !it->second.outcome;
  };
  if (how.has_effect && !asks_only(order.action)) {
    machine_.in_boot(how.effect_at, [this, still_runs, resource = order.resource, up = order.action == Action::start] {
      if (still_runs()) set_truth(resource, up);
    });
  }
  if (how.hangs || how.ends_at > order.timeout) {
    machine_.in_boot(order.timeout, [this, still_runs, number] {
      if (still_runs()) finish(number, OpStatus::timed_out, 0);
    });
    return;
  }
  machine_.in_boot(how.ends_at, [this, still_runs, number, how] {
    if (!still_runs()) return;
    const RunAgent& ended = table_.at(number).order;
    int code = how.exit_code;
    if (asks_only(ended.action) && code == ocf_ok) code = is_up(ended.resource) ? ocf_ok : ocf_not_running;
    finish(number, OpStatus::done, code);
  });
}

SimExec::Behaviour SimExec::behaviour(const RunAgent& order) {
  Behaviour how;
  const Duration usual = plan_.ms("agent_ms");
  how.ends_at = asks_only(order.action) ? rng_.between(1ms, 30ms) : usual / 2 + rng_.between(1ms, usual);
  how.effect_at = how.ends_at / 2;
  const AgentFault* wrong = fault(order);
  if (wrong == nullptr) return how;
  switch (wrong->kind) {
    case AgentFault::Kind::slow:
      how.ends_at += rng_.between(1s, 15s);
      break;
    case AgentFault::Kind::fails:
      how.exit_code = wrong->exit_code;
      how.has_effect = rng_.chance(1, 8);
      break;
    case AgentFault::Kind::hangs:
      how.hangs = true;
      how.has_effect = order.action == Action::start && rng_.chance(1, 2);
      break;
  }
  return how;
}

const AgentFault* SimExec::fault(const RunAgent& order) const {
  for (const AgentFault& each : faults_) {
    if (each.until <= scheduler_.now()) continue;
    if (each.action && *each.action != order.action) continue;
    if (each.resource.empty() || each.resource == order.resource) return &each;
  }
  return nullptr;
}

void SimExec::finish(std::uint64_t number, OpStatus status, int exit_code) {
  Run& run = table_.at(number);
  OpOutcome outcome;
  outcome.status = status;
  outcome.exit_code = exit_code;
  run.outcome = outcome;
  if (run.begun) trace_run(TraceKind::exec_end, run);
  reply(RunEnded{number, std::move(outcome), {}});
}

void SimExec::trace_run(TraceKind kind, const Run& run) {
  TraceEvent event;
  event.kind = kind;
  event.start = starts_;
  event.text = {{"resource", run.order.resource},
                {"action", std::string{to_string(run.order.action)}},
                {"run", fmt::format("{}", run.order.run)}};
  if (run.order.op.valid()) event.text["op"] = op_text(run.order.op);
  if (run.order.interval != Duration{0}) event.text["interval_ms"] = fmt::format("{}", run.order.interval / 1ms);
  if (run.outcome) {
    event.text["status"] = std::string{to_string(run.outcome->status)};
    event.text["rc"] = fmt::format("{}", run.outcome->exit_code);
  }
  machine_.emit(std::move(event));
}

// ---- truth ----------------------------------------------------------------------------------------------------------

bool SimExec::is_up(const ObjectId& resource) const {
  const auto found = truth_.find(resource);
  return found != truth_.end() && found->second;
}

bool SimExec::idle() const {
  return std::all_of(table_.begin(), table_.end(), [](const auto& entry) { return entry.second.outcome.has_value(); });
}

void SimExec::set_truth(const ObjectId& resource, bool up) {
  if (is_up(resource) == up) return;
  truth_[resource] = up;
  machine_.emit(TraceEvent{up ? TraceKind::truth_up : TraceKind::truth_down, 0, {}, 0, {{"resource", resource}}});
}

void SimExec::kill_agent() {
  for (const auto& [number, run] : table_) {
    if (run.outcome || !run.begun) continue;
    return finish(number, OpStatus::error, 0);
  }
}

void SimExec::kill_resource() {
  std::vector<ObjectId> candidates;
  for (const auto& [resource, up] : truth_) {
    if (up) candidates.push_back(resource);
  }
  if (candidates.empty()) return;
  const ObjectId resource = candidates[rng_.below(candidates.size())];
  set_truth(resource, false);
  if (!watched_.contains(resource)) return;
  machine_.in_boot(rng_.between(1ms, 20ms), [this, resource] { reply(ResourceHint{resource, "unit inactive"}); });
}

void SimExec::power_lost() {
  for (auto& [resource, up] : truth_) {
    if (std::exchange(up, false)) {
      machine_.emit(TraceEvent{TraceKind::truth_down, 0, {}, 0, {{"resource", resource}}});
    }
  }
}

}  // namespace duet::sim
