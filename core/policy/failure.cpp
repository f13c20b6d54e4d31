// SPDX-License-Identifier: Apache-2.0
// Results of operations, row by row as cluster-semantics 5.1 has them.
#include "core/policy/failure.hpp"

#include <algorithm>

#include "core/model/outcome_text.hpp"

namespace duet {

namespace {

// OCF exit codes (cluster-semantics 1.3).
constexpr std::int32_t ocf_success = 0;
constexpr std::int32_t ocf_generic = 1;
constexpr std::int32_t ocf_args = 2;
constexpr std::int32_t ocf_unimplemented = 3;
constexpr std::int32_t ocf_permission = 4;
constexpr std::int32_t ocf_not_installed = 5;
constexpr std::int32_t ocf_not_configured = 6;
constexpr std::int32_t ocf_not_running = 7;
constexpr std::int32_t ocf_promoted = 8;
constexpr std::int32_t ocf_degraded = 190;
constexpr std::int32_t ocf_degraded_promoted = 191;

/// The exit code that stands for how the operation ended: a killed agent has none of its own.
std::int32_t effective_code(const OpOutcome& outcome) {
  switch (outcome.status) {
    case OpStatus::done:
      return outcome.exit_code;
    case OpStatus::not_supported:
      return ocf_unimplemented;
    case OpStatus::not_installed:
      return ocf_not_installed;
    case OpStatus::timed_out:
    case OpStatus::error:
    case OpStatus::cancelled:
    case OpStatus::voided:
      return ocf_generic;
  }
  return ocf_generic;
}

bool is_hard(std::int32_t code) {
  return code == ocf_args || code == ocf_unimplemented || code == ocf_permission || code == ocf_not_installed;
}

bool is_degraded(std::int32_t code) {
  return code == ocf_degraded || code == ocf_degraded_promoted;
}

FailureEffect success(Activity activity) {
  FailureEffect effect;
  effect.activity = activity;
  return effect;
}

FailureEffect nothing() {
  FailureEffect effect;
  effect.applies = false;
  return effect;
}

/// A failure that leaves the resource active or possibly active.
FailureEffect failed(std::int32_t code, std::int32_t counts) {
  FailureEffect effect;
  effect.activity = Activity::failed;
  effect.failure = true;
  effect.counts = counts;
  effect.hard_ban = is_hard(code);
  effect.fatal = code == ocf_not_configured;
  effect.needs_stop = true;
  return effect;
}

FailureEffect of_probe(std::int32_t code) {
  if (code == ocf_success || code == ocf_promoted || is_degraded(code)) return success(Activity::running);
  // A node without the software, or without what the parameters name, does not run it: no failure.
  const bool masked = code == ocf_not_running || code == ocf_args || code == ocf_not_installed;
  if (masked) return success(Activity::stopped);
  return failed(code, 0);
}

FailureEffect of_start(std::int32_t code, OpStatus status, bool fatal_at_once) {
  if (code == ocf_success || is_degraded(code)) return success(Activity::running);
  FailureEffect effect = failed(code, fatal_at_once ? Score::infinite : 1);
  if (status == OpStatus::not_installed) {
    // The agent was never executed, so nothing was started, and a stop could not be executed either.
    effect.activity = Activity::stopped;
    effect.needs_stop = false;
  }
  return effect;
}

FailureEffect of_stop(std::int32_t code) {
  if (code == ocf_success) return success(Activity::stopped);
  FailureEffect effect = failed(code, Score::infinite);
  effect.stop_failed = true;
  return effect;
}

FailureEffect of_monitor(std::int32_t code, bool unmanaged) {
  if (code == ocf_success || code == ocf_promoted || is_degraded(code)) return success(Activity::running);
  if (code == ocf_unimplemented) return nothing();
  if (code == ocf_not_running) {
    if (unmanaged) return success(Activity::stopped);
    FailureEffect effect = failed(code, 1);
    effect.activity = Activity::stopped;
    return effect;
  }
  return failed(code, 1);
}

/// What the configuration of the resource adds to a result.
void add_resource_rules(const ClusterConfig& config, const Primitive& primitive, Action action, FailureEffect& effect) {
  const ClusterOptions cluster = cluster_options(config);
  const ResourceOptions options = resource_options(config, cluster, primitive, config.group_of(primitive.id));
  effect.stop_only = options.multiple_active == MultipleActive::stop_only;
  const bool wanted_stopped = options.stopped || cluster.stop_all_resources;
  effect.settled = action == Action::stop && !effect.failure && wanted_stopped;
}

bool is_unmanaged(const ClusterConfig& config, const Primitive& primitive) {
  const ClusterOptions cluster = cluster_options(config);
  const ResourceOptions options = resource_options(config, cluster, primitive, config.group_of(primitive.id));
  return cluster.maintenance_mode || !options.managed || options.maintenance;
}

}  // namespace

FailureEffect classify(const ClusterConfig& config, const Primitive& primitive, Action action, Duration interval,
                       const OpOutcome& outcome, bool unmanaged) {
  const bool probe = action == Action::probe || (action == Action::monitor && interval == Duration{0});
  const bool recurring = action == Action::monitor && !probe;
  if (outcome.status == OpStatus::voided) return nothing();
  // A stop that was cancelled while it ran has an unknown result, which is a failure. What a start has done a probe
  // tells; the caller has one made.
  if (outcome.status == OpStatus::cancelled && action != Action::stop) return nothing();

  const std::int32_t code = effective_code(outcome);
  FailureEffect effect;
  if (probe) {
    effect = of_probe(code);
  } else if (recurring) {
    effect = of_monitor(code, unmanaged || is_unmanaged(config, primitive));
  } else if (action == Action::start) {
    effect = of_start(code, outcome.status, cluster_options(config).start_failure_is_fatal);
  } else {
    effect = of_stop(code);
  }
  effect.degraded = effect.applies && !effect.failure && is_degraded(code);
  add_resource_rules(config, primitive, action, effect);
  if (!effect.failure) return effect;

  effect.on_fail = on_fail(config, primitive, agent_action(action), interval);
  // "ignore" means: go on as if it had succeeded. Not for what is missing, not for a stop (S2), and not for a probe,
  // whose failure says that nobody knows what runs there.
  const bool ignorable = (recurring || action == Action::start) && code != ocf_not_installed;
  if (effect.on_fail == OnFail::ignore && ignorable) {
    effect = success(Activity::running);
    effect.failure = true;
    effect.on_fail = OnFail::ignore;
  } else if (effect.on_fail == OnFail::ignore) {
    effect.on_fail = action == Action::stop ? OnFail::block : OnFail::restart;
  }
  return effect;
}

namespace {

/// It runs here. A second copy elsewhere is stopped by the plan; with multiple-active=stop_only nothing may be started
/// again afterwards, which must be remembered now, while both are known.
void note_running(ResourceState& resource, NodeId node, const FailureEffect& effect) {
  resource.last_node = node;
  if (!effect.stop_only) return;
  for (const auto& [other, place] : resource.on) {
    const bool active = place.activity == Activity::running || place.activity == Activity::failed;
    if (other != node && active) resource.fatal = true;
  }
}

}  // namespace

void apply_effect(ResourceState& resource, NodeId node, Action action, Duration interval, const OpOutcome& outcome,
                  const FailureEffect& effect) {
  if (!effect.applies) return;
  ResourceOnNode& place = resource.on[node];
  // A monitor that succeeds does not call off a stop that something else asked for (changed parameters).
  const bool still_running = effect.activity == Activity::running && place.activity == Activity::running;
  const bool looked_only = action == Action::probe || action == Action::monitor;
  // Nor does a start that succeeds: what was asked for while it ran holds for it.
  const bool started = action == Action::start && effect.activity == Activity::running;
  place.needs_stop = effect.needs_stop || (((looked_only && still_running) || started) && place.needs_stop);
  place.activity = effect.activity;
  place.stop_failed = place.stop_failed || effect.stop_failed;
  place.hard_ban = place.hard_ban || effect.hard_ban;
  resource.fatal = resource.fatal || effect.fatal;
  if (effect.activity == Activity::running) note_running(resource, node, effect);
  if (effect.settled) resource.last_node.reset();
  if (action == Action::probe || (action == Action::monitor && interval == Duration{0})) place.probed = true;
  if (!effect.failure) return;
  const auto same = std::find_if(place.failures.begin(), place.failures.end(), [&](const FailureRecord& record) {
    return record.action == action && record.interval == interval;
  });
  FailureRecord& record =
      same != place.failures.end() ? *same : place.failures.emplace_back(FailureRecord{action, interval, 0, outcome});
  const std::int64_t sum = std::int64_t{record.count} + effect.counts;
  record.count = static_cast<std::int32_t>(std::min<std::int64_t>(sum, Score::infinite));
  record.last = outcome;
}

void forget_changed(ResourceState& resource) {
  for (auto& [node, place] : resource.on) {
    const bool here = place.activity == Activity::running || place.activity == Activity::failed;
    const bool starts = place.pending && place.pending->action == Action::start;
    place.needs_stop = place.needs_stop || here || starts;
    const auto not_configured = [](const FailureRecord& record) {
      return record.action != Action::stop && effective_code(record.last) == ocf_not_configured;
    };
    if (std::any_of(place.failures.begin(), place.failures.end(), not_configured)) resource.fatal = false;
    std::erase_if(place.failures, [](const FailureRecord& record) { return record.action != Action::stop; });
    if (place.failures.empty()) place.hard_ban = false;
  }
}

std::optional<OnFail> worst_on_fail(const ClusterConfig& config, const Primitive& primitive,
                                    const ResourceOnNode& place) {
  std::optional<OnFail> worst;
  for (const FailureRecord& record : place.failures) {
    const FailureEffect effect = classify(config, primitive, record.action, record.interval, record.last);
    if (!effect.failure || effect.on_fail == OnFail::ignore) continue;
    if (!worst || *worst < effect.on_fail) worst = effect.on_fail;
  }
  return worst;
}

std::optional<Duration> failure_expiry(const ClusterConfig& config, const Primitive& primitive,
                                       const ResourceOnNode& place) {
  if (place.failures.empty() || place.stop_failed) return std::nullopt;
  const Duration timeout = resource_options(config, primitive).failure_timeout;
  if (timeout <= Duration{0}) return std::nullopt;
  for (const FailureRecord& record : place.failures) {
    if (record.last.status == OpStatus::not_installed) return std::nullopt;
    if (on_fail(config, primitive, agent_action(record.action), record.interval) == OnFail::block) {
      return std::nullopt;
    }
  }
  return timeout;
}

}  // namespace duet
