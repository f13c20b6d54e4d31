// SPDX-License-Identifier: Apache-2.0
// The world of two nodes in which everything works unless a test says otherwise.
#include "pair.hpp"

#include <algorithm>

#include "core/base/digest.hpp"

namespace duet::test {

Pair::Pair() {
  boot(n1, "boot1");
  boot(n4, "boot4");
}

void Pair::boot(NodeId id, const std::string& boot) {
  PairNode& node = nodes_[id];
  node.boot = to_hex(sha256(as_bytes(boot)));
  node.starts = 0;
  node.running.clear();
  node.rebooted = false;
  powered_off.erase(id);
  restart(id);
}

void Pair::restart(NodeId id) {
  const PairNode& node = nodes_[id];
  restart(id, ExecWelcome{1, BootId{node.boot}, node.starts + 1, {}});
}

void Pair::restart(NodeId id, const ExecWelcome& welcome) {
  PairNode& node = nodes_[id];
  NodeIdentity identity{id, id == n1 ? "server1" : "server4", "test", {{n1, "server1", {}}, {n4, "server4", {}}}, "1"};
  node.core = std::make_unique<NodeCore>(identity, node.disk);
  node.stopped.reset();
  node.up = true;
  node.starts = welcome.duetd_start;
  step(id, ExecConnected{welcome});
  step(id, StreamOpened{transport});
}

void Pair::meet() {
  const std::set<NodeId> before = std::exchange(view_, {n1, n4});
  ++ring_;
  for (const NodeId id : {n1, n4}) {
    ViewChanged view{ring_, {n1, n4}, {}, {}};
    for (const NodeId other : {n1, n4}) {
      if (!before.contains(other)) view.joined.push_back(other);
    }
    events_.emplace_back(id, view);
    events_.emplace_back(id, QuorumChanged{true, false, {n1, n4}});
  }
  run();
  advance(2s);
}

void Pair::lose(NodeId lost, LeaveReason reason) {
  const NodeId other = lost == n1 ? n4 : n1;
  run();
  view_ = {other};
  ++ring_;
  nodes_[lost].up = false;
  events_.emplace_back(other, ViewChanged{ring_, {other}, {{lost, reason}}, {}});
  const bool node_seen = reason != LeaveReason::node_down;
  events_.emplace_back(other,
                       QuorumChanged{survivor_is_quorate, false, node_seen ? std::vector{n1, n4} : std::vector{other}});
  run();
}

void Pair::separate() {
  view_.clear();
  stream_.clear();
  events_.clear();
}

void Pair::alone(NodeId id) {
  separate();
  view_ = {id};
  ++ring_;
  events_.emplace_back(id, ViewChanged{ring_, {id}, {}, {id}});
  events_.emplace_back(id, QuorumChanged{true, false, {id}});
  run();
  advance(2s);
}

void Pair::advance(Duration by, Duration in_steps_of) {
  const Instant end = now + by;
  while (now < end) {
    now = std::min(end, now + in_steps_of);
    for (auto& [id, node] : nodes_) {
      if (node.up && node.core->next_wakeup() && *node.core->next_wakeup() <= now) step(id, TimePassed{});
    }
    run();
  }
}

void Pair::run() {
  for (int i = 0; i < 100'000; ++i) {
    if (!events_.empty()) {  // before the stream: nobody gets a message of a view that he does not know yet
      const auto [id, event] = events_.front();
      events_.pop_front();
      step(id, event);
    } else if (!stream_.empty()) {
      const StreamMessage message = stream_.front();
      stream_.pop_front();
      for (const NodeId id : view_) step(id, Delivered{message});
    } else {
      return;
    }
  }
  FAIL("the pair does not come to rest");
}

void Pair::step(NodeId id, const Event& event) {
  PairNode& node = nodes_[id];
  if (!node.up || node.stopped) return;
  for (const Command& command : node.core->step(now, WallTime{now.since_origin() / 1ms}, event)) perform(id, command);
}

void Pair::perform(NodeId id, const Command& command) {
  PairNode& node = nodes_[id];
  if (const auto* cast = std::get_if<Multicast>(&command)) {
    spy(cast->message);
    if (view_.contains(id) && !wire_cut) stream_.push_back(cast->message);
  } else if (const auto* persist = std::get_if<Persist>(&command)) {
    node.unanswered.push_back(*persist);
    ++node.asked_to_write;
    if (!node.disk_slow) flush_disk(id);
  } else if (const auto* request = std::get_if<Execute>(&command)) {
    execute(id, request->request);
  } else if (const auto* answer = std::get_if<Answer>(&command)) {
    node.answers[answer->client] = answer->reply;
  } else if (const auto* line = std::get_if<LogLine>(&command)) {
    node.log.push_back(line->text);
  } else if (const auto* stopped = std::get_if<Stopped>(&command)) {
    node.stopped = stopped->reason;
  }
}

void Pair::flush_disk(NodeId id) {
  PairNode& node = nodes_[id];
  for (const Persist& persist : std::exchange(node.unanswered, {})) {
    if (!node.disk_fails) {
      for (const StoreRecord& record : persist.records) reduce(node, record);
    }
    events_.emplace_back(id, Persisted{persist.token, !node.disk_fails, node.disk_fails ? "disk full" : ""});
  }
}

void Pair::reduce(PairNode& node, const StoreRecord& record) {
  node.written.push_back(record);
  StoreImage& disk = node.disk;
  if (const auto* entry = std::get_if<StoreEntry>(&record)) {
    std::erase_if(disk.entries, [&](const ConfigEntry& e) { return e.position == entry->entry.position; });
    disk.entries.push_back(entry->entry);
  } else if (const auto* committed = std::get_if<StoreCommitted>(&record)) {
    disk.committed = committed->position;
  } else if (const auto* join = std::get_if<StoreJoin>(&record)) {
    std::erase_if(disk.joins, [&](const StoreJoin& j) { return j.node == join->node; });
    disk.joins.push_back(*join);
    std::erase_if(disk.evidence, [&](const Evidence& evidence) {
      return evidence.node == join->node && evidence.boot == join->incarnation.boot;
    });
  } else if (const auto* evidence = std::get_if<StoreEvidence>(&record)) {
    disk.evidence.push_back(evidence->evidence);
  } else if (const auto* solo = std::get_if<StoreSolo>(&record)) {
    disk.solo = *solo;
  } else if (const auto* mark = std::get_if<StoreStopFailed>(&record)) {
    disk.stop_failed.push_back(*mark);
  } else if (const auto* device = std::get_if<StoreDevice>(&record)) {
    std::erase(disk.verified_devices, device->device);
    if (device->verified) disk.verified_devices.push_back(device->device);
  }
}

void Pair::execute(NodeId id, const ExecRequest& request) {
  PairNode& node = nodes_[id];
  if (const auto* fence_call = std::get_if<RunFenceAgent>(&request)) return fence(id, *fence_call);
  if (std::holds_alternative<RebootNow>(request)) node.rebooted = true;
  if (const auto* watch = std::get_if<WatchResource>(&request)) node.watched.insert(watch->resource);
  if (const auto* watch = std::get_if<UnwatchResource>(&request)) node.watched.erase(watch->resource);
  const auto* job = std::get_if<RunAgent>(&request);
  if (job == nullptr) return;
  const std::string key = job->resource + " " + std::string{to_string(job->action)};
  if (job->op.valid()) node.operations.push_back(std::string{to_string(job->action)} + " " + job->resource);
  if (node.hanging.contains(key)) {
    node.last_hanging = *job;
    return;
  }
  OpOutcome outcome;
  outcome.unix_ms = now.since_origin() / 1ms;
  if (const auto forced = node.next_exit.find(key); forced != node.next_exit.end()) {
    outcome.exit_code = forced->second;
    node.next_exit.erase(forced);
  } else if (job->action == Action::start) {
    node.running[job->resource] = true;
    node.started_with[job->resource] = job->parameters;
  } else if (job->action == Action::stop) {
    node.running[job->resource] = false;
  } else {
    outcome.exit_code = node.running[job->resource] ? 0 : 7;
    outcome.other_parameters = node.running[job->resource] && node.started_with[job->resource] != job->parameters;
  }
  finish(id, job->run, outcome);
}

void Pair::let_go(NodeId id) {
  execute(id, ExecRequest{*nodes_[id].last_hanging});
  run();
}

void Pair::fence(NodeId id, const RunFenceAgent& call) {
  if (call.action == "monitor") ++nodes_[id].device_checks;
  const auto plug = call.parameters.find("plug");
  const auto target = plug == call.parameters.end() ? plugs.end() : plugs.find(plug->second);
  if (target != plugs.end()) nodes_[id].fence_calls.push_back(call.action + " " + plug->second);
  if (fence_is_slow && target != plugs.end()) {
    slow_fencing_.emplace_back(id, call);
    return;
  }
  fence_now(id, call);
}

void Pair::answer_fencing() {
  for (const auto& [id, call] : std::exchange(slow_fencing_, {})) fence_now(id, call);
  run();
}

void Pair::fence_now(NodeId id, const RunFenceAgent& call) {
  OpOutcome outcome;
  const auto plug = call.parameters.find("plug");
  const auto target = plug == call.parameters.end() ? plugs.end() : plugs.find(plug->second);
  if (!fence_works) {
    outcome.exit_code = 1;
  } else if (target != plugs.end() && call.action == "off") {
    powered_off.insert(target->second);
    nodes_[target->second].up = false;
    nodes_[target->second].running.clear();
  } else if (target != plugs.end() && call.action == "status") {
    outcome.exit_code = powered_off.contains(target->second) ? 2 : 0;
  }
  finish(id, call.run, outcome);
}

void Pair::finish(NodeId id, std::uint64_t run, OpOutcome outcome) {
  events_.emplace_back(id, ExecReplied{RunEnded{run, std::move(outcome), ""}});
}

std::uint64_t Pair::ask(NodeId id, AdminRequest request) {
  request.author = "root@" + nodes_[id].core->view(now, {}).node_name;
  step(id, AdminAsked{++clients_, std::move(request)});
  run();
  return clients_;
}

AdminReply Pair::edit(NodeId id, std::vector<ConfigEdit> edits, const std::string& command) {
  AdminRequest request;
  request.command = command;
  request.body = std::move(edits);
  const auto client = ask(id, std::move(request));
  REQUIRE(nodes_[id].answers.contains(client));
  return nodes_[id].answers[client];
}

AdminReply Pair::act(NodeId id, ClusterAction action) {
  AdminRequest request;
  request.body = std::move(action);
  const auto client = ask(id, std::move(request));
  REQUIRE(nodes_[id].answers.contains(client));
  return nodes_[id].answers[client];
}

Primitive primitive(const ObjectId& id, Duration monitor) {
  Primitive result;
  result.id = id;
  result.agent = {"ocf", "heartbeat", "Dummy"};
  Operation operation;
  operation.action = "monitor";
  operation.interval = monitor;
  result.operations = {operation};
  return result;
}

void Pair::tutorial() {
  FenceDevice device;
  device.id = "vmfence";
  device.agent = "fence_xvm";
  device.parameters = {{"pcmk_host_map", "server1:vm1;server4:vm4"}};
  const auto reply = edit(
      n1,
      {CreateDevice{device}, CreateResource{primitive("VIP"), std::nullopt},
       CreateResource{primitive("haproxy"), std::nullopt}, GroupAdd{GroupPlace{"hagroup", {}, {}}, {"VIP", "haproxy"}}},
      "tutorial");
  REQUIRE_FALSE(reply.error);
  advance(1s);
}

std::optional<NodeId> Pair::runs_on(const ObjectId& resource) {
  std::optional<NodeId> where;
  for (auto& [id, node] : nodes_) {
    if (!node.running[resource]) continue;
    REQUIRE_FALSE(where);
    where = id;
  }
  return where;
}

}  // namespace duet::test
