// SPDX-License-Identifier: Apache-2.0
// Runs whose results are not kept: fence agents and meta-data. They end with the connection that asked for them: a
// fence agent whose requester has gone must not power something off later (protocol.md 7).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/message/exec.hpp"
#include "daemon/execd/agent_command.hpp"
#include "daemon/execd/places.hpp"
#include "daemon/execd/supervised.hpp"
#include "platform/loop/loop.hpp"
#include "platform/units/unit_manager.hpp"

namespace duet::execd {

class TransientRuns {
 public:
  TransientRuns(Loop& loop, const Settings& settings, Places& places, units::UnitManager* units,
                std::function<void(const ExecReply&)> reply);
  TransientRuns(const TransientRuns&) = delete;
  TransientRuns& operator=(const TransientRuns&) = delete;

  /// Ends what an earlier process of duet-execd left in `place`.
  void end_left_over(const Place& place);

  void run(const RunFenceAgent& order);
  void query(const QueryMetadata& order);
  /// False if there is no such run.
  bool cancel(std::uint64_t run);
  /// The connection has gone: everything is killed, nothing is answered.
  void end_all();

 private:
  using Outcome = std::function<OpOutcome(const RunResult&)>;
  struct Run {
    std::uint64_t number = 0;
    Place place;
    std::unique_ptr<Supervised> process;
    Outcome outcome;
    bool answer = true;
    bool cancelled = false;
  };
  void start(std::uint64_t number, Result<AgentCommand> command, Outcome outcome);
  void take_result(std::uint64_t id, const std::optional<RunResult>& result);
  void describe_unit(const QueryMetadata& order);
  void describe_script(const QueryMetadata& order);

  Loop& loop_;
  const Settings& settings_;
  Places& places_;
  units::UnitManager* units_;
  std::function<void(const ExecReply&)> reply_;
  std::map<std::uint64_t, Run> runs_;  ///< by our own number: those of two connections may be equal
  std::uint64_t next_id_ = 1;
  std::shared_ptr<int> connection_ = std::make_shared<int>(0);  ///< replaced when it goes: late answers are dropped
};

}  // namespace duet::execd
