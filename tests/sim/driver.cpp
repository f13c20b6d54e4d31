// SPDX-License-Identifier: Apache-2.0
// The simulated duetd: connections, events in, commands out.
#include "tests/sim/driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/invariant.hpp"
#include "core/codec/exec_codec.hpp"
#include "core/codec/ledger_codec.hpp"
#include "core/codec/stream_codec.hpp"
#include "tests/sim/trace_text.hpp"
#include "tests/sim/world.hpp"

namespace duet::sim {

namespace {

constexpr std::uint32_t busy_limit = 5000;  // steps at one instant: the core asks for wake-ups without end

/// Everything that leaves the process goes through its codec: what is not encoded, or what the receiver would refuse,
/// is noticed here.
template <class Value>
Value accepted(Result<Value> decoded) {
  if (!decoded) invariant_failed((decoded.error().what + ": " + decoded.error().why).c_str(), __FILE__, __LINE__);
  return std::move(*decoded);
}
StreamMessage through_codec(const StreamMessage& message) {
  return accepted(decode_stream(encode(message)));
}
StoreRecord through_codec(const StoreRecord& record) {
  return accepted(decode_record(static_cast<std::uint16_t>(record_type(record)), encode(record)));
}
ExecRequest through_codec(const ExecRequest& request) {
  return accepted(decode_exec_request(encode(request)));
}
ExecReply through_codec(const ExecReply& reply) {
  return accepted(decode_exec_reply(encode(reply)));
}

NodeIdentity identity_of(NodeId id) {
  return NodeIdentity{id, fmt::format("n{}", id.get()), "sim", {{NodeId{1}, "n1", {}}, {NodeId{2}, "n2", {}}}, "sim"};
}

}  // namespace

Driver::Driver(SimNode& node, std::uint32_t pid) : node_{node}, pid_{pid} {}

void Driver::start() {
  emit(TraceEvent{TraceKind::proc_start, 0, {}, 0, {{"process", "duetd"}}});
  const StoreImage& image = node_.disk.image();
  emit(store_load_event(image));
  core_ = std::make_unique<NodeCore>(identity_of(node_.id()), image);
  in_process(node_.rng.between(1ms, 30ms), [this] { connect_corosync(); });
  in_process(node_.rng.between(1ms, 30ms), [this] { connect_exec(); });
  arm_timer();
}

void Driver::die() {
  dead_ = true;
  outgoing_.clear();
}

void Driver::ask(std::uint64_t client, const AdminRequest& request) {
  in_process(node_.rng.between(20us, 500us), [this, client, request] { feed(AdminAsked{client, request}); });
}

void Driver::want_stop() {
  in_process(Duration{0}, [this] { feed(StopWanted{}); });
}

void Driver::crash_after(std::uint32_t commands, bool with_node) {
  crash_countdown_ = commands;
  crash_with_node_ = with_node;
}

// ---- connections ----------------------------------------------------------------------------------------------------

void Driver::connect_corosync() {
  if (attached_) return;
  if (!node_.world().corosync.running(node_.index())) {
    return in_process(node_.rng.between(50ms, 200ms), [this] { connect_corosync(); });
  }
  attached_ = true;
  cpg_event(StreamOpened{}, Duration{0});
  attached_ = node_.world().corosync.attach(node_.index(), *this);
  if (!attached_) in_process(node_.rng.between(50ms, 200ms), [this] { connect_corosync(); });
}

void Driver::connect_exec() {
  SimExec* exec = node_.exec();
  std::optional<ExecWelcome> welcome = exec->connect(*this, pid_);
  if (!welcome) return in_process(node_.rng.between(20ms, 200ms), [this] { connect_exec(); });
  start_ = welcome->duetd_start;
  const std::uint64_t generation = ++exec_generation_;
  last_exec_ = node_.world().scheduler.now() + 500us;
  in_process(500us, [this, generation, hello = through_codec(ExecReply{std::move(*welcome)})] {
    if (generation == exec_generation_) feed(ExecConnected{std::get<ExecWelcome>(hello)});
  });
}

void Driver::cpg_event(Event event, Duration delay) {
  last_cpg_ = std::max(last_cpg_ + 1us, node_.world().scheduler.now() + delay);
  in_process(last_cpg_ - node_.world().scheduler.now(), [this, generation = cpg_generation_, event = std::move(event)] {
    if (generation == cpg_generation_) feed(event);
  });
}

void Driver::quorum_event(QuorumChanged event, Duration delay) {
  last_quorum_ = std::max(last_quorum_ + 1us, node_.world().scheduler.now() + delay);
  in_process(last_quorum_ - node_.world().scheduler.now(),
             [this, generation = cpg_generation_, event = std::move(event)] {
               if (generation == cpg_generation_) feed(event);
             });
}

void Driver::cpg_lost() {
  if (!attached_) return;
  attached_ = false;
  ++cpg_generation_;
  outgoing_.clear();
  in_process(node_.rng.between(10us, 10ms), [this] {
    feed(StreamClosed{});
    in_process(node_.rng.between(20ms, 300ms), [this] { connect_corosync(); });
  });
}

void Driver::exec_reply(const ExecReply& reply, Duration delay) {
  last_exec_ = std::max(last_exec_ + 1us, node_.world().scheduler.now() + delay);
  in_process(last_exec_ - node_.world().scheduler.now(),
             [this, generation = exec_generation_, reply = through_codec(reply)] {
               if (generation == exec_generation_) feed(ExecReplied{reply});
             });
}

void Driver::exec_lost() {
  ++exec_generation_;
  in_process(node_.rng.between(10us, 5ms), [this] {
    feed(ExecLost{});
    in_process(node_.rng.between(20ms, 200ms), [this] { connect_exec(); });
  });
}

// ---- events in ------------------------------------------------------------------------------------------------------

void Driver::feed(const Event& event) {
  if (dead_) return;
  ++steps_;
  trace_event(event);
  const std::vector<Command> commands = core_->step(node_.clock(), node_.world().wall(), event);
  for (const Command& command : commands) {
    perform(command);
    if (dead_) return;
    if (crash_countdown_ != 0 && --crash_countdown_ == 0) {
      if (crash_with_node_) return node_.power_off("power lost between two commands");
      return node_.kill_duetd(node_.rng.between(200ms, 2s));
    }
  }
  if (const auto* delivered = std::get_if<Delivered>(&event)) {
    if (std::holds_alternative<Tick>(delivered->message.body)) trace_digest(delivered->message);
  }
  arm_timer();
}

void Driver::arm_timer() {
  const std::optional<Instant> wakeup = core_->next_wakeup();
  if (!wakeup) {
    ++timer_generation_;
    timer_at_ = Duration{-1};
    return;
  }
  const Duration now = node_.world().scheduler.now();
  const Duration at = std::max(now, node_.world_time(*wakeup));
  if (at == timer_at_ && at > now) return;  // armed already
  busy_ = at > now ? 0 : busy_ + 1;
  DUET_INVARIANT(busy_ < busy_limit);
  timer_at_ = at;
  in_process(at - now, [this, generation = ++timer_generation_] {
    if (generation != timer_generation_) return;
    timer_at_ = Duration{-1};
    feed(TimePassed{});
  });
}

void Driver::in_process(Duration delay, Scheduler::Task task) {
  node_.in_boot(delay, [self = weak_from_this(), task = std::move(task)] {
    if (const auto alive = self.lock(); alive != nullptr && !alive->dead_) task();
  });
}

// ---- commands out ---------------------------------------------------------------------------------------------------

void Driver::perform(const Command& command) {
  std::visit([this](const auto& one) { perform_one(one); }, command);
}

void Driver::perform_one(const Multicast& command) {
  if (!attached_) return;
  trace_message(TraceKind::msg_send, command.message);
  outgoing_.push_back(through_codec(command.message));
  flush();
}

void Driver::perform_one(const DiscardUnsent&) {
  outgoing_.clear();
}

void Driver::flush() {
  while (!outgoing_.empty() && attached_) {
    if (!node_.world().corosync.send(node_.index(), outgoing_.front())) break;
    outgoing_.pop_front();
  }
  if (outgoing_.empty() || flush_planned_) return;
  flush_planned_ = true;
  in_process(2ms, [this] {
    flush_planned_ = false;
    flush();
  });
}

/// A worker thread writes one transaction after the other.
void Driver::perform_one(const Persist& command) {
  const Duration now = node_.world().scheduler.now();
  Duration takes = node_.rng.between(100us, node_.world().plan.ms("disk_ms"));
  if (now < node_.disk_slow_until) takes = node_.rng.between(300ms, 5s);
  last_durable_ = std::max(last_durable_, now) + takes;
  in_process(last_durable_ - now, [this, command] { make_durable(command); });
}

void Driver::make_durable(const Persist& command) {
  const auto is_entry = [](const StoreRecord& record) { return std::holds_alternative<StoreEntry>(record); };
  const bool full = node_.world().scheduler.now() < node_.disk_full_until &&
                    std::any_of(command.records.begin(), command.records.end(), is_entry);
  if (!full) {
    for (const StoreRecord& record : command.records) {
      node_.disk.apply(through_codec(record));
      if (auto event = durable_event(record, node_.disk.image())) emit(std::move(*event));
      if (std::holds_alternative<StoreCommitted>(record)) trace_config();
    }
  }
  in_process(node_.rng.between(10us, 400us), [this, token = command.token, full] {
    feed(Persisted{token, !full, full ? "database or disk is full" : ""});
  });
}

void Driver::perform_one(const Execute& command) {
  in_process(node_.rng.between(10us, 100us),
             [this, generation = exec_generation_, request = through_codec(command.request)] {
               if (generation == exec_generation_ && node_.exec() != nullptr) node_.exec()->request(request);
             });
}

void Driver::perform_one(const Answer& command) {
  node_.world().admin.answered(node_.index(), command.client, command.reply);
}

void Driver::perform_one(const LogLine& command) {
  if (node_.world().recorder.tells_story()) {
    node_.world().recorder.log(node_.world().scheduler.now(), node_.id().get(), command.text);
  }
}

void Driver::perform_one(const Trace& command) {
  emit(command.event);
}

void Driver::perform_one(const Stopped& command) {
  node_.duetd_ended(true, command.reason.empty() ? "stopped" : "stop given up: " + command.reason);
}

// ---- trace ----------------------------------------------------------------------------------------------------------

void Driver::emit(TraceEvent event) {
  if (event.start == 0) event.start = start_;
  node_.emit(std::move(event));
}

void Driver::trace_event(const Event& event) {
  if (const auto* view = std::get_if<ViewChanged>(&event)) emit(view_event(*view));
  if (const auto* quorum = std::get_if<QuorumChanged>(&event)) emit(quorum_event_of(*quorum));
  if (std::holds_alternative<StreamClosed>(event)) {
    emit(TraceEvent{TraceKind::view, 0, {}, 0, {{"members", ""}, {"ring", "0"}}});
  }
  if (const auto* delivered = std::get_if<Delivered>(&event)) trace_message(TraceKind::msg_recv, delivered->message);
}

void Driver::trace_message(TraceKind kind, const StreamMessage& message) {
  if (auto event = message_event(kind, message)) emit(std::move(*event));
}

/// The configuration that is in force, whenever it is another one than before.
void Driver::trace_config() {
  const StoreImage& image = node_.disk.image();
  for (const ConfigEntry& entry : image.entries) {
    if (entry.position != image.committed || entry.hash == node_.world().traced_config) continue;
    node_.world().traced_config = entry.hash;
    emit(config_event(entry));
  }
}

void Driver::trace_digest(const StreamMessage& message) {
  const ClusterState& state = core_->state();
  if (state.joined().size() != 2) return;
  TraceEvent event;
  event.kind = TraceKind::digest;
  // A later life of duetd in the same boot numbers its messages anew.
  event.text = {{"place", fmt::format("{}.{}/{}", message.incarnation.boot.get().substr(0, 8),
                                      message.incarnation.start, message.sequence)},
                {"epoch", fmt::format("{}", state.stream_epoch)},
                {"digest", fmt::format("{:016x}", core_->state_digest())}};
  emit(std::move(event));
}

}  // namespace duet::sim
