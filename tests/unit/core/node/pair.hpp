// SPDX-License-Identifier: Apache-2.0
// Two NodeCores joined by the simplest possible world: one agreed stream, disks that always work, agents that do what
// they are told. For tests of one rule each; everything that can go wrong is the simulator's business (tests/sim).
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/node/node_core.hpp"

namespace duet::test {

inline constexpr NodeId n1{1};
inline constexpr NodeId n4{4};

struct PairNode {
  std::unique_ptr<NodeCore> core;
  std::string boot;
  std::uint32_t starts = 0;
  bool up = false;
  StoreImage disk;  ///< what a restart finds
  std::vector<StoreRecord> written;
  std::map<ObjectId, bool> running;  ///< truth
  std::map<ObjectId, Attributes> started_with;
  std::map<std::string, std::int32_t> next_exit;  ///< "VIP stop" -> exit code of the next one
  std::set<std::string> hanging;                  ///< "VIP start": does not answer before let_go()
  std::optional<RunAgent> last_hanging;
  std::vector<std::string> operations;   ///< "start VIP", in order
  std::set<ObjectId> watched;            ///< by its duet-execd
  std::vector<std::string> fence_calls;  ///< "off vm4"
  int device_checks = 0;                 ///< monitors of fence devices that were begun
  std::map<std::uint64_t, AdminReply> answers;
  std::vector<std::string> log;
  std::optional<std::string> stopped;
  bool rebooted = false;
  bool disk_fails = false;
  bool disk_slow = false;  ///< writes are answered by flush_disk()
  std::vector<Persist> unanswered;
  int asked_to_write = 0;  ///< how often
};

class Pair {
 public:
  Pair();
  void boot(NodeId node, const std::string& boot);
  /// A new duetd in the same boot.
  void restart(NodeId node);
  /// The same, with what its duet-execd has kept.
  void restart(NodeId node, const ExecWelcome& welcome);
  /// Both nodes in one view, quorate.
  void meet();
  /// What corosync's configuration says at the next StreamOpened.
  Transport transport;
  /// `other` sees only itself from now on; the lost node gets nothing any more.
  void lose(NodeId lost, LeaveReason reason = LeaveReason::node_down);
  /// Both are without a view, and everything that was on its way is gone: a power cut of both.
  void separate();
  /// `node` sees only itself, and is quorate.
  void alone(NodeId node);
  void advance(Duration by, Duration in_steps_of = 100ms);
  void run();  ///< until nothing is on its way

  std::uint64_t ask(NodeId node, AdminRequest request);
  AdminReply edit(NodeId node, std::vector<ConfigEdit> edits, const std::string& command = "edit");
  AdminReply act(NodeId node, ClusterAction action);
  /// VIP and haproxy as group, a fence device that covers both.
  void tutorial();
  void flush_disk(NodeId node);
  /// The last operation that hung there goes on.
  void let_go(NodeId node);
  void step(NodeId node, const Event& event);

  PairNode& node(NodeId id) { return nodes_[id]; }
  const ClusterState& state(NodeId id) { return nodes_[id].core->state(); }
  /// The only node on which it runs; nullopt if on none. Fails the test if it runs on both.
  std::optional<NodeId> runs_on(const ObjectId& resource);
  bool fence_works = true;
  bool fence_is_slow = false;  ///< agents answer when answer_fencing() says so
  void answer_fencing();
  bool survivor_is_quorate = true;
  std::function<void(const StreamMessage&)> spy = [](const StreamMessage&) {};  ///< sees every multicast
  bool wire_cut = false;                                                        ///< multicasts are dropped
  std::map<std::string, NodeId> plugs{{"vm1", n1}, {"vm4", n4}};
  std::set<NodeId> powered_off;
  Instant now{1000s};

 private:
  void perform(NodeId node, const Command& command);
  void execute(NodeId node, const ExecRequest& request);
  void fence(NodeId node, const RunFenceAgent& call);
  void fence_now(NodeId node, const RunFenceAgent& call);
  void finish(NodeId node, std::uint64_t run, OpOutcome outcome);
  void reduce(PairNode& node, const StoreRecord& record);
  std::map<NodeId, PairNode> nodes_;
  std::deque<StreamMessage> stream_;
  std::vector<std::pair<NodeId, RunFenceAgent>> slow_fencing_;
  std::deque<std::pair<NodeId, Event>> events_;
  std::set<NodeId> view_;
  std::uint64_t ring_ = 0;
  std::uint64_t clients_ = 0;
};

/// A pair that runs the tutorial's group.
struct Serving : Pair {
  Serving() {
    meet();
    tutorial();
    active = *runs_on("VIP");
    other = active == n1 ? n4 : n1;
  }
  NodeId active;
  NodeId other;
};

Primitive primitive(const ObjectId& id, Duration monitor = 10s);

}  // namespace duet::test
