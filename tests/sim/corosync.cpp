// SPDX-License-Identifier: Apache-2.0
// Rings, order and views of the simulated corosync.
#include "tests/sim/corosync.hpp"

#include <algorithm>
#include <utility>

namespace duet::sim {

namespace {
constexpr std::size_t queue_limit = 64;  // messages that corosync accepts before it says "try again"
}  // namespace

SimCorosync::SimCorosync(Scheduler& scheduler, const Plan& plan)
    : scheduler_{scheduler}, plan_{plan}, rng_{plan.seed, "corosync"} {}

// ---- processes ------------------------------------------------------------------------------------------------------

void SimCorosync::start(int node) {
  Member& m = member(node);
  const std::uint64_t instance = m.instance + 1;
  m = Member{};
  m.running = true;
  m.instance = instance;
  m.ring = ++ring_counter_;
  topology_changed();
}

void SimCorosync::kill(int node) {
  Member& m = member(node);
  if (!m.running) return;
  CorosyncClient* client = std::exchange(m.client, nullptr);
  m.running = false;
  m.attached = m.joined = false;
  m.queue.clear();
  m.missing.clear();
  topology_changed();
  if (client != nullptr) client->cpg_lost();
}

void SimCorosync::stop(int node) {
  const int other = 1 - node;
  const bool announced = member(node).running && same_ring() && reachable();
  kill(node);
  if (announced) split(other, LeaveReason::leave);
}

void SimCorosync::pause(int node, bool paused) {
  Member& m = member(node);
  m.paused = paused;
  if (!paused) {
    for (const auto& [ring, item] : std::exchange(m.buffered, {})) arrive(node, m.instance, ring, item);
  }
  topology_changed();
}

bool SimCorosync::attach(int node, CorosyncClient& client) {
  Member& m = member(node);
  if (!m.running || m.client != nullptr) return false;
  m.client = &client;
  m.attached = true;
  m.joined = false;
  ++m.client_number;
  m.queue.push_back(Item{ItemKind::join, node, nullptr, m.client_number});
  plan_visit(node);
  tell_quorum(node);
  return true;
}

void SimCorosync::detach(int node, Goodbye how) {
  Member& m = member(node);
  if (!m.running || m.client == nullptr) return;
  m.client = nullptr;
  m.attached = m.joined = false;
  m.queue.push_back(Item{how == Goodbye::leave ? ItemKind::leave : ItemKind::crash, node, nullptr, 0});
  plan_visit(node);
}

void SimCorosync::break_handle(int node) {
  CorosyncClient* client = member(node).client;
  detach(node, Goodbye::crash);
  if (client != nullptr) client->cpg_lost();
}

bool SimCorosync::send(int node, const StreamMessage& message) {
  Member& m = member(node);
  if (!m.running || m.client == nullptr) return true;  // the handle is gone: nothing to wait for
  if (m.queue.size() >= queue_limit || scheduler_.now() < m.sync_until) return false;
  m.queue.push_back(Item{ItemKind::message, node, std::make_shared<const StreamMessage>(message), 0});
  plan_visit(node);
  return true;
}

void SimCorosync::set_path(int from, bool open) {
  path_[static_cast<std::size_t>(from)] = open;
  topology_changed();
}

// ---- rings ----------------------------------------------------------------------------------------------------------

bool SimCorosync::reachable() const {
  return path_[0] && path_[1] && members_[0].running && members_[1].running && !members_[0].paused &&
         !members_[1].paused;
}

bool SimCorosync::same_ring() const {
  const auto& [a, b] = members_;
  return a.running && b.running && a.both && b.both && a.ring == b.ring && a.peer_instance == b.instance &&
         b.peer_instance == a.instance;
}

bool SimCorosync::in_order(int node) const {
  const Member& m = member(node);
  if (!m.running || m.paused) return false;
  return !m.both || (same_ring() && reachable());
}

void SimCorosync::topology_changed() {
  if (reachable() && !same_ring()) plan_merge();
  for (int node = 0; node < 2; ++node) {
    Member& m = member(node);
    if (!m.running || m.paused || !m.both) {
      m.loss_watch = 0;
    } else if (in_order(node)) {
      m.loss_watch = 0;
      for (Item& item : std::exchange(m.missing, {})) deliver(node, item);  // retransmitted
      plan_visit(node);
    } else if (m.loss_watch == 0) {
      watch_loss(node);
    }
  }
}

/// No token for `token`, then consensus among those who are left: corosync's detection time (A4).
void SimCorosync::watch_loss(int node) {
  Member& m = member(node);
  const std::uint64_t watch = m.loss_watch = ++watch_counter_;
  const Duration skew = node == 1 ? plan_.ms("detect_skew_ms") : 0ms;
  const Duration token = std::max(Duration{0}, plan_.ms("token_ms") - rng_.between(0ms, 20ms));
  scheduler_.after(token + plan_.ms("consensus_ms") + rng_.between(0ms, 80ms) + skew, [this, node, watch] {
    if (member(node).loss_watch == watch && !in_order(node)) split(node, LeaveReason::node_down);
  });
}

void SimCorosync::plan_merge() {
  if (merge_planned_) return;
  merge_planned_ = true;
  scheduler_.after(rng_.between(30ms, 700ms), [this] {
    merge_planned_ = false;
    if (reachable() && !same_ring()) merge();
  });
}

/// `node` goes on in a ring of its own. What was on its way to it from the other is lost for it.
void SimCorosync::split(int node, LeaveReason reason) {
  Member& m = member(node);
  const int other = 1 - node;
  m.loss_watch = 0;
  m.missing.clear();
  m.both = false;
  m.ring = ++ring_counter_;
  m.sync_until = scheduler_.now() + rng_.between(1ms, 50ms);
  const bool had = std::exchange(m.group[static_cast<std::size_t>(other)], false);
  if (had) tell_view(node, {{id(other), reason}}, {});
  tell_quorum(node);
  plan_visit(node);
}

/// Both form one ring. Who still has an older ring with the other in it hears of the departure first.
void SimCorosync::merge() {
  std::array<bool, 2> combined{};
  for (int node = 0; node < 2; ++node) {
    Member& m = member(node);
    const bool other_is_in = member(1 - node).joined;
    const bool stale = m.both && m.group[static_cast<std::size_t>(1 - node)];
    combined[static_cast<std::size_t>(node)] =
        stale && other_is_in && plan_.option("merge_left_joined") != 0 && rng_.chance(1, 2);
    if (m.both && !combined[static_cast<std::size_t>(node)]) split(node, LeaveReason::node_down);
  }
  const std::uint64_t ring = ++ring_counter_;
  for (int node = 0; node < 2; ++node) {
    const int other = 1 - node;
    Member& m = member(node);
    m.ring = ring;
    m.both = true;
    m.loss_watch = 0;
    m.missing.clear();
    m.peer_instance = member(other).instance;
    m.seen_all = true;
    m.sync_until = scheduler_.now() + rng_.between(1ms, 50ms);
    const bool other_is_in = member(other).joined;
    m.group[static_cast<std::size_t>(other)] = other_is_in;
    std::vector<ViewChanged::Left> left;
    if (combined[static_cast<std::size_t>(node)]) left.push_back({id(other), LeaveReason::node_down});
    std::vector<NodeId> joined;
    if (other_is_in) joined.push_back(id(other));
    if (!left.empty() || !joined.empty()) tell_view(node, std::move(left), std::move(joined));
    tell_quorum(node);
    plan_visit(node);
  }
}

// ---- order and delivery ---------------------------------------------------------------------------------------------

void SimCorosync::plan_visit(int node) {
  Member& m = member(node);
  if (m.visit_planned || !m.running || m.queue.empty()) return;
  m.visit_planned = true;
  const Duration wait = std::max(Duration{0}, m.sync_until - scheduler_.now());
  scheduler_.after(wait + rng_.between(20us, 300us), [this, node, instance = m.instance] {
    if (member(node).instance == instance) visit(node);
  });
}

/// The token is here: everything that waits gets its place in the order.
void SimCorosync::visit(int node) {
  Member& m = member(node);
  m.visit_planned = false;
  if (!in_order(node)) return;  // planned again when the ring is whole, or re-formed
  if (scheduler_.now() < m.sync_until) return plan_visit(node);
  for (const Item& item : std::exchange(m.queue, {})) {
    order(node, item);
    const bool twice = scheduler_.now() < duplicate_until_ || (plan_.option("duplicates") != 0 && rng_.chance(1, 20));
    if (item.kind == ItemKind::message && !item.again && twice) repeat(node, item);
  }
}

/// F10: the same message a second time, to both alike, at once or much later; perhaps in another ring by then.
void SimCorosync::repeat(int node, const Item& item) {
  const Member& m = member(node);
  Item copy = item;
  copy.again = true;
  scheduler_.after(rng_.chance(1, 2) ? rng_.between(0us, 50ms) : rng_.between(50ms, 10s),
                   [this, node, copy, instance = m.instance, client = m.client_number] {
                     Member& now = member(node);
                     if (!now.running || now.instance != instance || now.client_number != client) return;
                     if (now.client == nullptr) return;
                     now.queue.push_back(copy);
                     plan_visit(node);
                   });
}

void SimCorosync::order(int ring_owner, const Item& item) {
  for (int node = 0; node < 2; ++node) {
    Member& m = member(node);
    if (!m.running || m.ring != member(ring_owner).ring) continue;
    const Duration net = std::chrono::microseconds{plan_.option("net_us")};
    const Duration way = node == item.from ? rng_.between(10us, 100us) : net / 2 + rng_.between(0us, net);
    m.arrival = std::max(m.arrival + 1us, scheduler_.now() + way);
    scheduler_.at(m.arrival,
                  [this, node, instance = m.instance, ring = m.ring, item] { arrive(node, instance, ring, item); });
  }
}

void SimCorosync::arrive(int node, std::uint64_t instance, std::uint64_t ring, const Item& item) {
  Member& m = member(node);
  if (!m.running || m.instance != instance) return;
  if (m.ring != ring) {  // who is in the group is exchanged anew in the new ring
    if (item.from != node || item.kind == ItemKind::message) return;
    m.queue.push_front(item);
    return plan_visit(node);
  }
  if (m.paused) {
    m.buffered.emplace_back(ring, item);
    return;
  }
  const bool cut = item.from != node && !path_[static_cast<std::size_t>(item.from)];
  if (cut || !m.missing.empty()) {
    m.missing.push_back(item);
  } else {
    deliver(node, item);
  }
}

void SimCorosync::deliver(int node, const Item& item) {
  Member& m = member(node);
  const auto from = static_cast<std::size_t>(item.from);
  switch (item.kind) {
    case ItemKind::message:
      if (m.joined && m.client != nullptr) m.client->cpg_event(Delivered{*item.message}, rng_.between(5us, 60us));
      return;
    case ItemKind::join:
      m.group[from] = true;
      if (item.from == node && m.attached && item.client == m.client_number) m.joined = true;
      tell_view(node, {}, {id(item.from)});
      return;
    case ItemKind::leave:
    case ItemKind::crash:
      if (!m.group[from]) return;
      m.group[from] = false;
      const auto reason = item.kind == ItemKind::leave ? LeaveReason::leave : LeaveReason::process_down;
      tell_view(node, {{id(item.from), reason}}, {});
      return;
  }
}

void SimCorosync::tell_view(int node, std::vector<ViewChanged::Left> left, std::vector<NodeId> joined) {
  Member& m = member(node);
  if (m.client == nullptr || !m.joined) return;
  ViewChanged view;
  view.ring = m.ring;
  for (int each = 0; each < 2; ++each) {
    if (m.group[static_cast<std::size_t>(each)]) view.members.push_back(id(each));
  }
  view.left = std::move(left);
  view.joined = std::move(joined);
  m.client->cpg_event(std::move(view), rng_.between(5us, 10ms));
}

void SimCorosync::tell_quorum(int node) {
  Member& m = member(node);
  if (m.client == nullptr) return;
  QuorumChanged quorum;
  quorum.quorate = m.seen_all;
  quorum.waiting_for_all = !m.seen_all;
  quorum.members.push_back(id(node));
  if (m.both) quorum.members.push_back(id(1 - node));
  std::sort(quorum.members.begin(), quorum.members.end());
  m.client->quorum_event(std::move(quorum), rng_.between(5us, 30ms));
}

}  // namespace duet::sim
