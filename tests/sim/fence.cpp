// SPDX-License-Identifier: Apache-2.0
// What the fence host does with a request, and what can go wrong with it.
#include "tests/sim/fence.hpp"

#include <fmt/format.h>

#include <utility>

namespace duet::sim {

namespace {

// Exit codes of fence agents (cluster-semantics 4): 0 done or on, 1 failed, 2 off (status).
constexpr int code_ok = 0;
constexpr int code_failed = 1;
constexpr int code_off = 2;

constexpr const char* metadata = R"(<?xml version="1.0"?>
<resource-agent name="fence_sim" shortdesc="simulated"><parameters>
<parameter name="action"><content type="string" default="reboot"/></parameter>
<parameter name="port"><content type="string"/></parameter>
<parameter name="plug"><content type="string"/></parameter>
<parameter name="address"><content type="string"/></parameter>
</parameters><actions><action name="on"/><action name="off"/><action name="reboot"/><action name="status"/>
<action name="list"/><action name="monitor"/><action name="metadata"/></actions></resource-agent>
)";

std::string value(const Attributes& attributes, const std::string& key) {
  const auto found = attributes.find(key);
  return found == attributes.end() ? std::string{} : found->second;
}

/// The node that a request names, by whichever key: 0, 1, or -1.
int target_of(const Attributes& parameters) {
  for (const char* key : {"port", "plug", "nodename"}) {
    const std::string name = value(parameters, key);
    if (name == "n1" || name == "vm1") return 0;
    if (name == "n2" || name == "vm2") return 1;
  }
  return -1;
}

}  // namespace

SimFence::SimFence(Scheduler& scheduler, const Plan& plan, Recorder& recorder, PowerGrid& grid)
    : scheduler_{scheduler}, plan_{plan}, recorder_{recorder}, grid_{grid}, rng_{plan.seed, "fence"} {}

void SimFence::request(int requester, const RunFenceAgent& run, Done done) {
  Request request{requester,  grid_.boot_of(requester),  value(run.parameters, "address"),
                  run.action, target_of(run.parameters), run.run};
  if (request.action == "metadata") {
    scheduler_.after(2ms, [done = std::move(done)] { done(code_ok, metadata); });
    return;
  }
  const DeviceFault wrong = fault(request.device);
  const bool unreachable = !network(requester) || wrong == DeviceFault::host_down;
  if (unreachable) {  // the agent waits for an answer that never comes: killed at its time-out
    if (rng_.chance(1, 3)) scheduler_.after(3s, [this, request, done] { answer(request, done, code_failed, ""); });
    return;
  }
  if (wrong == DeviceFault::hangs) {  // some do it in the end, when nobody waits any more
    if (rng_.chance(1, 3)) {
      scheduler_.after(rng_.between(5s, 100s), [this, request] { static_cast<void>(act(request)); });
    }
    return;
  }
  Duration time = plan_.ms("fence_ms") + rng_.between(1ms, 50ms);
  const bool asks_only = request.action == "status" || request.action == "monitor" || request.action == "list";
  if (asks_only) time = rng_.between(2ms, 40ms);
  if (wrong == DeviceFault::slow) time = rng_.between(3s, 70s);
  scheduler_.after(time, [this, request, done = std::move(done)] { execute(request, done); });
}

void SimFence::execute(const Request& request, const Done& done) {
  const DeviceFault wrong = fault(request.device);
  if (wrong == DeviceFault::host_down) return;
  const bool requester_gone = grid_.boot_of(request.requester) != request.requester_boot;
  if (requester_gone && plan_.option("serial_host") != 0) return;  // protocol.md 8: dropped
  const bool asks_only = request.action == "status" || request.action == "monitor" || request.action == "list";
  if ((wrong == DeviceFault::fails || (wrong == DeviceFault::partial && request.device == "d2")) && !asks_only) {
    return answer(request, done, code_failed, "");
  }
  const int code = act(request);
  const bool hides = wrong == DeviceFault::done_but_failed && !asks_only;
  answer(request, done, hides ? code_failed : code, request.action == "list" ? "n1\nn2\n" : "");
}

/// Does what is asked for; returns the exit code of the agent.
int SimFence::act(const Request& request) {
  if (request.action == "monitor" || request.action == "list") return code_ok;
  if (request.target < 0) return code_failed;
  if (request.action == "status") {
    const auto supply = supply_off_.find({request.target, request.device});
    const bool off = two_supplies() ? supply != supply_off_.end() && supply->second : !grid_.has_power(request.target);
    return off ? code_off : code_ok;
  }
  if (request.action == "off" || request.action == "reboot") switch_off(request);
  if (request.action == "on" || request.action == "reboot") switch_on(request);
  return request.action == "off" || request.action == "on" || request.action == "reboot" ? code_ok : code_failed;
}

void SimFence::switch_off(const Request& request) {
  supply_off_[{request.target, request.device}] = true;
  const bool other_supply_on = two_supplies() && !supply_off_[{request.target, request.device == "d1" ? "d2" : "d1"}];
  if (other_supply_on || !grid_.has_power(request.target)) return;
  ++switched_off_;
  grid_.cut_power(request.target, fmt::format("fenced_by_n{}_boot_{}", request.requester + 1, request.requester_boot));
}

void SimFence::switch_on(const Request& request) {
  supply_off_[{request.target, request.device}] = false;
  if (!grid_.has_power(request.target)) grid_.restore_power(request.target);
}

void SimFence::answer(const Request& request, const Done& done, int code, const std::string& output) {
  if (request.action != "monitor" && request.action != "list") {
    TraceEvent event{TraceKind::dev_result, static_cast<std::uint32_t>(request.requester + 1), {}, 0, {}};
    event.boot = request.requester_boot;
    event.text = {{"device", request.device},
                  {"action", request.action},
                  {"rc", fmt::format("{}", code)},
                  {"target", fmt::format("{}", request.target + 1)},
                  {"run", fmt::format("{}", request.run)}};
    recorder_.record(scheduler_.now(), event);
  }
  done(code, output);
}

DeviceFault SimFence::fault(const std::string& device) const {
  const auto found = faults_.find(device);
  return found == faults_.end() ? DeviceFault::none : found->second;
}

void SimFence::repair() {
  faults_.clear();
  network_ = {true, true};
}

void SimFence::reset_switches(int node, bool on) {
  for (const char* device : {"d1", "d2"}) supply_off_[{node, device}] = !on;
}

}  // namespace duet::sim
