// SPDX-License-Identifier: Apache-2.0
// corosync of both nodes with its real rules (A1-A12): rings, detection by token and consensus, agreed delivery inside
// a ring, group membership, quorum with two_node and wait_for_all.
//
// What is modelled on purpose:
//  - a message that its sender got delivered need not have reached the other (A1): delivery to each member has its own
//    latency, and what is on the way when the link breaks is missing there;
//  - while a ring has lost a member and is not re-formed, nothing is ordered: what the process sends meanwhile is
//    accepted by its corosync and ordered in the NEXT ring, though its envelope names the old one;
//  - a paused node wakes up in its old ring, and is told some 100 ms later that the others left (A6);
//  - group changes and quorum come over two connections with independent delays.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "core/node/events.hpp"
#include "tests/sim/plan.hpp"
#include "tests/sim/rng.hpp"
#include "tests/sim/scheduler.hpp"

namespace duet::sim {

/// The process (duetd) that is connected to the corosync of its node.
class CorosyncClient {
 public:
  virtual ~CorosyncClient() = default;
  virtual void cpg_event(Event event, Duration delay) = 0;  ///< in order of the calls, after at least `delay`
  virtual void quorum_event(QuorumChanged event, Duration delay) = 0;  ///< in order among themselves only
  virtual void cpg_lost() = 0;                                         ///< the handle is broken: try again later
};

class SimCorosync {
 public:
  SimCorosync(Scheduler& scheduler, const Plan& plan);

  // -- of the node's processes; `node` is 0 or 1 for n1 and n2
  void start(int node);  ///< corosync begins in a ring of its own
  void kill(int node);   ///< no word to the peer; the client loses its handle
  void stop(int node);   ///< announced to the peer at once: leave
  void pause(int node, bool paused);
  [[nodiscard]] bool running(int node) const { return member(node).running; }

  /// cpg_join: false if corosync does not run.
  bool attach(int node, CorosyncClient& client);
  enum class Goodbye { leave, crash };
  void detach(int node, Goodbye how);
  /// The handle breaks though both live (A7): the peer sees process_down.
  void break_handle(int node);
  /// False: try again (flow control, or the ring is being synchronised).
  bool send(int node, const StreamMessage& message);

  // -- of the network: may what `from` sends reach the other?
  void set_path(int from, bool open);
  /// Until then every message comes twice.
  void duplicate_until(Duration end) { duplicate_until_ = end; }
  [[nodiscard]] bool path(int from) const { return path_[static_cast<std::size_t>(from)]; }

 private:
  enum class ItemKind : std::uint8_t { message, join, leave, crash };
  struct Item {
    ItemKind kind = ItemKind::message;
    int from = 0;
    std::shared_ptr<const StreamMessage> message;
    std::uint64_t client = 0;  ///< which connection of `from` joins
    bool again = false;        ///< a repetition is not repeated
  };
  struct Member {
    bool running = false;
    bool paused = false;
    std::uint64_t instance = 0;  ///< counts the starts of corosync
    std::uint64_t ring = 0;
    bool both = false;                ///< its ring holds the other node too
    std::uint64_t peer_instance = 0;  ///< which corosync of the other
    bool seen_all = false;            ///< wait_for_all is satisfied
    std::array<bool, 2> group{};      ///< processes in the group, as this corosync knows it
    CorosyncClient* client = nullptr;
    std::uint64_t client_number = 0;  ///< counts the connections
    bool joined = false;              ///< the client has been told of its own join
    bool attached = false;
    std::deque<Item> queue;                               ///< accepted, not ordered yet
    std::deque<Item> missing;                             ///< ordered, on the way when the link broke
    std::deque<std::pair<std::uint64_t, Item>> buffered;  ///< (ring, item) that came while the node was paused
    Duration arrival{0};                                  ///< of the newest ordered item: arrivals keep their order
    Duration sync_until{0};
    bool visit_planned = false;
    std::uint64_t loss_watch = 0;  ///< generation of the running loss detection; 0 = none
  };

  [[nodiscard]] Member& member(int node) { return members_[static_cast<std::size_t>(node)]; }
  [[nodiscard]] const Member& member(int node) const { return members_[static_cast<std::size_t>(node)]; }
  [[nodiscard]] bool reachable() const;         ///< both run, are awake, and hear each other
  [[nodiscard]] bool same_ring() const;         ///< both are in one ring of their present instances
  [[nodiscard]] bool in_order(int node) const;  ///< the token of its ring can go round
  void topology_changed();
  void watch_loss(int node);
  void plan_merge();
  void split(int node, LeaveReason reason);
  void merge();
  void plan_visit(int node);
  void visit(int node);
  void order(int ring_owner, const Item& item);
  void repeat(int node, const Item& item);
  void arrive(int node, std::uint64_t instance, std::uint64_t ring, const Item& item);
  void deliver(int node, const Item& item);
  void tell_view(int node, std::vector<ViewChanged::Left> left, std::vector<NodeId> joined);
  void tell_quorum(int node);
  static NodeId id(int node) { return NodeId{static_cast<std::uint32_t>(node + 1)}; }

  Scheduler& scheduler_;
  const Plan& plan_;
  Rng rng_;
  std::array<Member, 2> members_;
  std::array<bool, 2> path_{true, true};
  std::uint64_t ring_counter_ = 0;
  std::uint64_t watch_counter_ = 0;
  bool merge_planned_ = false;
  Duration duplicate_until_{-1};
};

}  // namespace duet::sim
