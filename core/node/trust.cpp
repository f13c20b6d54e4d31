// SPDX-License-Identifier: Apache-2.0
// How far corosync and the peer's messages can be trusted: assumptions that are checked at each connection (A9, R5),
// and a peer that sends what cannot be understood (SEC-CPG 4).
#include <fmt/core.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/node/impl.hpp"

namespace duet {

/// Level-triggered: the configuration and who is here may change what is acceptable.
void NodeCore::Impl::judge_transport() {
  std::vector<Finding> found;
  if (!transport_.encrypted && cluster_options(effective_).require_encryption) {
    found.push_back({true, "corosync",
                     "Resource start-up disabled since corosync's messages are neither encrypted nor authenticated",
                     "set crypto_cipher: aes256 and crypto_hash: sha256 in corosync.conf of both nodes, or accept it: "
                     "duet property set require-encryption=false"});
  }
  // Without wait_for_all a node that boots with its links cut is quorate at once: it would fence the node that serves.
  const auto other = peer();
  const bool alone = other && !joined_with_peer_ && !state_.nodes[*other].evidence;
  if (!transport_.waits_for_all && alone) {
    found.push_back({true, "corosync",
                     fmt::format("Resource start-up disabled until {} has joined, since corosync has wait_for_all: 0",
                                 name_of(*other)),
                     fmt::format("remove wait_for_all: 0 from corosync.conf of both nodes; if {} is really off: duet "
                                 "stonith confirm {}",
                                 name_of(*other), name_of(*other))});
  }
  const auto same = [](const Finding& a, const Finding& b) { return a.text == b.text; };
  if (std::equal(found.begin(), found.end(), unsafe_.begin(), unsafe_.end(), same)) return;
  for (const Finding& finding : found) log(Level::error, finding.text + ": " + finding.fix);
  unsafe_ = std::move(found);
  plan_dirty_ = true;
  ++generation_;
}

void NodeCore::Impl::handle(const MessageRefused& event) {
  heard_[event.sender] = now_;  // it is there; what it says is another matter
  if (event.sender == identity_.id || blocked_.contains(event.sender)) return;
  auto& lately = refused_lately_[event.sender];
  std::erase_if(lately, [&](Instant at) { return now_ - at > limits::refused_window; });
  lately.push_back(now_);
  if (lately.size() >= limits::refused_messages) block(event.sender, event.why);
}

/// As if its process had left the group: what it runs it may still run, nothing is decided with it, and it is no cause
/// for fencing. A message that only one side could read has made the two states differ: it must join again.
void NodeCore::Impl::block(NodeId sender, const std::string& why) {
  log(Level::error, fmt::format("{} is blocked until its duetd is restarted: its messages cannot be understood: {}",
                                name_of(sender), why));
  refused_lately_.erase(sender);
  const bool member = view_members_.contains(sender);
  blocked_.insert_or_assign(sender, why);
  ++generation_;
  if (!member) return;
  ViewChanged without;
  without.ring = ring_;
  for (const NodeId node : view_members_) {
    if (node != sender) without.members.push_back(node);
  }
  without.left.push_back({sender, LeaveReason::process_down});
  change_view(without);
}

}  // namespace duet
