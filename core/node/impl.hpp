// SPDX-License-Identifier: Apache-2.0
// The parts of NodeCore, seen from inside. The work is split by message kind over the .cpp files of this folder:
//   node_core.cpp  events in, commands out      members.cpp     views, quorum, lost nodes     join.cpp     hello,
//   snapshot commits.cpp    configuration commits        operations.cpp  plan, orders, results         evidence.cpp
//   what is durable fencing.cpp    causes and the fencer        requests.cpp    administrators                leave.cpp
//   clean shutdown cluster_view.cpp  what status shows
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/executor/executor.hpp"
#include "core/fencing/fencer.hpp"
#include "core/model/plan.hpp"
#include "core/node/node_core.hpp"
#include "core/replica/chain.hpp"

namespace duet {

class NodeCore::Impl {
 public:
  Impl(NodeIdentity identity, StoreImage stored);

  std::vector<Command> step(Instant now, WallTime wall, const Event& event);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  [[nodiscard]] ClusterView view(Instant now, WallTime wall) const;
  [[nodiscard]] std::vector<HistoryItem> history(std::uint32_t count) const;
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] const ClusterState& state() const { return state_; }
  [[nodiscard]] const ConfigChain& chain() const { return chain_; }

 private:
  using Level = LogLine::Level;
  /// What follows a write, when it is durable (`ok`) or failed.
  using Continuation = std::function<void(bool ok, const std::string& error)>;

  // ---- node_core.cpp
  void handle(const ViewChanged& event);
  void handle(const QuorumChanged& event);
  void handle(const StreamClosed& event);
  void handle(const StreamOpened& event);
  void handle(const Delivered& event);
  void handle(const MessageRefused& event);
  void handle(const Persisted& event);
  void handle(const ExecConnected& event);
  void handle(const ExecLost& event);
  void handle(const ExecReplied& event);
  void handle(const AdminAsked& event);
  void handle(const StopWanted& event);
  void handle(const TimePassed& event);
  void settle();
  void settle_once();
  void wake_at(Instant at);
  void execute(ExecRequest request) { out_.emplace_back(Execute{std::move(request)}); }
  void log(Level level, std::string text) { out_.emplace_back(LogLine{level, std::move(text)}); }
  void trace(TraceKind kind, std::map<std::string, std::string> text);
  void persist(std::vector<StoreRecord> records, Continuation then);
  [[nodiscard]] std::string name_of(NodeId node) const { return effective_.node_name(node); }

  // ---- writes.cpp
  /// Stored in the order of the calls, tried again until the disk takes it; then `then` is called.
  void owe(std::vector<StoreRecord> records, std::function<void()> then = {});
  /// As owe(), of entries that are committed already: no further one is prepared here before them.
  void owe_chain(std::vector<StoreRecord> records);
  void write_owed();
  void maintain_writes();
  /// Nothing may be built on a disk that lacks what is committed.
  [[nodiscard]] bool disk_is_behind() const { return chain_writes_owed_ > 0 || owed_retry_.has_value(); }

  // ---- stream.cpp: sending, delivery, epochs
  /// False if there is no way to send now; whoever proposed will propose again when the stream is back.
  bool send(StreamBody body);
  [[nodiscard]] bool can_send() const;
  void deliver(const StreamMessage& message);
  void apply_message(const StreamMessage& message);
  [[nodiscard]] std::string refusal(const StreamMessage& message);
  [[nodiscard]] std::string stranger(const StreamMessage& message);
  void reject(const StreamMessage& message, const std::string& why);
  void next_epoch();
  void forget_in_flight();
  void apply(NodeId sender, const Hello& body, const StreamMessage& message);
  void apply(NodeId sender, const SnapshotChunk& body, const StreamMessage& message);
  void apply(NodeId sender, const Tick& body, const StreamMessage& message);
  void apply(NodeId sender, const JoinReport& body, const StreamMessage& message);
  void apply(NodeId sender, const JoinRecorded& body, const StreamMessage& message);
  void apply(NodeId sender, const Order& body, const StreamMessage& message);
  void apply(NodeId sender, const OpResult& body, const StreamMessage& message);
  void apply(NodeId sender, const Propose& body, const StreamMessage& message);
  void apply(NodeId sender, const Prepared& body, const StreamMessage& message);
  void apply(NodeId sender, const FenceReport& body, const StreamMessage& message);
  void apply(NodeId sender, const FailureExpired& body, const StreamMessage& message);
  void apply(NodeId sender, const LeaveWanted& body, const StreamMessage& message);
  void apply(NodeId sender, const CleanLeave& body, const StreamMessage& message);
  void apply(NodeId sender, const LeaveRecorded& body, const StreamMessage& message);
  void apply(NodeId sender, const NodeLost& body, const StreamMessage& message);
  void apply(NodeId sender, const JoinRefused& body, const StreamMessage& message);
  void apply(NodeId sender, const DeviceReport& body, const StreamMessage& message);
  void check_digest(NodeId sender, const Tick& body);
  void maintain_ticks();
  void own_tick_back(std::uint64_t number);
  void notice_new_life(const StreamMessage& hello);

