// SPDX-License-Identifier: Apache-2.0
// See operations.hpp. Files of an operation, besides those of duet-run: "order" (the encoded order) and "ended" (the
// encoded result, for outcomes that do not follow from duet-run's result file).
#include "daemon/execd/operations.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/duration_text.hpp"
#include "core/codec/exec_codec.hpp"
#include "daemon/execd/agent_limits.hpp"
#include "daemon/execd/run_protocol.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"
#include "platform/process/read_file.hpp"

namespace duet::execd {

namespace {

constexpr const char* order_file = "/order";
constexpr const char* ended_file = "/ended";
constexpr int not_running = 7;  ///< OCF exit code

std::string_view text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<RunAgent> read_order(const Place& place) {
  const auto text = read_file(place.directory + order_file);
  if (!text) return std::nullopt;
  auto request = decode_exec_request(as_bytes(*text));
  if (!request) return std::nullopt;
  RunAgent* order = std::get_if<RunAgent>(&*request);
  return order == nullptr ? std::nullopt : std::optional{std::move(*order)};
}

std::optional<OpOutcome> read_outcome(const Place& place) {
  const auto text = read_file(place.directory + ended_file);
  if (!text) return std::nullopt;
  auto reply = decode_exec_reply(as_bytes(*text));
  if (!reply) return std::nullopt;
  const RunEnded* ended = std::get_if<RunEnded>(&*reply);
  return ended == nullptr ? std::nullopt : std::optional{ended->outcome};
}

std::string title(const RunAgent& order) {
  return fmt::format("{} of {} ({}, run {})", to_string(order.action), order.resource, order.agent.text(), order.run);
}

void log_end(const RunAgent& order, const OpOutcome& outcome) {
  const bool by_order = outcome.status == OpStatus::cancelled || outcome.status == OpStatus::voided;
  const bool good = outcome.exit_code == 0 || (order.action == Action::probe && outcome.exit_code == 7);
  const bool expected = by_order || (outcome.status == OpStatus::done && good);
  const bool quiet = expected && order.interval > Duration{0};
  log::write(quiet ? log::Level::debug : (expected ? log::Level::info : log::Level::warning),
             fmt::format("{}: {}, exit code {}, {} ms{}{}", title(order), to_string(outcome.status), outcome.exit_code,
                         outcome.took_ms, outcome.reason.empty() ? "" : ": ", outcome.reason));
}

}  // namespace

Operations::Operations(Loop& loop, const Settings& settings, Places& places, LastStarts& starts,
                       units::UnitManager* units, OperationHooks hooks)
    : loop_{loop}, settings_{settings}, places_{places}, starts_{starts}, units_{units}, hooks_{std::move(hooks)} {}

void Operations::adopt(const Place& place) {
  auto order = read_order(place);
  const auto carrier =
      order ? carrier_of(starts_.in_force(*order).agent, settings_) : Result<Carrier>{fail(Errc::malformed, "order")};
  if (!order || !carrier || operations_.count(order->run) != 0) {
    log::write(log::Level::warning, "no order can be read in " + place.directory + ": what is left of it is killed");
    return places_.kill(place, [this, place] { places_.discard(place); });
  }
  Operation& operation = operations_[order->run];
  operation.order = std::move(*order);
  operation.place = place;
  operation.carrier = *carrier;
  operation.adopted = true;
  operation.outcome = read_outcome(place);
  if (operation.outcome) return;
  const std::uint64_t run = operation.order.run;
  hooks_.began(operation.order);
  if (operation.carrier == Carrier::unit) return begin_unit_again(operation);
  auto process = Supervised::adopt(loop_, place.directory,
                                   [this, run](const std::optional<RunResult>& result) { take_result(run, result); });
  if (!process) return clear_up_lost(run);
  operation.process = std::move(*process);
  ++agents_;
}

void Operations::run(const RunAgent& order) {
  if (const auto known = operations_.find(order.run); known != operations_.end()) {
    // The same order again, after a connection that was lost: it is not begun twice.
    if (known->second.outcome) return hooks_.reply(RunEnded{order.run, *known->second.outcome, {}});
    return hooks_.reply(RunBegun{order.run});
  }
  Operation fresh;
  fresh.order = order;
  if (order.not_after && boot_now() > *order.not_after) {
    OpOutcome voided;
    voided.status = OpStatus::voided;
    voided.reason = "the order came too late";
    voided.unix_ms = wall_now().unix_ms;
    return hooks_.reply(RunEnded{order.run, voided, {}});
  }
  const auto carrier = carrier_of(starts_.in_force(order).agent, settings_);
  if (!carrier) return hooks_.reply(RunEnded{order.run, refusal(carrier.error()), {}});
  auto place = make_place(order);
  if (!place) return hooks_.reply(RunEnded{order.run, refusal(place.error()), {}});
  if (order.action == Action::start) {
    if (auto kept = starts_.remember(order, place->cgroup); !kept) {
      places_.discard(*place);
      return hooks_.reply(RunEnded{order.run, refusal(kept.error()), {}});
    }
  }
  fresh.carrier = *carrier;
  fresh.place = *place;
  Operation& operation = operations_.emplace(order.run, std::move(fresh)).first->second;
  if (!must_wait(operation)) return begin(operation);
  waiting_.push_back(order.run);
}

bool Operations::must_wait(const Operation& operation) const {
  const bool looks = operation.order.action == Action::monitor || operation.order.action == Action::probe;
  return looks && operation.carrier != Carrier::unit && agents_ >= agent_limits::parallel_looks;
}

void Operations::begin_waiting() {
  while (!waiting_.empty() && agents_ < agent_limits::parallel_looks) {
    const std::uint64_t run = waiting_.front();
    waiting_.pop_front();
    begin(operations_.at(run));
  }
}

void Operations::drop_process(Operation& operation) {
  if (!operation.process) return;
  operation.process.reset();
  --agents_;
}

void Operations::begin(Operation& operation) {
  hooks_.began(operation.order);
  log::write(operation.order.interval > Duration{0} ? log::Level::debug : log::Level::info,
             title(operation.order) + " begins");
  hooks_.reply(RunBegun{operation.order.run});
  if (operation.carrier == Carrier::unit) return begin_unit(operation);
  if (auto begun = begin_agent(operation); !begun) conclude(operation, refusal(begun.error()));
}

Result<void> Operations::begin_agent(Operation& operation) {
  auto command = agent_command(starts_.in_force(operation.order), operation.carrier, settings_);
  if (!command) return tl::unexpected{command.error()};
  auto process = Supervised::start(
      loop_, settings_.supervisor, operation.place.directory, operation.place.cgroup, *command,
      [this, run = operation.order.run](const std::optional<RunResult>& result) { take_result(run, result); });
  if (!process) return tl::unexpected{process.error()};
  operation.process = std::move(*process);
  ++agents_;
  return {};
}

void Operations::begin_unit(Operation& operation) {
  if (units_ == nullptr) return conclude(operation, refusal({Errc::backend, "systemd does not run here"}));
  operation.unit = UnitOperation::begin(loop_, *units_, settings_, starts_.in_force(operation.order),
                                        [this, run = operation.order.run](OpOutcome outcome) {
                                          const auto found = operations_.find(run);
                                          if (found != operations_.end()) conclude(found->second, std::move(outcome));
                                        });
}

/// To look, to stop and to start again is the same as to wait for the end of what the last process had begun. Only a
/// start that is too old by now is left as it is (S12).
void Operations::begin_unit_again(Operation& operation) {
  const auto& not_after = operation.order.not_after;
  if (not_after && boot_now() > *not_after) return clear_up_lost(operation.order.run);
  begin_unit(operation);
}

void Operations::take_result(std::uint64_t run, const std::optional<RunResult>& result) {
  const auto found = operations_.find(run);
  if (found == operations_.end()) return;
  Operation& operation = found->second;
  if (!result) return clear_up_lost(run);
  if (!result->err.empty()) log::write(log::Level::debug, title(operation.order) + " said: " + result->err);
  conclude(operation, agent_outcome(operation.order, operation.carrier, *result));
}

void Operations::clear_up_lost(std::uint64_t run) {
  Operation& operation = operations_.at(run);
  drop_process(operation);
  if (!operation.cancelled) {
    log::write(log::Level::warning, title(operation.order) + ": its result was lost, what is left of it is killed");
  }
  places_.kill(operation.place, [this, run] { after_loss(run); });
}

void Operations::after_loss(std::uint64_t run) {
  const auto found = operations_.find(run);
  if (found == operations_.end()) return;
  Operation& operation = found->second;
  if (operation.cancelled) return conclude(operation, cancelled_outcome());
  // Lost with an earlier process of ours: what a start has done, or what there is to see, a probe tells. That is not a
  // failure (protocol.md 9). An agent that ends its supervisor before our eyes is one.
  const bool stop = operation.order.action == Action::stop;
  if (operation.adopted && !stop) return conclude(operation, unknown_outcome());
  if (!stop || operation.repeated) return conclude(operation, lost_outcome());
  // A stop that may have been half done is done again: that is always allowed, and a failure only if it fails again.
  operation.repeated = true;
  // In a place of its own: Linux (seen with 6.18) kills what is born into a cgroup that was killed before.
  const Place old = operation.place;
  auto place = make_place(operation.order);
  if (!place) return conclude(operation, refusal(place.error()));
  operation.place = *place;
  places_.discard(old);
  begin(operation);
}

/// Written before anything begins: a process that starts without a trace of its order could never be adopted.
Result<Place> Operations::make_place(const RunAgent& order) {
  auto place = places_.make('r', order.run);
  if (!place) return place;
  auto written = replace_file(AT_FDCWD, place->directory + order_file, text_of(encode(ExecRequest{order})));
  if (written) return place;
  places_.discard(*place);
  return tl::unexpected{written.error()};
}

void Operations::conclude(Operation& operation, OpOutcome outcome) {
  drop_process(operation);
  if (operation.unit) {
    // It may be the caller: let it end first.
    loop_.post([ended = std::shared_ptr<UnitOperation>{std::move(operation.unit)}] {});
  }
  const Action action = operation.order.action;
  if (action == Action::probe || action == Action::monitor) {
    outcome.other_parameters = starts_.differs(operation.order);
  }
  log_end(operation.order, outcome);
  operation.outcome = outcome;
  const RunEnded ended{operation.order.run, outcome, {}};
  const bool follows = access((operation.place.directory + '/' + run::result_file).c_str(), F_OK) == 0;
  if (!follows) {
    const auto kept = replace_file(AT_FDCWD, operation.place.directory + ended_file, text_of(encode(ExecReply{ended})));
    if (!kept) log::write(log::Level::warning, "a result will not survive a restart: " + kept.error().what);
  }
  // After its result is kept: if we are killed in between, the stop is repeated as it was.
  const bool stopped =
      outcome.status == OpStatus::done &&
      (action == Action::stop ? outcome.exit_code == 0 : action == Action::probe && outcome.exit_code == not_running);
  if (stopped) starts_.forget(operation.order.resource);
  hooks_.ended(operation.order, outcome);
  hooks_.reply(ended);
  // From the loop: a refusal of the next one would come back here.
  if (!waiting_.empty()) loop_.post([this] { begin_waiting(); });
}

bool Operations::cancel(std::uint64_t run) {
  const auto found = operations_.find(run);
  if (found == operations_.end()) return false;
  found->second.cancelled = true;
  if (const auto waiting = std::find(waiting_.begin(), waiting_.end(), run); waiting != waiting_.end()) {
    waiting_.erase(waiting);
    conclude(found->second, cancelled_outcome());
    return true;
  }
  if (found->second.process) found->second.process->cancel();
  if (found->second.unit) found->second.unit->cancel();
  return true;
}

bool Operations::acknowledge(std::uint64_t run) {
  const auto found = operations_.find(run);
  if (found == operations_.end()) return false;
  if (!found->second.outcome) return true;  // still running: there is nothing to forget yet
  const Place place = found->second.place;
  operations_.erase(found);
  places_.discard(place);
  return true;
}

std::vector<KeptRun> Operations::kept() const {
  std::vector<KeptRun> runs;
  for (const auto& [run, operation] : operations_) {
    const RunAgent& order = operation.order;
    runs.push_back({run, order.op, order.resource, order.action, order.interval, operation.outcome});
  }
  return runs;
}

}  // namespace duet::execd
