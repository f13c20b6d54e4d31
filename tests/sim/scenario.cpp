// SPDX-License-Identifier: Apache-2.0
// Phases of a run, and the experiments of the liveness phase.
#include "tests/sim/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/policy/plan.hpp"
#include "tests/sim/requests.hpp"

namespace duet::sim {

Scenario::Scenario(World& world) : world_{world}, rng_{world.plan.seed, "scenario"} {
  const Plan& plan = world.plan;
  const Duration agent = plan.ms("agent_ms") * 2;
  bounds_.detect = plan.ms("token_ms") + plan.ms("consensus_ms") + plan.ms("detect_skew_ms") + 100ms;
  bounds_.delay = 5s + 1s;  // W after asking for the power state, which may take 1 s
  bounds_.fence = world.fence.action_time() * (plan.option("topology") >= 3 ? 2 : 1) + 200ms;
  bounds_.start = agent * 12 + 500ms;  // up to six stops and six starts, strictly one after the other
  bounds_.own = 1s;
}

bool Scenario::over() const {
  return world_.scheduler.stopped() || world_.scheduler.now() >= std::chrono::seconds{world_.plan.option("virtual_s")};
}

void Scenario::run() {
  set_up();
  world_.schedule_faults();
  run_for(60s + std::chrono::seconds{world_.plan.option("safety_s")} - world_.scheduler.now());
  heal_and_converge();
  liveness();
}

// ---- phases ---------------------------------------------------------------------------------------------------------

void Scenario::set_up() {
  announce("set-up");
  world_.node(0).power_on(rng_.between(1s, 5s));
  world_.node(1).power_on(rng_.between(1s, 5s));
  run_for(20s);
  if (world_.scheduler.stopped()) return;
  expect("L3", "joined", {{"nodes", "1,2"}});
  configure();
  run_for(60s - bounds_.start - world_.scheduler.now() + bounds_.start - 1s);
  expect_converged("L3");
}

void Scenario::configure() {
  const auto reply =
      world_.admin.ask(static_cast<int>(rng_.below(2)), initial_configuration(world_.plan), "edit", "", 10s);
  if (world_.scheduler.stopped()) return;
  expect("L8", reply && !reply->error ? "true" : "false", {{"why", "the first configuration is accepted"}});
}

/// Everything is repaired and cleaned up; then the cluster must be as good as new within L3.
void Scenario::heal_and_converge() {
  if (world_.scheduler.stopped()) return;
  announce("heal");
  // A long fence agent may still run, and an order of it reach a node: heal again until that is over.
  for (int i = 0; i < 30; ++i) {
    world_.heal();
    run_for(5s);
  }
  if (world_.scheduler.stopped()) return;
  expect("L3", "joined", {{"nodes", "1,2"}});
  manage_again();
  ask_anybody(action_request(CleanupResource{std::nullopt, std::nullopt, true, false}, "resource refresh"), "cleanup");
  run_for(30s + bounds_.start);
  expect_converged("L3");
}

void Scenario::manage_again() {
  const ClusterConfig* present = config();
  if (present == nullptr) return;
  const ClusterConfig before = *present;
  for (const AdminRequest& request : managed_again(before)) ask_anybody(request, "edit");
}

/// Some operation of it is configured with this on-fail.
bool Scenario::has_rule(const std::string& action, std::initializer_list<OnFail> rules) {
  const ClusterConfig* present = config();
  if (present == nullptr) return false;
  for (const Primitive& primitive : present->primitives) {
    for (const Operation& operation : primitive.operations) {
      const bool one = operation.on_fail && std::find(rules.begin(), rules.end(), *operation.on_fail) != rules.end();
      if (one && operation.action == action) return true;
    }
  }
  return false;
}

void Scenario::liveness() {
  using Experiment = void (Scenario::*)();
  static constexpr std::array<Experiment, 11> experiments{
      &Scenario::node_dies,      &Scenario::link_is_cut,   &Scenario::stop_fails,    &Scenario::device_returns_late,
      &Scenario::duetd_dies,     &Scenario::execd_dies,    &Scenario::handle_breaks, &Scenario::both_lose_power,
      &Scenario::leaves_cleanly, &Scenario::resource_dies, &Scenario::short_freeze};
  while (!over()) {
    (this->*experiments[rng_.below(experiments.size())])();
    if (world_.scheduler.stopped()) return;
    world_.heal();
    // What a rule has put aside (block, stop, standby) stays so until somebody cleans up.
    if (world_.plan.option("on_fail") != 0) {
      run_for(world_.plan.ms("boot_ms") + 30s);
      manage_again();
      ask_anybody(action_request(CleanupResource{std::nullopt, std::nullopt, true, false}, "refresh"), "cleanup");
    }
    run_for(world_.plan.ms("boot_ms") + 30s + bounds_.start);
    expect_converged("L3");
  }
}

// ---- experiments ----------------------------------------------------------------------------------------------------

void Scenario::node_dies() {
  announce("L1: a node dies");
  const int victim = rng_.chance(3, 4) ? busy_node() : static_cast<int>(rng_.below(2));
  const Duration since = world_.scheduler.now();
  world_.keep_dead(victim);
  world_.node(victim).power_off("experiment");
  run_for(bounds_.take_over());
  expect_resources("L1", {world_.node(1 - victim).id()});
  run_for(60s);
  expect("L2", "fenced_at_most", {{"count", "1"}, {"since_ns", fmt::format("{}", since.count())}});
}

void Scenario::link_is_cut() {
  if (world_.plan.option("stonith") == 0) return;  // S18: both sides go on, and nothing is promised
  announce("L1: the link is cut");
  const Duration since = world_.scheduler.now();
  const bool one_way = rng_.chance(1, 3);
  world_.corosync.set_path(0, false);
  if (!one_way) world_.corosync.set_path(1, false);
  run_for(bounds_.take_over());
  std::set<NodeId> up;
  for (int i = 0; i < 2; ++i) {
    if (world_.node(i).duetd() != nullptr && world_.node(i).duetd()->core().state().solo)
      up.insert(world_.node(i).id());
  }
  expect("L1", up.size() == 1 ? "true" : "false", {{"why", "one side of the cut has fenced and goes on alone"}});
  expect_resources("L1", up);
  run_for(rng_.chance(1, 2) ? 200s : 20s);  // the loser boots, hears nobody, and must keep still (R3)
  expect("L2", "fenced_at_most", {{"count", "1"}, {"since_ns", fmt::format("{}", since.count())}});
}

void Scenario::stop_fails() {
  // Without a device it is blocked; on-fail=block says the same.
  if (world_.plan.option("stonith") == 0 || has_rule("stop", {OnFail::block})) return;
  announce("L4: a stop fails");
  const int victim = busy_node();
  SimNode& node = world_.node(victim);
  const Duration since = world_.scheduler.now();
  AgentFault fault;
  fault.kind = AgentFault::Kind::fails;
  fault.action = Action::stop;
  fault.until = since + 120s;
  node.agent_faults.push_back(fault);
  ask_anybody(edit_request({SetNodeAttributes{{node.id()}, {{"standby", "on"}}}}, "node standby"), "edit");
  run_for(bounds_.delay + bounds_.fence + bounds_.start + bounds_.own);
  node.agent_faults.clear();
  expect_resources("L4", {world_.node(1 - victim).id()});
  expect("L2", "fenced_at_most", {{"count", "1"}, {"since_ns", fmt::format("{}", since.count())}});
  run_for(10s);
  ask_anybody(edit_request({SetNodeAttributes{{node.id()}, {{"standby", ""}}}}, "node unstandby"), "edit");
}

void Scenario::device_returns_late() {
  announce("L5: the fence devices fail for a while");
  const int victim = busy_node();
  for (const char* device : {"d1", "d2"}) {
    world_.fence.set_fault(device, rng_.chance(1, 2) ? DeviceFault::fails : DeviceFault::host_down);
  }
  const Duration since = world_.scheduler.now();
  world_.keep_dead(victim);
  world_.node(victim).power_off("experiment");
  run_for(rng_.between(10s, 200s));
  expect("S1a", "fenced_at_most", {{"count", "0"}, {"since_ns", fmt::format("{}", since.count())}});
  world_.fence.repair();
  run_for(60s + 60s + bounds_.fence + bounds_.start + bounds_.own);  // an attempt that hangs may have just begun
  expect_resources("L5", {world_.node(1 - victim).id()});
}

void Scenario::duetd_dies() {
  announce("L6: duetd is killed");
  const Duration since = world_.scheduler.now();
  world_.node(static_cast<int>(rng_.below(2))).kill_duetd(rng_.between(200ms, 2s));
  run_for(12s);
  expect("L6", "joined", {{"nodes", "1,2"}});
  expect_quiet("L6", since);
}

void Scenario::execd_dies() {
  announce("L6: execd is killed");
  const Duration since = world_.scheduler.now();
  SimNode& node = world_.node(static_cast<int>(rng_.below(2)));
  node.exec()->set_running(false);
  run_for(rng_.between(100ms, 2s));
  node.exec()->set_running(true);
  run_for(10s);
  expect("L6", "joined", {{"nodes", "1,2"}});
  expect_quiet("L6", since);
}

void Scenario::handle_breaks() {
  announce("L7: the corosync handle breaks");
  const Duration since = world_.scheduler.now();
  world_.corosync.break_handle(static_cast<int>(rng_.below(2)));
  run_for(30s);
  expect("L7", "joined", {{"nodes", "1,2"}});
  expect_quiet("L7", since);
}

void Scenario::both_lose_power() {
  announce("L3: both nodes lose power");
  for (int i = 0; i < 2; ++i) world_.node(i).power_off("experiment");
  run_for(rng_.between(1s, 10s));
  for (int i = 0; i < 2; ++i) world_.node(i).power_on(world_.plan.ms("boot_ms") + rng_.between(0ms, 5s));
  run_for(world_.plan.ms("boot_ms") + 40s + bounds_.start);
  expect_converged("L3");
}

void Scenario::leaves_cleanly() {
  announce("L11: duetd is stopped cleanly");
  const int leaver = busy_node();
  const Duration since = world_.scheduler.now();
  world_.node(leaver).stop_duetd();
  run_for(bounds_.start + bounds_.own + 5s);
  expect("L11", world_.node(leaver).duetd() == nullptr ? "true" : "false", {{"why", "the daemon has ended"}});
  expect_resources("L11", {world_.node(1 - leaver).id()});
  expect("L2", "fenced_at_most", {{"count", "0"}, {"since_ns", fmt::format("{}", since.count())}});
  world_.node(leaver).start_duetd();
}

void Scenario::resource_dies() {
  announce("L12: a resource dies");
  const Duration since = world_.scheduler.now();
  world_.node(busy_node()).exec()->kill_resource();
  run_for(bounds_.start + bounds_.own + 1s);
  // At its migration-threshold it may be allowed nowhere.
  const auto limited = [](const Primitive& one) { return one.meta.contains("migration-threshold"); };
  const ClusterConfig* present = config();
  const bool ruled = world_.plan.option("on_fail") != 0;  // what follows is the rule's affair
  if (!ruled && present != nullptr && std::none_of(present->primitives.begin(), present->primitives.end(), limited)) {
    expect_resources("L12", {NodeId{1}, NodeId{2}});
  }
  const bool fences = has_rule("monitor", {OnFail::fence}) || has_rule("start", {OnFail::fence});
  expect("L2", "fenced_at_most", {{"count", fences ? "1" : "0"}, {"since_ns", fmt::format("{}", since.count())}});
  ask_anybody(action_request(CleanupResource{}, "resource cleanup"), "cleanup");
}

void Scenario::short_freeze() {
  announce("L6: a node freezes for less than the token time");
  const Duration since = world_.scheduler.now();
  SimNode& node = world_.node(static_cast<int>(rng_.below(2)));
  node.pause();
  run_for(rng_.between(1ms, world_.plan.ms("token_ms") - 200ms));
  node.resume();
  run_for(10s);
  expect_quiet("L6", since);
}

// ---- expectations ---------------------------------------------------------------------------------------------------

void Scenario::announce(const std::string& experiment) {
  if (world_.scheduler.stopped()) return;
  world_.record(TraceEvent{TraceKind::fault, 0, {}, 0, {{"fault", "phase"}, {"target", experiment}}});
}

void Scenario::expect(const std::string& rule, const std::string& what, std::map<std::string, std::string> more) {
  if (world_.scheduler.stopped()) return;
  more["rule"] = rule;
  more["what"] = what;
  world_.record(TraceEvent{TraceKind::expect, 0, {}, 0, std::move(more)});
}

void Scenario::expect_resources(const std::string& rule, const std::set<NodeId>& up) {
  const ClusterConfig* present = config();
  if (present == nullptr || world_.scheduler.stopped()) return;
  if (world_.recorder.tells_story()) tell_plan();
  for (const Expected& each : expectations(*present, up)) {
    std::string nodes;
    for (const NodeId node : each.nodes) nodes += fmt::format("{}{}", nodes.empty() ? "" : ",", node.get());
    if (each.kind == Expected::Kind::running) expect(rule, "running", {{"resource", each.resource}, {"nodes", nodes}});
    if (each.kind == Expected::Kind::stopped) expect(rule, "stopped", {{"resource", each.resource}});
  }
}

void Scenario::tell_plan() {
  for (int i = 0; i < 2; ++i) {
    Driver* duetd = world_.node(i).duetd();
    if (duetd == nullptr) continue;
    const ::duet::Plan plan = make_plan({duetd->core().committed().config, duetd->core().state(), true, {}});
    const auto tell = [&](const std::string& line) {
      world_.recorder.log(world_.scheduler.now(), world_.node(i).id().get(), line);
    };
    for (const auto& [id, placed] : plan.placement) {
      tell(fmt::format("plan: {} on {}: {}", id, placed.node ? fmt::format("n{}", placed.node->get()) : "no node",
                       placed.why.text));
      for (const auto& [node, verdict] : placed.verdicts) {
        for (const Why& why : verdict.why) tell(fmt::format("plan:   {} not on n{}: {}", id, node.get(), why.text));
      }
    }
    for (const PlannedOp& op : plan.operations) {
      tell(fmt::format("plan: {} {} on n{}{}", to_string(op.action), op.resource, op.node.get(),
                       op.ready ? "" : " waits"));
      for (const Why& why : op.waits_for) tell("plan:   " + why.text);
    }
  }
}

void Scenario::expect_converged(const std::string& rule) {
  expect(rule, "joined", {{"nodes", "1,2"}});
  expect(rule, "same_config", {{"nodes", "1,2"}});
  expect(rule, "idle");
  expect_resources(rule, {NodeId{1}, NodeId{2}});
}

void Scenario::expect_quiet(const std::string& rule, Duration since) {
  expect(rule, "quiet", {{"since_ns", fmt::format("{}", since.count())}});
}

int Scenario::busy_node() {
  for (int i = 0; i < 2; ++i) {
    const SimExec* exec = world_.node(i).exec();
    for (int r = 1; exec != nullptr && r <= 6; ++r) {
      if (exec->is_up(fmt::format("r{}", r))) return i;
    }
  }
  return 0;
}

/// As an administrator sees it on the node with the newest configuration.
const ClusterConfig* Scenario::config() {
  const ConfigEntry* newest = nullptr;
  for (int i = 0; i < 2; ++i) {
    Driver* duetd = world_.node(i).duetd();
    if (duetd == nullptr) continue;
    const ConfigEntry& entry = duetd->core().committed();
    if (newest == nullptr || newest->position < entry.position) newest = &entry;
  }
  return newest == nullptr ? nullptr : &newest->config;
}

void Scenario::ask_anybody(const AdminRequest& request, const std::string& what) {
  for (int i = 0; i < 2 && !world_.scheduler.stopped(); ++i) {
    const int node = i;
    if (world_.node(node).duetd() == nullptr) continue;
    const auto reply = world_.admin.ask(node, request, what, "", 30s);
    if (reply && (!reply->error || reply->error->code == Errc::unchanged)) return;
  }
}

}  // namespace duet::sim
