// SPDX-License-Identifier: Apache-2.0
// What each fault of a plan does to the world.
#include <fmt/format.h>

#include "core/base/invariant.hpp"
#include "tests/sim/world.hpp"

namespace duet::sim {

namespace {

int node_of(const std::string& target) {
  return target == "n2" ? 1 : 0;
}

DeviceFault device_fault(const std::string& kind) {
  if (kind == "fence-fail") return DeviceFault::fails;
  if (kind == "fence-hang") return DeviceFault::hangs;
  if (kind == "fence-slow") return DeviceFault::slow;
  if (kind == "fence-done-but-failed") return DeviceFault::done_but_failed;
  if (kind == "fence-partial") return DeviceFault::partial;
  DUET_INVARIANT(kind == "fence-host-down");
  return DeviceFault::host_down;
}

}  // namespace

void World::schedule_faults() {
  for (const Fault& fault : plan.faults) {
    scheduler.at(fault.at, [this, &fault] { apply(fault); });
  }
}

void World::apply(const Fault& fault) {
  Rng rng{plan.seed + fault.salt, "fault"};
  if (fault.kind == "admin") return admin.random_step(node_of(fault.target), fault.salt);
  if (fault.kind == "command") return admin.command(node_of(fault.target), fault.words);
  TraceEvent event{TraceKind::fault, 0, {}, 0, {}};
  event.text = {{"fault", fault.kind}, {"target", fault.target}, {"length_ms", fmt::format("{}", fault.length / 1ms)}};
  record(std::move(event));
  if (fault.target == "link" || fault.kind == "cut-one-way") {
    apply_link_fault(fault, rng);
  } else if (fault.target.starts_with("d")) {
    apply_device_fault(fault);
  } else if (fault.target == "both") {
    for (int i = 0; i < 2; ++i) apply_node_fault(fault, node(i), rng);
  } else {
    apply_node_fault(fault, node(node_of(fault.target)), rng);
  }
}

/// The end of a fault, unless the world was healed before.
void World::until_end_of(const Fault& fault, Scheduler::Task task) {
  scheduler.after(fault.length, [this, healed = healed_, task = std::move(task)] {
    if (healed == healed_) task();
  });
}

void World::apply_node_fault(const Fault& fault, SimNode& one, Rng& rng) {
  const std::string& kind = fault.kind;
  const int index = one.index();
  const auto power_back = [this, index] {
    if (has_power(index)) return;
    fence.reset_switches(index, true);
    node(index).power_on(plan.ms("boot_ms"));
  };
  if (kind == "power-loss" || kind == "power-loss-both") {
    one.power_off("power loss");
    until_end_of(fault, power_back);
  } else if (kind == "reboot") {
    one.power_off("reboot");
    one.power_on(fault.length);
  } else if (kind == "freeze") {
    one.pause();
    until_end_of(fault, [this, index] { node(index).resume(); });
  } else if (kind == "kill-duetd") {
    one.kill_duetd(fault.length);
  } else if (kind == "stop-duetd") {
    one.stop_duetd();
    until_end_of(fault, [this, index] { node(index).start_duetd(); });
  } else if (kind == "kill-corosync" || kind == "stop-corosync") {
    if (kind == "kill-corosync") one.kill_corosync();
    if (kind == "stop-corosync") one.stop_corosync();
    until_end_of(fault, [this, index] { node(index).start_corosync(); });
  } else if (kind == "break-cpg") {
    corosync.break_handle(index);
  } else if (kind == "crash-mid-step" || kind == "power-mid-step") {
    const bool with_node = kind == "power-mid-step";
    const auto commands = static_cast<std::uint32_t>(rng.range(1, 12));
    if (one.duetd() != nullptr) one.duetd()->crash_after(commands, with_node);
    if (with_node) until_end_of(fault, power_back);
  } else if (kind == "kill-execd") {
    if (one.booted()) one.exec()->set_running(false);
    until_end_of(fault, [this, index] {
      if (node(index).booted()) node(index).exec()->set_running(true);
    });
  } else if (kind == "fence-net-cut") {
    fence.set_network(index, false);
    until_end_of(fault, [this, index] { fence.set_network(index, true); });
  } else if (kind == "disk-slow") {
    one.disk_slow_until = scheduler.now() + fault.length;
  } else if (kind == "disk-full") {
    one.disk_full_until = scheduler.now() + fault.length;
  } else {
    apply_agent_fault(fault, one, rng);
  }
}

void World::apply_agent_fault(const Fault& fault, SimNode& one, Rng& rng) {
  const std::string& kind = fault.kind;
  AgentFault agent;
  agent.until = scheduler.now() + fault.length;
  if (rng.chance(2, 3)) agent.resource = fmt::format("r{}", 1 + rng.below(6));
  if (kind == "kill-agent") {
    // at the first moment of the next seconds at which one runs
    for (int i = 0; i < 20; ++i) {
      one.in_boot(fault.length * i / 20, [&one] {
        if (one.booted()) one.exec()->kill_agent();
      });
    }
    return;
  }
  if (kind == "resource-dies") {
    if (one.booted() && !one.paused()) one.exec()->kill_resource();
    return;
  }
  if (kind == "agent-fail") {
    static constexpr int codes[] = {1, 1, 1, 1, 2, 4, 5, 6, 9, 42};
    agent.kind = AgentFault::Kind::fails;
    agent.exit_code = codes[rng.below(10)];
    agent.action = rng.chance(1, 2) ? Action::start : Action::monitor;
  } else if (kind == "agent-hang") {
    agent.kind = AgentFault::Kind::hangs;
    agent.action = rng.chance(1, 2) ? Action::start : Action::monitor;
  } else if (kind == "stop-fail") {
    agent.kind = rng.chance(1, 2) ? AgentFault::Kind::fails : AgentFault::Kind::hangs;
    agent.action = Action::stop;
  } else if (kind == "probe-slow") {
    agent.kind = AgentFault::Kind::slow;
    agent.action = Action::probe;
  } else {
    DUET_INVARIANT(kind == "probe-fail");
    agent.kind = AgentFault::Kind::fails;
    agent.exit_code = rng.chance(1, 2) ? 1 : 4;  // 2 and 5 would be a lie: they mean "not running"
    agent.action = Action::probe;
  }
  std::erase_if(one.agent_faults, [&](const AgentFault& old) { return old.until <= scheduler.now(); });
  one.agent_faults.push_back(std::move(agent));
}

void World::apply_link_fault(const Fault& fault, Rng& rng) {
  const auto restore = [this] {
    corosync.set_path(0, true);
    corosync.set_path(1, true);
  };
  if (fault.kind == "cut-one-way") {
    const int from = node_of(fault.target);
    corosync.set_path(from, false);
    return until_end_of(fault, [this, from] { corosync.set_path(from, true); });
  }
  if (fault.kind == "duplicate") return corosync.duplicate_until(scheduler.now() + fault.length);
  if (fault.kind == "flap") return flap(scheduler.now() + fault.length, rng);
  corosync.set_path(0, false);
  if (!rng.chance(1, 4)) {
    corosync.set_path(1, false);
  } else {  // the second direction follows
    scheduler.after(rng.between(1ms, 500ms), [this, healed = healed_] {
      if (healed == healed_) corosync.set_path(1, corosync.path(0));
    });
  }
  if (fault.kind == "heal-in-delay") {
    const Duration detected = plan.ms("token_ms") + plan.ms("consensus_ms");
    return scheduler.after(detected + rng.between(0ms, fault.length), [this, restore, healed = healed_] {
      if (healed == healed_) restore();
    });
  }
  until_end_of(fault, restore);
}

void World::flap(Duration until, Rng rng) {
  const bool open = corosync.path(0) && scheduler.now() < until;
  corosync.set_path(0, !open);
  corosync.set_path(1, !open);
  if (scheduler.now() >= until) return;
  const Duration next = open ? rng.between(50ms, 4s) : rng.between(100ms, 5s);
  scheduler.after(next, [this, until, rng, healed = healed_] {
    if (healed == healed_) flap(until, rng);
  });
}

void World::apply_device_fault(const Fault& fault) {
  const std::string device = fault.target;
  fence.set_fault(device, device_fault(fault.kind));
  until_end_of(fault, [this, device] { fence.set_fault(device, DeviceFault::none); });
}

}  // namespace duet::sim