  // ---- members.cpp
  void change_view(const ViewChanged& event);
  void node_left(const ViewChanged::Left& left);
  void become_member_alone();
  void maintain_members();
  /// Quorate, as told by a corosync that is still there, and CPG and quorum agree on who is here.
  [[nodiscard]] bool may_decide() const { return quorate_ && stream_open_ && !quorum_is_behind_; }
  [[nodiscard]] bool in_view(NodeId node) const { return view_members_.contains(node); }
  /// By either of corosync's connections: its machine is there.
  [[nodiscard]] bool is_seen(NodeId node) const { return in_view(node) || quorum_members_.contains(node); }
  [[nodiscard]] std::optional<NodeId> peer() const;

  // ---- join.cpp
  void say_hello();
  void hellos_complete();
  void welcome(NodeId node, const Incarnation& incarnation);
  void record_ended_boot(NodeId node, const BootId& boot);
  void start_snapshot(NodeId joiner, const Hello& hello);
  void install_snapshot(const Bytes& bytes);
  void after_new_state();
  void maintain_join();
  void record_join(NodeId member);
  void keep_own_failures();
  [[nodiscard]] JoinReport make_report() const;
  void send_report();

  // ---- commits.cpp
  [[nodiscard]] std::optional<Error> commit_obstacle() const;
  [[nodiscard]] std::vector<NodeId> required_nodes() const;
  void prepare(NodeId origin, const Propose& body);
  void persist_prepared();
  void maintain_commit();
  void try_commit();
  void commit_prepared();
  void note_changed_parameters(const ClusterConfig& before);
  void withdraw_prepared(const std::string& error);
  void refresh_effective();
  void configuration_changed();
  void maintain_overrides();

  // ---- operations.cpp
  void refresh_plan();
  void maintain_orders();
  void give_order(const PlannedOp& op);
  void maintain_executor();
  void maintain_monitors();
  void maintain_watches();
  void maintain_expiry();
  void trace_operations();
  [[nodiscard]] std::optional<RunAgent> make_job(const ObjectId& resource, Action action, Duration interval,
                                                 Duration timeout) const;
  void apply_outcome(NodeId node, const OpResult& result);
  void note_stop_failed(const ObjectId& resource, bool failed);
  [[nodiscard]] std::string evidence_text() const;
  [[nodiscard]] bool fresh_for_start() const;

  // ---- evidence.cpp
  [[nodiscard]] bool opens_solo(EvidenceKind kind) const;
  /// `client`: who is told when it is durable, or that it could not be stored; 0: nobody.
  void record_evidence(Evidence evidence, std::uint64_t client = 0);
  void evidence_stored(const StoreSolo& solo, bool ok, const std::string& error);
  [[nodiscard]] bool raise_epoch(const StoreSolo& solo);
  void open_solo_epoch(const StoreSolo& solo);
  void commit_alone();
  /// False: another boot is there by now, the evidence says nothing about it.
  bool adopt_evidence(const Evidence& evidence);
  void trace_evidence(const Evidence& evidence);
  void maintain_evidence();
  [[nodiscard]] std::string new_evidence_id(EvidenceKind kind);
  void load_ledger(const StoreImage& stored);
  void load_prepared(const StoreImage& stored);
  void resume_solo();

  // ---- fencing.cpp
  void maintain_fencing();
  [[nodiscard]] std::optional<FenceRequest> current_cause() const;
  [[nodiscard]] bool unmanaged_there(NodeId target) const;
  [[nodiscard]] bool silent_since(Instant at) const;
  [[nodiscard]] std::optional<FenceRequest> lost_cause(NodeId target, const NodeState& node) const;
  void fencer_notes();
  void note_fence_event(const FenceEvent& event);
  void fence_event(const FenceEvent& event);
  void note_favoured(NodeId lost);
  void self_fence(const std::string& why);
  void insist_on_self_fence();

  // ---- devices.cpp
  void follow_devices();
  void maintain_device_monitors();
  void device_monitor_ended(std::uint64_t run, const RunEnded& ended);
  void learn_agents();
  void maintain_device_reports();
  void drop_devices();
  void maintain_device_ledger();
  [[nodiscard]] std::vector<DeviceHealth> device_health(Instant now) const;

