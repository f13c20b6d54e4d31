// SPDX-License-Identifier: Apache-2.0
// S3a-d: what was acknowledged is on the disks that must have it, is never lost, and there is one chain only. "Durable"
// comes from the disks (commit_durable), never from what the core believes.
#include <fmt/format.h>

#include <tuple>

#include "tests/checker/checkers.hpp"

namespace duet::checker {

namespace {

using Position = std::pair<std::uint64_t, std::uint64_t>;

Position position(const TraceEvent& event) {
  return {number(event, "epoch"), number(event, "index")};
}

/// The chains on the disks, by what became durable.
class Disks {
 public:
  void on(const TraceEvent& event) {
    if (event.kind != TraceKind::commit_durable) return;
    if (event.get("step") == "entry") {
      const std::string hash{event.get("hash")};
      entries_[event.node][position(event)] = hash;
      previous_[hash] = std::string{event.get("previous_hash")};
    } else if (event.get("step") == "committed") {
      committed_[event.node] = position(event);
    } else if (event.get("step") == "abandon") {
      auto& mine = entries_[event.node];
      mine.erase(mine.upper_bound(position(event)), mine.end());
    }
  }
  [[nodiscard]] std::string hash_at(NodeNumber node, const Position& at) const {
    const auto mine = entries_.find(node);
    if (mine == entries_.end()) return {};
    const auto found = mine->second.find(at);
    return found == mine->second.end() ? std::string{} : found->second;
  }
  [[nodiscard]] bool is_ancestor(const std::string& old, std::string newer) const {
    for (int i = 0; i < 100000; ++i) {
      if (newer == old) return true;
      const auto found = previous_.find(newer);
      if (found == previous_.end() || found->second == newer) return false;
      newer = found->second;
    }
    return false;
  }
  [[nodiscard]] Position committed(NodeNumber node) const {
    const auto found = committed_.find(node);
    return found == committed_.end() ? Position{} : found->second;
  }

 private:
  std::map<NodeNumber, std::map<Position, std::string>> entries_;
  std::map<NodeNumber, Position> committed_;
  std::map<std::string, std::string> previous_;
};

/// An answer "done" to a change of the configuration. Other requests are answered with its position, too.
bool is_acknowledgement(const TraceEvent& event) {
  const bool change = event.get("what") == "edit" && event.text.contains("index");
  return change && event.kind == TraceKind::admin_resp && event.get("result") == "ok";
}

class Acknowledged final : public Checker {
 public:
  Acknowledged(const ClusterModel& model, bool in_doubt)
      : Checker{in_doubt ? "S3b" : "S3a"}, model_{model}, in_doubt_{in_doubt} {}

  void on(Duration now, const TraceEvent& event) override {
    disks_.on(event);
    if (!is_acknowledgement(event)) return;
    const Position at = position(event);
    const std::string own = disks_.hash_at(event.node, at);
    if (!in_doubt_) evaluated();
    if (own.empty() && !in_doubt_) {
      return violated(
          now, fmt::format("n{} acknowledges {}.{} that is not on its own disk", event.node, at.first, at.second));
    }
    for (const auto& [other, node] : model_.nodes()) {
      if (other == event.node || own.empty()) continue;
      if (in_doubt_) evaluated();
      if (disks_.hash_at(other, at) == own || peer_is_down(event.node, other)) continue;
      const bool in_view = model_.node(event.node).joined.contains(other);
      if (in_view == in_doubt_) continue;  // the other of the two checkers speaks
      violated(now, fmt::format("n{} acknowledges {}.{} alone; n{} {}", event.node, at.first, at.second, other,
                                in_view ? "is joined and has it not on its disk" : "is not joined and not excluded"));
    }
  }

 private:
  /// Every boot of it that ever joined is excluded by evidence that `holder` has on its disk.
  [[nodiscard]] bool peer_is_down(NodeNumber holder, NodeNumber other) const {
    for (const std::string& boot : model_.recorded(holder, other)) {
      if (!model_.proved(holder, other, boot)) return false;
    }
    return true;
  }
  const ClusterModel& model_;
  bool in_doubt_;
  Disks disks_;
};

class Monotonic final : public Checker {
 public:
  Monotonic() : Checker{"S3c"} {}

  void on(Duration now, const TraceEvent& event) override {
    const Position before = disks_.committed(event.node);
    disks_.on(event);
    if (event.kind == TraceKind::store_load) {
      evaluated();
      if (position(event) < before) {
        violated(now, fmt::format("n{} loads {}.{}, but {}.{} was committed there", event.node, position(event).first,
                                  position(event).second, before.first, before.second));
      }
    }
    if (event.kind == TraceKind::commit_durable && event.get("step") == "committed") {
      evaluated();
      const Position at = position(event);
      if (at < before)
        violated(now, fmt::format("n{} goes back from {}.{} to {}.{}", event.node, before.first, before.second,
                                  at.first, at.second));
      const std::string hash = disks_.hash_at(event.node, at);
      if (!acknowledged_.empty() && at >= acknowledged_at_ && !hash.empty() &&
          !disks_.is_ancestor(acknowledged_, hash)) {
        violated(now, fmt::format("n{} commits {}.{}, which does not contain the acknowledged {}.{}", event.node,
                                  at.first, at.second, acknowledged_at_.first, acknowledged_at_.second));
      }
    }
    if (is_acknowledgement(event)) acknowledge(now, event);
  }

 private:
  void acknowledge(Duration now, const TraceEvent& event) {
    const std::string hash = disks_.hash_at(event.node, position(event));
    if (hash.empty()) return;  // S3a speaks
    const bool newer = acknowledged_.empty() || position(event) > acknowledged_at_;
    const bool related =
        acknowledged_.empty() || disks_.is_ancestor(acknowledged_, hash) || disks_.is_ancestor(hash, acknowledged_);
    if (!related) {
      violated(now, fmt::format("acknowledged {}.{} and {}.{} are not on one chain", position(event).first,
                                position(event).second, acknowledged_at_.first, acknowledged_at_.second));
    }
    if (!newer) return;
    acknowledged_ = hash;
    acknowledged_at_ = position(event);
  }
  Disks disks_;
  std::string acknowledged_;  ///< hash of the newest acknowledged commit
  Position acknowledged_at_;
};

/// With truthful administrators and whole disks, two committed entries never share an index.
class Fork final : public Checker {
 public:
  Fork() : Checker{"S3d"} {}

  void on(Duration now, const TraceEvent& event) override {
    disks_.on(event);
    if (event.kind != TraceKind::commit_durable || event.get("step") != "committed") return;
    evaluated();
    const std::string hash = disks_.hash_at(event.node, position(event));
    if (hash.empty()) return;
    const auto [known, added] = committed_.emplace(position(event).second, hash);
    if (!added && known->second != hash) {
      violated(now, fmt::format("two committed entries at index {}: a fork without E6 and without loss of a disk",
                                position(event).second));
    }
  }

 private:
  Disks disks_;
  std::map<std::uint64_t, std::string> committed_;  ///< index -> hash
};

}  // namespace

void add_commit_checkers(Checkers& all, const ClusterModel& model) {
  all.push_back(std::make_unique<Acknowledged>(model, false));
  all.push_back(std::make_unique<Acknowledged>(model, true));
  all.push_back(std::make_unique<Monotonic>());
  all.push_back(std::make_unique<Fork>());
}

}  // namespace duet::checker
