// SPDX-License-Identifier: Apache-2.0
// Operations: the orders for resources. Each is written down before it begins and kept until duetd has acknowledged its
// result, so that neither a restart of duetd nor one of this process loses anything (protocol.md 9).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/message/exec.hpp"
#include "daemon/execd/agent_command.hpp"
#include "daemon/execd/last_starts.hpp"
#include "daemon/execd/places.hpp"
#include "daemon/execd/supervised.hpp"
#include "daemon/execd/unit_operation.hpp"
#include "platform/loop/loop.hpp"

namespace duet::execd {

struct OperationHooks {
  std::function<void(const ExecReply&)> reply;  ///< to duetd, if it is connected
  std::function<void(const RunAgent&)> began;
  std::function<void(const RunAgent&, const OpOutcome&)> ended;
};

class Operations {
 public:
  /// `units` may be null: no systemd here. Everything must outlive the object.
  Operations(Loop& loop, const Settings& settings, Places& places, LastStarts& starts, units::UnitManager* units,
             OperationHooks hooks);
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  /// Takes up what an earlier process of duet-execd left in `place`.
  void adopt(const Place& place);

  void run(const RunAgent& order);
  /// False if there is no such operation.
  bool cancel(std::uint64_t run);
  bool acknowledge(std::uint64_t run);
  [[nodiscard]] std::vector<KeptRun> kept() const;

 private:
  struct Operation {
    RunAgent order;
    Place place;
    Carrier carrier{};
    std::unique_ptr<Supervised> process;
    std::unique_ptr<UnitOperation> unit;
    std::optional<OpOutcome> outcome;
    bool cancelled = false;
    bool adopted = false;   ///< begun by an earlier process of duet-execd
    bool repeated = false;  ///< a stop whose result was lost is run once more
  };
  Result<Place> make_place(const RunAgent& order);
  /// Whether it is to wait until fewer agents run. Only monitors and probes ever do (L9).
  [[nodiscard]] bool must_wait(const Operation& operation) const;
  void begin_waiting();
  void drop_process(Operation& operation);
  void begin(Operation& operation);
  Result<void> begin_agent(Operation& operation);
  void begin_unit(Operation& operation);
  void begin_unit_again(Operation& operation);
  void take_result(std::uint64_t run, const std::optional<RunResult>& result);
  void clear_up_lost(std::uint64_t run);
  void after_loss(std::uint64_t run);
  void conclude(Operation& operation, OpOutcome outcome);

  Loop& loop_;
  const Settings& settings_;
  Places& places_;
  LastStarts& starts_;
  units::UnitManager* units_;
  OperationHooks hooks_;
  std::map<std::uint64_t, Operation> operations_;
  std::deque<std::uint64_t> waiting_;  ///< not begun; at most one for each resource and interval, as duetd gives them
  std::size_t agents_ = 0;             ///< operations that have a process
};

}  // namespace duet::execd