  // ---- trust.cpp
  void judge_transport();
  void block(NodeId sender, const std::string& why);

  // ---- requests.cpp
  void ask_action(std::uint64_t client, const AdminRequest& request, const ClusterAction& action);
  void ask_edit(std::uint64_t client, const AdminRequest& request, const std::vector<ConfigEdit>& edits);
  void dry_run(std::uint64_t client, const std::vector<ConfigEdit>& edits);
  bool try_override(std::uint64_t client, const AdminRequest& request, const std::vector<ConfigEdit>& edits);
  void propose_for(std::uint64_t client, const AdminRequest& request);
  void apply_action(NodeId origin, const Propose& body, const ClusterAction& action);
  void clean_up(const CleanupResource& request);
  void answer(std::uint64_t client, AdminReply reply);
  void answer_error(std::uint64_t client, Error error);
  void answer_request(NodeId origin, std::uint64_t request, AdminReply reply);
  void maintain_clients();
  /// Of what is on its way nobody here can know whether a node that is gone has got it.
  void give_up_proposals();
  void confirm_fenced(std::uint64_t client, NodeId target);
  [[nodiscard]] std::optional<Error> edit_obstacle(const std::vector<ConfigEdit>& edits) const;

  // ---- leave.cpp
  void maintain_leave();

  // ---- identity and what is durable
  NodeIdentity identity_;
  Incarnation me_;  ///< boot empty until duet-execd said it
  ConfigChain chain_;
  std::string damaged_;
  std::vector<AdminRequest> overrides_;
  std::map<ObjectId, BootId> stop_failed_;  ///< marks in our ledger, with the boot that failed

  // ---- shared state and what is derived from it
  ClusterState state_;
  ClusterConfig effective_;  ///< committed plus overrides
  Plan plan_;
  bool plan_dirty_ = true;
  bool plan_is_new_ = true;  ///< made in this round: what is watched here is derived anew, too

  // ---- moment
  Instant now_;
  WallTime wall_;
  Instant previous_step_;
  std::vector<Command> out_;
  std::optional<Instant> wakeup_;
  std::uint64_t generation_ = 1;
  bool stopped_ = false;
  std::optional<std::string> self_fencing_;  ///< why this machine must go down; nothing else is done any more
  Instant self_fence_due_;

  // ---- stream
  bool stream_open_ = false;
  bool solo_stream_ = false;  ///< messages are applied at once, the dead peer is still in corosync's view
  std::vector<StreamMessage> local_queue_;
  std::set<NodeId> view_members_;
  std::uint64_t ring_ = 0;
  std::uint64_t sequence_ = 0;
  std::map<NodeId, Instant> heard_;
  Instant tick_due_;
  std::uint64_t tick_number_ = 0;
  std::optional<std::pair<std::uint64_t, Instant>> tick_out_;  ///< the oldest tick that has not come back, when sent
  std::uint64_t rejected_ = 0;
  struct LastHeard {
    Incarnation incarnation;
    std::uint64_t sequence = 0;
  };
  std::map<NodeId, LastHeard> last_heard_;  ///< of each sender the newest message, applied or not
  bool must_prove_fresh_ = true;
  std::uint64_t proving_tick_ = 0;
  struct TickDigest {
    NodeId sender;
    std::uint64_t number = 0;
    std::uint64_t digest = 0;
  };
  std::vector<TickDigest> digests_;  ///< of the newest ticks

  // ---- quorum
  bool quorate_ = false;
  bool waiting_for_all_ = false;
  std::set<NodeId> quorum_members_;
  std::optional<Instant> quorate_since_;
  std::set<Incarnation> lost_said_;  ///< NodeLost is on its way
  bool quorum_is_behind_ = false;    ///< CPG told a loss that quorum has not told yet

  // ---- trust
  Transport transport_;
  std::vector<Finding> unsafe_;                            ///< why nothing is started
  std::map<NodeId, std::vector<Instant>> refused_lately_;  ///< messages that could not be understood
  std::map<NodeId, std::string> blocked_;                  ///< until it leaves the view: why

  // ---- join
  bool awaiting_hellos_ = false;
  Instant hello_wait_since_;  ///< with awaiting_hellos_
  std::map<NodeId, StreamMessage> hellos_;
  std::vector<StreamMessage> early_hellos_;  ///< of this view, before duet-execd told our boot
  bool syncing_ = false;
  NodeId donor_;
  Bytes snapshot_bytes_;
  std::uint64_t snapshots_sent_ = 0;
  std::vector<StreamMessage> held_back_;
  bool report_in_flight_ = false;
  std::map<ObjectId, ReportedFailures>
      own_failures_;                     ///< of the state that a snapshot replaces, until they are reported
  std::set<Incarnation> join_recorded_;  ///< durable here and said, per member's incarnation
  std::set<Incarnation> join_persisting_;

