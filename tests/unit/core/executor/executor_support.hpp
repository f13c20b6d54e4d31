// SPDX-License-Identifier: Apache-2.0
// An executor with a clock and agents that answer by hand.
#pragma once

#include <catch2/catch.hpp>

#include "core/executor/executor.hpp"

namespace duet::test {

inline OpOutcome outcome(std::int32_t code, OpStatus status = OpStatus::done) {
  OpOutcome result;
  result.status = status;
  result.exit_code = code;
  return result;
}

struct ExecutorBench {
  Executor executor;
  Instant now{10s};
  std::uint32_t sequence = 0;

  ExecutorBench() { executor.connected(ExecWelcome{1, BootId{"b"}, 1, {}}, now); }
  OpId order(Action action, const ObjectId& resource = "VIP", std::optional<Instant> not_after = std::nullopt) {
    const OpId id{1, ++sequence, NodeId{1}};
    RunAgent job;
    job.resource = resource;
    job.action = action;
    job.not_after = not_after;
    executor.accept(Order{id, resource, NodeId{1}, action, {}, ""}, job, now);
    return id;
  }
  std::vector<RunAgent> runs(Duration by = Duration{0}) {
    now = now + by;
    std::vector<RunAgent> out;
    for (const ExecRequest& request : executor.advance(now)) {
      if (const auto* run = std::get_if<RunAgent>(&request)) out.push_back(*run);
    }
    return out;
  }
  RunAgent run(Duration by = Duration{0}) {
    const auto all = runs(by);
    REQUIRE(all.size() == 1);
    return all[0];
  }
  void monitors(Duration interval, const ObjectId& resource = "VIP") {
    RunAgent job;
    job.resource = resource;
    job.action = Action::monitor;
    job.interval = interval;
    executor.want_monitors({job}, now);
  }
};

}  // namespace duet::test
