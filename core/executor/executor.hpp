// SPDX-License-Identifier: Apache-2.0
// Executor: what runs on this node. One operation per resource at a time (S9), recurring monitors between the orders,
// and results that are kept until the stream has them. Local state: it only proposes messages.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/message/exec.hpp"
#include "core/message/stream.hpp"

namespace duet {

/// What begin and end of an operation tell the trace.
struct ExecutorNote {
  bool begin = false;
  RunAgent job;
  std::optional<OpOutcome> outcome;  ///< at the end
};

class Executor {
 public:
  /// `wanted` monitors of this node: complete job descriptions, keyed by (resource, interval). Slots that are new run
  /// at once, as Pacemaker does after a start; slots that stay keep their time.
  void want_monitors(std::vector<RunAgent> wanted, Instant now);

  /// An order for this node was delivered. `job` describes it completely; `job.not_after` holds for starts.
  void accept(const Order& order, RunAgent job, Instant now);
  /// Orders that were not begun have no effect any more: epoch change, pause. Their results say `voided`.
  /// `only_starts`: stops and probes stay.
  void void_unbegun(bool only_starts, const std::string& why);

  /// Connection to duet-execd. The first welcome of a process brings what ran before it; a later one is compared with
  /// what should run: orders that it does not know were never begun, no failure.
  void connected(const ExecWelcome& welcome, Instant now);
  void lost();
  void ended(std::uint64_t run, const OpOutcome& outcome, Instant now);
  /// Something happened to this resource: look now instead of at the next interval.
  void hint(const ObjectId& resource, Instant now);

  /// Begins what may begin. Returns requests for duet-execd in order.
  [[nodiscard]] std::vector<ExecRequest> advance(Instant now);
  [[nodiscard]] std::vector<ExecutorNote> take_notes();

  /// Results that the stream does not have yet and that are not on their way.
  [[nodiscard]] std::vector<OpResult> to_propose();
  /// Own result came back through the stream: it needs no second sending.
  void delivered(const OpResult& result);
  /// Messages in flight were lost with the old epoch: propose again.
  void forget_in_flight();

  /// For the join report. Kept results of before this process are part of it and are not proposed.
  [[nodiscard]] std::vector<ReportedOp> report() const;
  /// The join report is in the stream: kept results need to be kept no longer.
  void report_delivered();
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  [[nodiscard]] bool is_connected() const { return connected_; }
  /// An order is queued or runs for this resource.
  [[nodiscard]] bool has_order(const ObjectId& resource) const;

 private:
  struct Running {
    RunAgent job;
    bool cancelled = false;
  };
  struct MonitorSlot {
    RunAgent job;
    Instant due;
    bool reported = false;
    OpOutcome last;  ///< as delivered to the stream
  };
  struct Lane {
    std::optional<Running> running;
    std::optional<RunAgent> queued;
    std::map<Duration, MonitorSlot> monitors;
    bool hinted = false;
    OpId highest;
  };
  struct Result {
    OpResult message;
    std::uint64_t run = 0;
    bool in_flight = false;
  };

  void begin(Lane& lane, RunAgent job, std::vector<ExecRequest>& out);
  void begin_due_monitor(Lane& lane, Instant now, std::vector<ExecRequest>& out);
  void finish_order(Lane& lane, const RunAgent& job, const OpOutcome& outcome);
  void finish_monitor(Lane& lane, const RunAgent& job, const OpOutcome& outcome, Instant now);
  void void_order(Lane& lane, const std::string& why);
  void adopt(const ExecWelcome& welcome);
  void compare(const ExecWelcome& welcome, Instant now);
  void never_begun(Lane& lane);

  bool connected_ = false;
  bool adopted_ = false;
  std::uint64_t next_run_ = 1;
  std::map<ObjectId, Lane> lanes_;
  std::vector<Result> results_;
  std::vector<KeptRun> kept_;        ///< ended before this process; reported at the join
  std::vector<ExecRequest> outbox_;  ///< cancels and acknowledgements of the moment
  std::vector<ExecutorNote> notes_;
};

}  // namespace duet
