// SPDX-License-Identifier: Apache-2.0
// The fixed messages. Do not change a value: add messages instead, or the vectors no longer say that the format stayed.
#include "tests/unit/core/codec/samples.hpp"

namespace duet::test {

namespace {

const std::string boot1(64, '1');
const std::string boot4 = std::string(32, '4') + std::string(32, 'a');

std::string hash(char digit) {
  return std::string(63, '0') + digit;
}

OpOutcome outcome() {
  return {.status = OpStatus::timed_out,
          .exit_code = 7,
          .reason = "no answer",
          .unix_ms = 1'700'000'000'123,
          .took_ms = 20'001};
}

Evidence evidence() {
  return {.kind = EvidenceKind::fenced,
          .node = NodeId{4},
          .boot = BootId{boot4},
          .id = "E3-7",
          .detail = "vmfence",
          .left_running = {"haproxy"}};
}

FenceEvent fence_event() {
  return {.id = "F-9",
          .target = NodeId{4},
          .by = NodeId{1},
          .boot = BootId{boot4},
          .cause = CauseKind::silent,
          .action = FenceAction::off,
          .outcome = FenceOutcome::succeeded,
          .device = "vmfence",
          .detail = "verified off",
          .attempts = 3,
          .unix_ms = 1'700'000'000'456};
}

Operation monitor() {
  return {.action = "monitor",
          .interval = 30s,
          .timeout = 20s,
          .on_fail = OnFail::fence,
          .enabled = false,
          .start_delay = 2s,
          .extra = {{"OCF_CHECK_LEVEL", "10"}}};
}

Primitive vip() {
  return {.id = "VIP",
          .agent = {.standard = "ocf", .provider = "heartbeat", .type = "IPaddr2"},
          .parameters = {{"cidr_netmask", "24"}, {"ip", "10.9.0.10"}},
          .operations = {monitor()},
          .meta = {{"migration-threshold", "3"}}};
}

ClusterConfig config() {
  ClusterConfig out;
  out.name = "pair";
  out.nodes = {{NodeId{1}, "server1", {{"standby", "on"}}}, {NodeId{4}, "server4", {}}};
  out.properties = {{"stonith-enabled", "true"}};
  out.resource_defaults = {{"resource-stickiness", "100"}};
  out.operation_defaults = {{"timeout", "60s"}};
  out.primitives = {
      vip(), {.id = "haproxy", .agent = {"systemd", "", "haproxy"}, .parameters = {}, .operations = {}, .meta = {}}};
  out.groups = {{"web", {"VIP", "haproxy"}, {{"target-role", "Started"}}}};
  out.locations = {{"loc", "web", NodeId{1}, Score{50}}};
  out.colocations = {{"col", "haproxy", "VIP", Score::infinity()}};
  out.orders = {{"ord", "VIP", "haproxy", OrderAction::stop, OrderAction::start, OrderKind::serialize, false}};
  out.devices = {{"vmfence", "fence_xvm", {{"pcmk_host_map", "server1:Node1"}}, {monitor()}, {{"priority", "2"}}}};
  out.levels = {{NodeId{4}, 2, {"vmfence"}}};
  return out;
}

AdminRequest request() {
  AdminRequest out;
  out.author = "root@server1";
  out.command = "duet resource create VIP ocf:heartbeat:IPaddr2 --group web";
  out.unix_ms = 1'700'000'000'789;
  out.dry_run = true;
  out.confirmed = true;
  out.based_on = ConfigPosition{2, 40};
  out.body = std::vector<ConfigEdit>{CreateResource{vip(), GroupPlace{"web", "haproxy", "first"}},
                                     SetAttributes{AttributeScope::operation_defaults, {{"timeout", ""}}},
                                     DeleteLevels{NodeId{4}, 2, {"vmfence"}}};
  return out;
}

OpId op(std::uint32_t sequence) {
  return {.epoch = 5, .sequence = sequence, .giver = NodeId{1}};
}

}  // namespace

ConfigEntry sample_entry() {
  return {.position = {2, 41},
          .previous_hash = hash('a'),
          .hash = hash('b'),
          .author = "root@server1",
          .command = "duet property set stonith-enabled=true",
          .unix_ms = 1'700'000'000'000,
          .config = config()};
}

ClusterState sample_state() {
  ClusterState out;
  out.stream_epoch = 5;
  out.join_counter = 2;
  out.solo = true;
  NodeState& node = out.nodes[NodeId{4}];
  node.membership = Membership::joined;
  node.incarnation = {BootId{boot4}, 3};
  node.unclean = true;
  node.in_corosync = true;
  node.joined_at = 2;
  node.evidence = evidence();
  node.why = "left the view";
  node.in_ledger = true;
  node.join_acks = {NodeId{1}, NodeId{4}};
  ResourceState& resource = out.resources["VIP"];
  ResourceOnNode& on = resource.on[NodeId{1}];
  on.activity = Activity::running;
  on.probed = true;
  on.pending = PendingOp{op(12), Action::stop, "standby"};
  on.highest_op = op(11);
  on.may_run = MayRun{BootId{boot1}, op(10)};
  on.hard_ban = true;
  on.failures = {{Action::monitor, 30s, 2, outcome()}};
  resource.fatal = true;
  resource.preferred = NodeId{4};
  resource.last_node = NodeId{1};
  out.fencing = {fence_event()};
  out.prepared = PreparedEntry{sample_entry(), NodeId{1}, 77, {NodeId{1}}};
  out.fork = "2.41 here, 3.41 there";
  out.devices["vmfence"] = {true, {{NodeId{1}, {true, 99, ""}}, {NodeId{4}, {false, 98, "no answer"}}}};
  return out;
}

Named<StreamMessage> sample_stream() {
  const Incarnation incarnation{BootId{boot4}, 3};
  const std::vector<std::pair<std::string, StreamBody>> bodies = {
      {"hello",
       Hello{1, 0, "server4", true, 2, 5, {{2, 41}, hash('b')}, ChainLink{{2, 42}, hash('c')}, {2, 30}, evidence()}},
      {"snapshot-chunk", SnapshotChunk{NodeId{1}, 6, 32'768, 32'771, hash('d'), {1, 2, 255}}},
      {"tick", Tick{100, NodeId{1}, 99, 0x0123456789ABCDEFULL}},
      {"join-report", JoinReport{{{"VIP", op(11), Action::start, true, outcome()}},
                                 {"haproxy"},
                                 true,
                                 {{"VIP", {{Action::monitor, 10s, 2, outcome()}}, true}}}},
      {"join-recorded", JoinRecorded{NodeId{4}, incarnation}},
      {"order", Order{op(13), "VIP", NodeId{4}, Action::start, {2, 41}, "placed by stickiness"}},
      {"op-result", OpResult{op(13), "VIP", Action::monitor, 30s, op(14), outcome()}},
      {"propose", Propose{77, request()}},
      {"prepared", Prepared{{2, 42}, hash('c'), "disk full"}},
      {"fence-report", FenceReport{fence_event()}},
      {"failure-expired", FailureExpired{"VIP", NodeId{4}}},
      {"leave-wanted", LeaveWanted{}},
      {"clean-leave", CleanLeave{incarnation, {"VIP", "haproxy"}}},
      {"leave-recorded", LeaveRecorded{NodeId{4}, incarnation}},
      {"node-lost", NodeLost{NodeId{4}, incarnation}},
      {"join-refused", JoinRefused{NodeId{4}, "fork at 2.41"}},
      {"device-report", DeviceReport{"vmfence", {false, 98, "no answer"}, 1200}},
  };
  Named<StreamMessage> out;
  for (const auto& [name, body] : bodies) {
    out.push_back({name,
                   {.sender = NodeId{1},
                    .incarnation = {BootId{boot1}, 2},
                    .sequence = 1000,
                    .epoch = 5,
                    .ring = 0x1122334455ULL,
                    .body = body}});
  }
  return out;
}

Named<StoreRecord> sample_records() {
  return {{"entry", StoreEntry{sample_entry()}},
          {"committed", StoreCommitted{{2, 41}}},
          {"abandon", StoreAbandon{{2, 40}}},
          {"join", StoreJoin{NodeId{4}, {BootId{boot4}, 3}}},
          {"evidence", StoreEvidence{evidence()}},
          {"solo", StoreSolo{3, {2, 41}, BootId{boot4}, "E3-4-0b5c-1-7"}},
          {"stop-failed", StoreStopFailed{"VIP", BootId{boot4}, true}},
          {"override", StoreOverride{request()}},
          {"clear-overrides", StoreClearOverrides{}},
          {"fence-event", StoreFenceEvent{fence_event()}},
          {"device", StoreDevice{"vmfence", true}}};
}

Named<ExecRequest> sample_exec_requests() {
  const Primitive primitive = vip();
  return {{"hello", ExecHello{1, 4242}},
          {"run-agent", RunAgent{.run = 8,
                                 .op = op(13),
                                 .resource = "VIP",
                                 .agent = primitive.agent,
                                 .action = Action::monitor,
                                 .interval = 30s,
                                 .check_level = 10,
                                 .parameters = primitive.parameters,
                                 .meta = primitive.meta,
                                 .node_name = "server1",
                                 .timeout = 20s,
                                 .not_after = Instant{1234567890ns}}},
          {"cancel-run", CancelRun{8}},
          {"ack-result", AckResult{9}},
          {"run-fence-agent", RunFenceAgent{10, "fence_xvm", "off", {{"port", "Node4"}}, 60s}},
          {"watch-resource", WatchResource{"VIP", primitive.agent, primitive.parameters}},
          {"unwatch-resource", UnwatchResource{"VIP"}},
          {"forget-resource", ForgetResource{"haproxy", {"systemd", "", "haproxy"}}},
          {"reboot-now", RebootNow{"fenced while alive"}},
          {"query-metadata", QueryMetadata{11, primitive.agent}}};
}

Named<ExecReply> sample_exec_replies() {
  return {{"welcome", ExecWelcome{1, BootId{boot1}, 2, {{8, op(13), "VIP", Action::start, 30s, outcome()}}}},
          {"run-begun", RunBegun{8}},
          {"run-ended", RunEnded{8, outcome(), "Node1\nNode4\n"}},
          {"resource-hint", ResourceHint{"VIP", "address 10.9.0.10 removed"}}};
}

Named<IpcRequest> sample_ipc_requests() {
  AdminRequest move = request();
  move.body = ClusterAction{MoveResource{"web", NodeId{4}}};
  return {{"get-cluster", {1, GetCluster{17, 30'000}}},
          {"get-history", {2, GetHistory{20}}},
          {"edits", {3, request()}},
          {"move", {4, move}}};
}

Named<IpcReply> sample_ipc_replies() {
  ClusterView view;
  view.generation = 17;
  view.self = NodeId{1};
  view.node_name = "server1";
  view.version = "0.1.0";
  view.corosync_connected = true;
  view.quorate = true;
  view.now_unix_ms = 1'700'000'000'999;
  view.committed = sample_entry();
  view.state = sample_state();
  view.effective = view.committed.config;
  view.effective.name = "other";
  view.overrides = {request()};
  view.fencing = {{NodeId{4}, CauseKind::startup, "off by vmfence", 2, "timed out", 1500}};
  view.devices = {{"vmfence", NodeId{4}, true, false, "no answer", 60'000}};
  view.unsafe = {{true, "corosync", "not encrypted", "encrypt it"}};
  view.warnings = {"disk full"};
  return {
      {"view", {1, view}},
      {"history", {2, HistoryReply{{{{2, 41}, hash('b'), "root@server1", "duet ...", 1'700'000'000'000, config()}}}}},
      {"reply", {3, AdminReply{Error{Errc::dangerous, "a", "b", "c"}, {2, 42}, {"note"}, "preview"}}}};
}

}  // namespace duet::test
