// SPDX-License-Identifier: Apache-2.0
// Clusters in the states that the golden files of the status show.
#include "tests/unit/cli/fixture.hpp"

namespace duet::cli::test {

namespace {

constexpr std::int64_t now_ms = 1'795'356'286'120;  // 2026-11-22T14:04:46.120Z
const std::string boot1(64, 'a');
const std::string boot4(64, 'b');

Operation operation(std::string action, Duration interval, std::optional<Duration> timeout = {}) {
  Operation op;
  op.action = std::move(action);
  op.interval = interval;
  op.timeout = timeout;
  return op;
}

void leave(ClusterView& view, NodeId node, bool unclean) {
  NodeState& state = view.state.nodes[node];
  state.membership = Membership::absent;
  state.in_corosync = false;
  state.unclean = unclean;
  std::erase_if(view.devices, [&](const DeviceHealth& health) { return health.node == node; });
  if (unclean) return;
  state.evidence = Evidence{EvidenceKind::fenced, node, state.incarnation.boot, "E3-1", "vmfence", {}};
  for (auto& [id, resource] : view.state.resources) resource.on.erase(node);
  view.state.solo = true;
}

FencingProgress progress(std::uint32_t attempts, std::string step, std::string error, std::int64_t next) {
  FencingProgress p;
  p.target = server1;
  p.cause = CauseKind::lost;
  p.step = std::move(step);
  p.attempts = attempts;
  p.last_error = std::move(error);
  p.next_try_ms = next;
  return p;
}

FenceEvent event(NodeId target, NodeId by, FenceOutcome outcome, std::int64_t ago_ms, std::string detail) {
  FenceEvent e;
  e.id = "f" + std::to_string(ago_ms);
  e.target = target;
  e.by = by;
  e.cause = CauseKind::lost;
  e.outcome = outcome;
  e.device = "vmfence";
  e.detail = std::move(detail);
  e.attempts = 1;
  e.unix_ms = now_ms - ago_ms;
  return e;
}

/// server4 answers; server1 ran the group and is lost.
ClusterView seen_by_survivor() {
  ClusterView view = tutorial_view();
  view.self = server4;
  view.node_name = "server4";
  leave(view, server1, true);
  return view;
}

void set_meta(ClusterView& view, const std::string& id, const std::string& name, const std::string& value) {
  for (auto& primitive : view.effective.primitives) {
    if (primitive.id == id) primitive.meta[name] = value;
  }
  for (auto& group : view.effective.groups) {
    if (group.id == id) group.meta[name] = value;
  }
}

ClusterView down_unfenced() {
  ClusterView view = seen_by_survivor();
  view.fencing = {progress(3, "retry", "no host answered on 225.0.0.12:1229", 12'000)};
  view.state.fencing = {event(server1, server4, FenceOutcome::pending, 8'000, "")};
  return view;
}
ClusterView fencing_first_try() {
  ClusterView view = seen_by_survivor();
  view.fencing = {progress(0, "off by vmfence", "", 0)};
  return view;
}
ClusterView took_over() {
  ClusterView view = seen_by_survivor();
  leave(view, server1, false);
  run_on(view, "VIP", server4);
  run_on(view, "haproxy", server4);
  leave(view, server1, false);
  view.state.fencing = {event(server1, server4, FenceOutcome::succeeded, 30'000, "")};
  return view;
}
ClusterView no_device() {
  ClusterView view = tutorial_view();
  view.effective.devices.clear();
  view.devices.clear();
  stop_everywhere(view, "VIP");
  stop_everywhere(view, "haproxy");
  return view;
}
ClusterView fencing_off() {
  ClusterView view = tutorial_view();
  view.effective.devices.clear();
  view.devices.clear();
  view.effective.properties["stonith-enabled"] = "false";
  return view;
}
ClusterView standby() {
  ClusterView view = tutorial_view();
  run_on(view, "VIP", server4);
  run_on(view, "haproxy", server4);
  view.effective.nodes[0].attributes["standby"] = "on";
  return view;
}
ClusterView standby_moving() {
  ClusterView view = tutorial_view();
  view.effective.nodes[0].attributes["standby"] = "on";
  view.state.resources["haproxy"].on[server1].pending = PendingOp{{1, 5, server1}, Action::stop, "node standby"};
  return view;
}
ClusterView maintenance_mode() {
  ClusterView view = tutorial_view();
  view.effective.properties["maintenance-mode"] = "true";
  return view;
}
ClusterView node_maintenance() {
  ClusterView view = tutorial_view();
  view.effective.nodes[0].attributes["maintenance"] = "on";
  return view;
}
ClusterView joining() {
  ClusterView view = tutorial_view();
  view.state.nodes[server4].membership = Membership::present;
  view.state.nodes[server4].reported = false;
  for (auto& [id, resource] : view.state.resources) resource.on.erase(server4);
  return view;
}
ClusterView waiting_for_all() {
  ClusterView view = tutorial_view();
  view.quorate = false;
  view.waiting_for_all = true;
  view.state = {};
  view.state.devices["vmfence"].verified = true;  // by the ledger
  view.state.nodes[server1].membership = Membership::present;
  view.state.nodes[server1].in_corosync = true;
  view.state.nodes[server4].membership = Membership::absent;
  std::erase_if(view.devices, [](const DeviceHealth& health) { return health.node == server4; });
  return view;
}
ClusterView no_corosync() {
  ClusterView view = waiting_for_all();
  view.waiting_for_all = false;
  view.corosync_connected = false;
  view.state.nodes[server1].membership = Membership::absent;
  return view;
}
ClusterView failed_monitor() {
  ClusterView view = tutorial_view();
  view.state.resources["haproxy"].on[server1].failures = {failure(Action::monitor, 60s, 1, 7, "")};
  return view;
}
ClusterView failed_start() {
  ClusterView view = tutorial_view();
  FailureRecord record = failure(Action::start, 0s, Score::infinite, 5, "[findif] failed, no interface");
  record.last.took_ms = 0;
  view.state.resources["VIP"].on[server4].failures = {record};
  return view;
}
ClusterView nowhere() {
  ClusterView view = failed_start();
  stop_everywhere(view, "VIP");
  stop_everywhere(view, "haproxy");
  view.state.resources["VIP"].on[server4].failures = {
      failure(Action::start, 0s, Score::infinite, 5, "[findif] failed, no interface")};
  view.effective.locations = {{"cli-ban-VIP-on-server1", "VIP", server1, Score::minus_infinity()}};
  return view;
}
ClusterView stop_failed() {
  ClusterView view = fencing_off();
  ResourceOnNode& on = view.state.resources["haproxy"].on[server1];
  on.activity = Activity::failed;
  on.stop_failed = true;
  FailureRecord record = failure(Action::stop, 0s, Score::infinite, 1, "Resource agent did not complete within 1000ms");
  record.last.status = OpStatus::timed_out;
  record.last.took_ms = 1001;
  on.failures = {record};
  return view;
}
ClusterView disabled() {
  ClusterView view = tutorial_view();
  set_meta(view, "hagroup", "target-role", "Stopped");
  stop_everywhere(view, "VIP");
  stop_everywhere(view, "haproxy");
  return view;
}
ClusterView unmanaged() {
  ClusterView view = tutorial_view();
  set_meta(view, "haproxy", "is-managed", "false");
  return view;
}
ClusterView starting() {
  ClusterView view = tutorial_view();
  stop_everywhere(view, "VIP");
  stop_everywhere(view, "haproxy");
  view.state.resources["VIP"].on[server1].pending = PendingOp{{1, 7, server1}, Action::start, "should run"};
  return view;
}
ClusterView device_failed() {
  ClusterView view = tutorial_view();
  view.devices[0].healthy = false;
  view.devices[0].age_ms = 41'000;
  view.devices[0].detail = "no host answered on 225.0.0.12:1229";
  return view;
}
ClusterView fence_history() {
  ClusterView view = tutorial_view();
  view.state.fencing = {event(server4, server1, FenceOutcome::failed, 90'000, "no host answered"),
                        event(server4, server1, FenceOutcome::succeeded, 60'000, "")};
  return view;
}
ClusterView banned() {
  ClusterView view = tutorial_view();
  view.effective.locations = {{"cli-ban-hagroup-on-server4", "hagroup", server4, Score::minus_infinity()}};
  return view;
}
ClusterView override_and_warning() {
  ClusterView view = tutorial_view();
  AdminRequest request;
  request.command = "stonith update vmfence ipport=1230";
  view.overrides = {request};
  view.warnings = {"the disk of /var/lib/duet is full"};
  return view;
}
ClusterView fork() {
  ClusterView view = tutorial_view();
  view.state.fork = "the configurations of server1 (commit 14) and server4 (commit 15) differ";
  return view;
}
ClusterView active_twice() {
  ClusterView view = tutorial_view();
  ResourceOnNode& on = view.state.resources["haproxy"].on[server4];
  on.activity = Activity::running;
  return view;
}
ClusterView names_and_escapes() {
  ClusterView view = tutorial_view();
  view.committed.command = "resource update VIP ip='\033[31m10.9.0.1'";
  FailureRecord record = failure(Action::monitor, 30s, 1, 1, "line one\nline two \033[2J");
  view.state.resources["VIP"].on[server1].failures = {record};
  return view;
}
ClusterView single_resources() {
  ClusterView view = tutorial_view();
  view.effective.groups.clear();
  run_on(view, "haproxy", server4);
  return view;
}

}  // namespace

FailureRecord failure(Action action, Duration interval, std::int32_t count, std::int32_t exit_code,
                      const std::string& reason) {
  FailureRecord record;
  record.action = action;
  record.interval = interval;
  record.count = count;
  record.last.exit_code = exit_code;
  record.last.reason = reason;
  record.last.unix_ms = now_ms - 95'000;
  return record;
}

void run_on(ClusterView& view, const ObjectId& id, NodeId node) {
  auto& resource = view.state.resources[id];
  for (const auto& each : view.effective.nodes) {
    ResourceOnNode on;
    on.probed = true;
    on.activity = each.id == node ? Activity::running : Activity::stopped;
    if (each.id == node) on.may_run = MayRun{view.state.nodes[node].incarnation.boot, {1, 1, server1}};
    resource.on[each.id] = on;
  }
}

void stop_everywhere(ClusterView& view, const ObjectId& id) {
  auto& resource = view.state.resources[id];
  for (const auto& each : view.effective.nodes) {
    ResourceOnNode on;
    on.probed = true;
    on.activity = Activity::stopped;
    resource.on[each.id] = on;
  }
}

ClusterView empty_view() {
  ClusterView view;
  view.generation = 1;
  view.self = server1;
  view.node_name = "server1";
  view.version = "1.0.0";
  view.corosync_connected = true;
  view.executor_connected = true;
  view.quorate = true;
  view.now_unix_ms = now_ms;
  view.effective.name = "TestCluster";
  view.effective.nodes = {{server1, "server1", {}}, {server4, "server4", {}}};
  view.state.stream_epoch = 1;
  std::uint64_t joined_at = 1;
  for (const auto node : {server1, server4}) {
    NodeState state;
    state.membership = Membership::joined;
    state.incarnation = {BootId{node == server1 ? boot1 : boot4}, 1};
    state.in_corosync = true;
    state.reported = true;
    state.joined_at = joined_at++;
    view.state.nodes[node] = state;
  }
  view.committed.position = {1, 1};
  view.committed.author = "root@server1";
  view.committed.unix_ms = now_ms - 2120;
  view.committed.config = view.effective;
  return view;
}

ClusterView tutorial_view() {
  ClusterView view = empty_view();
  Primitive vip;
  vip.id = "VIP";
  vip.agent = {"ocf", "heartbeat", "IPaddr2"};
  vip.parameters = {{"ip", "192.168.122.100"}, {"cidr_netmask", "24"}};
  vip.operations = {operation("monitor", 30s), operation("start", 0s, 20s), operation("stop", 0s, 20s)};
  Primitive haproxy;
  haproxy.id = "haproxy";
  haproxy.agent = {"systemd", "", "haproxy"};
  haproxy.operations = {operation("monitor", 60s), operation("start", 0s, 100s), operation("stop", 0s, 100s)};
  FenceDevice device;
  device.id = "vmfence";
  device.agent = "fence_xvm";
  device.parameters = {{"pcmk_host_map", "server1:Node1;server4:Node4"}};
  device.operations = {operation("monitor", 30s)};
  view.effective.primitives = {vip, haproxy};
  view.effective.groups = {{"hagroup", {"VIP", "haproxy"}, {}}};
  view.effective.devices = {device};
  view.devices = {{"vmfence", server1, true, true, "", 12'000}, {"vmfence", server4, true, true, "", 7'000}};
  view.state.devices["vmfence"].verified = true;
  run_on(view, "VIP", server1);
  run_on(view, "haproxy", server1);
  view.committed.position = {1, 14};
  view.committed.command = "resource group add hagroup VIP haproxy";
  view.committed.config = view.effective;
  return view;
}

const std::map<std::string, std::function<ClusterView()>>& states() {
  static const std::map<std::string, std::function<ClusterView()>> all{
      {"empty", empty_view},
      {"healthy", tutorial_view},
      {"down-unfenced", down_unfenced},
      {"fencing-first-try", fencing_first_try},
      {"took-over", took_over},
      {"no-device", no_device},
      {"fencing-off", fencing_off},
      {"standby", standby},
      {"standby-moving", standby_moving},
      {"maintenance-mode", maintenance_mode},
      {"node-maintenance", node_maintenance},
      {"joining", joining},
      {"waiting-for-all", waiting_for_all},
      {"no-corosync", no_corosync},
      {"failed-monitor", failed_monitor},
      {"failed-start", failed_start},
      {"nowhere", nowhere},
      {"stop-failed", stop_failed},
      {"disabled", disabled},
      {"unmanaged", unmanaged},
      {"starting", starting},
      {"device-failed", device_failed},
      {"fence-history", fence_history},
      {"banned", banned},
      {"override-and-warning", override_and_warning},
      {"fork", fork},
      {"active-twice", active_twice},
      {"escapes", names_and_escapes},
      {"single-resources", single_resources},
  };
  return all;
}

}  // namespace duet::cli::test