  // ---- writes
  static constexpr Duration write_retry = std::chrono::seconds{1};
  std::uint64_t persist_token_ = 0;
  std::map<std::uint64_t, Continuation> continuations_;
  struct Owed {
    std::vector<StoreRecord> records;
    std::function<void()> then;
  };
  std::deque<Owed> owed_;
  bool owed_in_flight_ = false;
  std::optional<Instant> owed_retry_;  ///< the last try failed
  int chain_writes_owed_ = 0;          ///< committed entries, not yet on disk

  // ---- commits
  std::string prepared_here_;        ///< hash of the prepared entry that is durable here
  std::string prepared_said_;        ///< hash that we told the stream
  std::string preparing_;            ///< hash that is being written
  std::uint64_t prepare_write_ = 0;  ///< number of the write that counts
  std::string prepare_error_;
  std::size_t overrides_in_flight_ = 0;  ///< how many of them are proposed

  // ---- operations
  Executor executor_;
  std::uint32_t order_sequence_ = 0;
  std::set<std::pair<ObjectId, NodeId>> orders_in_flight_;
  std::map<ObjectId, WatchResource> watched_;
  std::map<std::pair<ObjectId, NodeId>, std::pair<std::int64_t, Instant>> expiry_;  ///< last failure (wall), due
  std::map<ObjectId, AgentRef> known_agents_;

  // ---- fencing
  Fencer fencer_;
  /// Numbers of runs: (start counter of duetd, counter), so that no two lives of duetd in a boot use the same; runs of
  /// fence agents have this bit too.
  static constexpr std::uint64_t fence_run_bit = std::uint64_t{1} << 62;
  std::uint64_t fence_run_ = fence_run_bit;
  bool favoured_ = true;
  bool joined_with_peer_ = false;  ///< in this life: the peer cannot commit alone without true evidence against us
  bool lost_seen_ = false;
  std::optional<Instant> daemon_gone_;
  struct AdminFence {
    NodeId target;
    FenceAction action{};
    BootId boot;
    Instant until;  ///< as long as the administrator waits: a word of today does not strike next month
  };
  std::optional<AdminFence> admin_fence_;
  struct Device {
    DeviceHealth health;
    Instant ended;
    Instant due;
    Duration again{0};  ///< pause after the last failure; 0: it has answered
    std::uint64_t run = 0;
    std::uint64_t fingerprint = 0;  ///< of the configuration that `health` is about
    bool told = false;              ///< `health` is in the stream, or on its way
  };
  std::map<ObjectId, Device> devices_;
  std::map<std::pair<ObjectId, NodeId>, Instant> device_checked_;  ///< as told, on our clock
  std::set<ObjectId> verified_here_;                               ///< in our ledger
  std::map<std::uint64_t, std::string> metadata_runs_;
  std::set<std::string> asked_agents_;
  std::map<std::string, Instant> metadata_retry_;  ///< the last call failed: not asked again before this
  std::optional<FenceEvent> fenced_event_;         ///< of a success whose evidence is being written

  // ---- evidence
  std::uint64_t evidence_serial_ = 0;
  struct PendingEvidence {
    Evidence evidence;
    Instant asked;         ///< of the disk
    bool adopted = false;  ///< relied on before the disk answered
    bool stale = false;    ///< the node is back in the view: its hello decides
    std::uint64_t client = 0;
  };
  std::optional<PendingEvidence> evidence_pending_;
  std::optional<Instant> evidence_retry_;  ///< the disk refused: not asked again before this
  StoreSolo stored_solo_;                  ///< as found at start
  std::map<NodeId, Incarnation> leave_recording_;
  std::optional<Evidence> leave_evidence_;  ///< of a clean leave, durable, said, not yet applied

  // ---- clients
  struct Client {
    std::uint64_t client = 0;
    AdminRequest request;
    Instant deadline;
    bool in_flight = false;
    bool accepted = false;         ///< applied: prepared, or waiting for an outcome; not proposed again
    std::optional<NodeId> fences;  ///< waits for the outcome of this fencing
    std::size_t overrides = 0;     ///< client 0: how many overrides it carries
  };
  std::map<std::uint64_t, Client> clients_;  ///< by request number
  std::uint64_t request_number_ = 0;

  // ---- leaving
  bool stop_wanted_ = false;
  Instant stop_since_;
  Instant stop_deadline_;
  bool leave_sent_ = false;
  bool clean_leave_sent_ = false;
  std::vector<std::uint64_t> leave_clients_;
};

}  // namespace duet
