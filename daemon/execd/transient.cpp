// SPDX-License-Identifier: Apache-2.0
// See transient.hpp.
#include "daemon/execd/transient.hpp"

#include <fmt/format.h>

#include "core/agentapi/agent_name.hpp"
#include "core/agentapi/ocf_agent.hpp"
#include "core/base/escape.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"

namespace duet::execd {

namespace {

/// Meta-data of what has none of its own: fixed actions with the proposals of cluster-semantics 2.1.
std::string plain_metadata(const std::string& name, const std::string& description) {
  std::string actions;
  for (const char* action : {"start", "stop", "status"}) {
    actions += fmt::format("    <action name=\"{}\" timeout=\"100s\"/>\n", action);
  }
  return fmt::format(
      "<?xml version=\"1.0\"?>\n<resource-agent name=\"{0}\">\n  <version>1.1</version>\n"
      "  <longdesc lang=\"en\">{1}</longdesc>\n  <shortdesc lang=\"en\">{1}</shortdesc>\n  <parameters/>\n"
      "  <actions>\n{2}    <action name=\"monitor\" timeout=\"100s\" interval=\"60s\"/>\n  </actions>\n"
      "</resource-agent>\n",
      escape_xml(name), escape_xml(description), actions);
}

OpOutcome success() {
  OpOutcome outcome;
  outcome.unix_ms = wall_now().unix_ms;
  return outcome;
}

}  // namespace

TransientRuns::TransientRuns(Loop& loop, const Settings& settings, Places& places, units::UnitManager* units,
                             std::function<void(const ExecReply&)> reply)
    : loop_{loop}, settings_{settings}, places_{places}, units_{units}, reply_{std::move(reply)} {}

void TransientRuns::end_left_over(const Place& place) {
  const std::uint64_t id = next_id_++;
  Run& run = runs_[id];
  run.place = place;
  run.answer = false;
  run.cancelled = true;
  auto process = Supervised::adopt(loop_, place.directory,
                                   [this, id](const std::optional<RunResult>& result) { take_result(id, result); });
  if (!process) return take_result(id, std::nullopt);
  run.process = std::move(*process);
  run.process->cancel();
}

void TransientRuns::start(std::uint64_t number, Result<AgentCommand> command, Outcome outcome) {
  if (!command) return reply_(RunEnded{number, refusal(command.error()), {}});
  auto place = places_.make('f', number);
  if (!place) return reply_(RunEnded{number, refusal(place.error()), {}});
  const std::uint64_t id = next_id_++;
  auto process = Supervised::start(loop_, settings_.supervisor, place->directory, place->cgroup, *command,
                                   [this, id](const std::optional<RunResult>& result) { take_result(id, result); });
  if (!process) {
    places_.discard(*place);
    return reply_(RunEnded{number, refusal(process.error()), {}});
  }
  Run& run = runs_[id];
  run.number = number;
  run.place = std::move(*place);
  run.process = std::move(*process);
  run.outcome = std::move(outcome);
  reply_(RunBegun{number});
}

void TransientRuns::take_result(std::uint64_t id, const std::optional<RunResult>& result) {
  const auto found = runs_.find(id);
  if (found == runs_.end()) return;
  const Run run = std::move(found->second);
  runs_.erase(found);
  const Place place = run.place;
  if (result) {
    places_.discard(place);
  } else {
    places_.kill(place, [this, place] { places_.discard(place); });
  }
  if (!run.answer) return;
  RunEnded ended{run.number, {}, {}};
  if (result) {
    ended.outcome = run.outcome(*result);
    ended.output = result->out;
  } else {
    ended.outcome = run.cancelled ? cancelled_outcome() : lost_outcome();
  }
  reply_(ended);
}

void TransientRuns::run(const RunFenceAgent& order) {
  log::write(log::Level::info, fmt::format("{} {} begins (run {})", escape_line(order.agent, 64),
                                           escape_line(order.action, 32), order.run));
  // Not the parameters: they hold passwords and are not needed any more.
  RunFenceAgent kept = order;
  kept.parameters.clear();
  start(order.run, fence_command(order, settings_), [kept](const RunResult& result) {
    OpOutcome outcome = fence_outcome(kept, result);
    log::write(log::Level::info,
               fmt::format("{} {}: {}, exit code {}, {} ms{}{}", kept.agent, kept.action, to_string(outcome.status),
                           outcome.exit_code, outcome.took_ms, outcome.reason.empty() ? "" : ": ", outcome.reason));
    return outcome;
  });
}

void TransientRuns::query(const QueryMetadata& order) {
  const bool resource = order.agent.standard != "stonith";
  const auto carrier = resource ? carrier_of(order.agent, settings_) : Result<Carrier>{Carrier::agent};
  if (!carrier) return reply_(RunEnded{order.run, refusal(carrier.error()), {}});
  if (*carrier == Carrier::unit) return describe_unit(order);
  if (*carrier == Carrier::init_script) return describe_script(order);
  RunAgent as_order;
  as_order.agent = order.agent;
  start(order.run, metadata_command(order.agent, settings_), [as_order](const RunResult& result) {
    OpOutcome outcome = agent_outcome(as_order, Carrier::agent, result);
    if (outcome.status == OpStatus::timed_out) outcome.reason = "its meta-data did not come within 10s";
    return outcome;
  });
}

void TransientRuns::describe_script(const QueryMetadata& order) {
  const std::string& name = order.agent.type;
  const auto file = is_agent_name(name) ? open_agent(settings_.init_directory, name)
                                        : Result<AgentFile>{fail(Errc::invalid_argument, "no name of an init script")};
  if (!file) return reply_(RunEnded{order.run, refusal(file.error()), {}});
  reply_(RunEnded{order.run, success(), plain_metadata(name, "Init script " + name)});
}

void TransientRuns::describe_unit(const QueryMetadata& order) {
  const auto unit = unit_name(order.agent.type);
  if (!unit) return reply_(RunEnded{order.run, refusal(unit.error()), {}});
  if (units_ == nullptr) return reply_(RunEnded{order.run, refusal({Errc::backend, "systemd does not run here"}), {}});
  units_->query(*unit, [this, run = order.run, name = order.agent.type,
                        still = std::weak_ptr{connection_}](const Result<units::UnitState>& state) {
    if (still.expired()) return;
    if (!state) return reply_(RunEnded{run, refusal(state.error()), {}});
    reply_(RunEnded{run, success(), plain_metadata(name, state->description)});
  });
}

bool TransientRuns::cancel(std::uint64_t number) {
  bool found = false;
  for (auto& [id, run] : runs_) {
    if (run.number != number || !run.answer) continue;
    run.cancelled = true;
    run.process->cancel();
    found = true;
  }
  return found;
}

void TransientRuns::end_all() {
  connection_ = std::make_shared<int>(0);
  for (auto& [id, run] : runs_) {
    run.answer = false;
    run.cancelled = true;
    run.process->cancel();
  }
}

}  // namespace duet::execd
