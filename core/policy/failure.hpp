// SPDX-License-Identifier: Apache-2.0
// What the result of an operation means (cluster-semantics 5): what is known of the resource now, whether it counts,
// and what must follow. Pure: used where a result is applied to the shared state, and by the plan.
#pragma once

#include <optional>

#include "core/model/options.hpp"
#include "core/model/state.hpp"

namespace duet {

struct FailureEffect {
  /// False: the result says nothing (voided, a cancelled monitor, a monitor that the agent does not support). Every
  /// other field is then to be ignored and nothing changes.
  bool applies = true;
  Activity activity = Activity::unknown;  ///< what is known now
  bool failure = false;                   ///< belongs among the failed actions
  bool degraded = false;                  ///< success with a hint (190, 191)
  std::int32_t counts = 0;                ///< added to the fail count: 0, 1 or Score::infinite
  bool hard_ban = false;                  ///< not on this node until cleaned up
  bool fatal = false;                     ///< on no node until cleaned up
  bool stop_failed = false;               ///< S2
  bool needs_stop = false;                ///< stop before the next start
  OnFail on_fail = OnFail::restart;       ///< resolved; meaningful if `failure`
  bool settled = false;                   ///< stopped because it should be: nothing draws it back to this node
  bool stop_only = false;                 ///< multiple-active=stop_only
};

/// `interval` > 0 with Action::monitor is a recurring monitor; with 0 it is a probe. `unmanaged` adds what the
/// configuration of the primitive cannot tell: the node is in maintenance.
[[nodiscard]] FailureEffect classify(const ClusterConfig& config, const Primitive& primitive, Action action,
                                     Duration interval, const OpOutcome& outcome, bool unmanaged = false);

/// Writes the effect into the state of the resource: activity, flags, failure record (one for each action and
/// interval, counts added with INFINITY as limit), last_node. Sets `probed` after a probe. Leaves alone
/// what needs more than the result itself: may_run, pending, highest_op, preferred, and a `stop_failed` that is set
/// (only evidence clears it, S2).
void apply_effect(ResourceState& resource, NodeId node, Action action, Duration interval, const OpOutcome& outcome,
                  const FailureEffect& effect);

/// The agent or its parameters were changed: what runs or is being started is to be restarted; what failed of starts,
/// monitors and probes was about the old ones and is forgotten, with the bans that came of it (cluster-semantics 5.2).
void forget_changed(ResourceState& resource);

/// The most severe on-fail among the failures on a node, defaults resolved (cluster-semantics 5.1, last line); nullopt
/// if nothing failed or every failure is ignored.
[[nodiscard]] std::optional<OnFail> worst_on_fail(const ClusterConfig& config, const Primitive& primitive,
                                                  const ResourceOnNode& place);

/// How long after the last failure all failures of the resource on the node are forgotten together; nullopt: never
/// (no failure-timeout, on-fail=block among them, not installed, or a stop failed).
[[nodiscard]] std::optional<Duration> failure_expiry(const ClusterConfig& config, const Primitive& primitive,
                                                     const ResourceOnNode& place);

}  // namespace duet
