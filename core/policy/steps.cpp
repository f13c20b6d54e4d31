// SPDX-License-Identifier: Apache-2.0
// Orders between steps. Nothing is remembered from the plan before: what is pending is in the state.
#include "core/policy/steps.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/policy/recovery.hpp"

namespace duet::policy {

namespace {

class Stepper {
 public:
  Stepper(const Picture& picture, const std::vector<Placed>& placed)
      : picture_{picture}, placed_{placed}, needs_{find_needs(picture, placed)} {}

  std::vector<PlannedOp> run() {
    find_beyond();
    for (std::size_t i = 0; i < picture_.resources.size(); ++i) probes(i);
    for (auto it = picture_.start_order.rbegin(); it != picture_.start_order.rend(); ++it) stops(*it);
    for (const std::size_t i : picture_.start_order) starts(i);
    serialize();
    return std::move(steps_);
  }

 private:
  [[nodiscard]] std::size_t nodes() const { return picture_.nodes.size(); }
  [[nodiscard]] const Resource& resource(std::size_t i) const { return picture_.resources[i]; }

  void add(std::size_t i, std::size_t n, Action action, Why why, std::vector<Why> waits) {
    PlannedOp step;
    step.resource = resource(i).id();
    step.node = picture_.nodes[n].id;
    step.action = action;
    step.ready = waits.empty();
    step.why = std::move(why);
    step.waits_for = std::move(waits);
    steps_.push_back(std::move(step));
    owners_.push_back(i);
  }

  void probes(std::size_t i) {
    for (std::size_t n = 0; n < nodes(); ++n) {
      const NodeInfo& node = picture_.nodes[n];
      if (!picture_.unknown(resource(i), n) || resource(i).on[n]->pending || node.fenced_soon) continue;
      add(i, n, Action::probe, {"probe", fmt::format("it is not known what runs on {}", node.name)}, {});
    }
  }

  /// Running, or about to be, or about to be no more, or nobody knows: not surely down.
  [[nodiscard]] bool up(std::size_t i, std::size_t n) const {
    const auto& pending = resource(i).on[n]->pending;
    const bool moving = pending && (pending->action == Action::start || pending->action == Action::stop);
    return picture_.to_stop(resource(i), n) || picture_.unknown(resource(i), n) || (picture_.nodes[n].live && moving);
  }

  struct Spot {
    std::size_t resource = 0;
    std::size_t node = 0;
  };

  /// For each resource and node: something that comes after it, over others that are down, and is up. From the end, so
  /// that each edge is looked at once.
  void find_beyond() {
    beyond_.assign(picture_.resources.size(), std::vector<std::optional<Spot>>(nodes()));
    for (auto it = picture_.start_order.rbegin(); it != picture_.start_order.rend(); ++it) {
      for (const std::size_t index : resource(*it).after) {
        const OrderEdge& edge = picture_.orders[index];
        if (!binds(edge) || edge.kind != OrderKind::mandatory) continue;
        for (std::size_t n = 0; n < nodes(); ++n) {
          for (std::size_t m = 0; m < nodes(); ++m) {
            if (beyond_[*it][n] || (edge.group && m != n)) continue;
            beyond_[*it][n] = up(edge.then, m) ? std::optional{Spot{edge.then, m}} : beyond_[edge.then][m];
          }
        }
      }
    }
  }

  [[nodiscard]] static bool binds(const OrderEdge& edge) {
    return edge.first_action == OrderAction::start && edge.then_action == OrderAction::start && edge.symmetrical &&
           edge.kind != OrderKind::serialize;
  }

  [[nodiscard]] bool stopping(std::size_t i) const {
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (needs_[i].stop[n]) return true;
      const auto& pending = resource(i).on[n]->pending;
      if (picture_.nodes[n].live && pending && pending->action == Action::stop) return true;
    }
    return false;
  }
  [[nodiscard]] bool starting(std::size_t i) const {
    if (needs_[i].comes) return true;
    for (std::size_t n = 0; n < nodes(); ++n) {
      const auto& pending = resource(i).on[n]->pending;
      if (picture_.nodes[n].live && pending && pending->action == Action::start) return true;
    }
    return false;
  }

  /// Dependants that must be down before `i` goes down on node `n` (or, with `coming`, before it comes up there).
  void wait_for_dependants(std::size_t i, std::size_t n, bool coming, std::vector<Why>& waits) const {
    for (const std::size_t index : resource(i).after) {
      const OrderEdge& edge = picture_.orders[index];
      if (!binds(edge)) continue;
      for (std::size_t m = 0; m < nodes(); ++m) {
        if (edge.group && m != n) continue;
        std::optional<Spot> spot;
        if (up(edge.then, m)) {
          spot = Spot{edge.then, m};
        } else if (edge.kind == OrderKind::mandatory) {
          spot = beyond_[edge.then][m];
        }
        if (!spot || ((coming || edge.kind == OrderKind::optional) && !stopping(spot->resource))) continue;
        const Resource& waited = resource(spot->resource);
        const bool held = picture_.hands_off(waited, spot->node) || waited.blocked;
        if (coming && held) continue;
        waits.push_back({edge.group ? "group" : "order",
                         fmt::format("{} must be stopped on {} first{}", waited.id(), picture_.nodes[spot->node].name,
                                     held ? ", and it is not managed or blocked" : "")});
      }
    }
  }

  void stops(std::size_t i) {
    std::vector<std::vector<Why>> waits(nodes());
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (needs_[i].stop[n]) waits[n] = stop_waits(i, n);
    }
    if (needs_[i].all_at_once) {
      const bool held = std::any_of(waits.begin(), waits.end(), [](const auto& list) { return !list.empty(); });
      for (std::size_t n = 0; n < nodes(); ++n) {
        if (!held || !needs_[i].stop[n] || !waits[n].empty()) continue;
        waits[n].push_back({"multiple_active", "all copies are stopped together"});
      }
    }
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (!needs_[i].stop[n] || resource(i).on[n]->pending) continue;
      add(i, n, Action::stop, *needs_[i].stop[n], std::move(waits[n]));
    }
  }

  [[nodiscard]] std::vector<Why> stop_waits(std::size_t i, std::size_t n) const {
    std::vector<Why> waits;
    const NodeInfo& node = picture_.nodes[n];
    if (!node.joined) waits.push_back({"node_joining", fmt::format("{} has not joined yet", node.name)});
    if (!resource(i).on[n]->probed) {
      waits.push_back({"probe", fmt::format("it has not been probed on {} yet", node.name)});
    }
    wait_for_dependants(i, n, false, waits);
    for (const std::size_t index : resource(i).before) {
      const OrderEdge& edge = picture_.orders[index];
      const bool mixed = edge.first_action == OrderAction::start && edge.then_action == OrderAction::stop;
      const bool both_stop = edge.first_action == OrderAction::stop && edge.then_action == OrderAction::stop;
      if (edge.kind == OrderKind::serialize) continue;
      if (mixed && starting(edge.first)) {
        waits.push_back({"order", fmt::format("{} must be started first", resource(edge.first).id())});
      }
      if (both_stop && stopping(edge.first)) {
        waits.push_back({"order", fmt::format("{} must be stopped first", resource(edge.first).id())});
      }
    }
    return waits;
  }

  void starts(std::size_t i) {
    const Need& need = needs_[i];
    if (!need.starts) return;
    const std::size_t n = *placed_[i].node;
    if (resource(i).on[n]->pending) return;
    std::vector<Why> waits = need.start_waits;
    for (const std::size_t index : resource(i).before) wait_for_first(picture_.orders[index], n, waits);
    wait_for_dependants(i, n, true, waits);
    add(i, n, Action::start, need.start_why, std::move(waits));
  }

  void wait_for_first(const OrderEdge& edge, std::size_t n, std::vector<Why>& waits) const {
    const std::string& id = resource(edge.first).id();
    const char* rule = edge.group ? "group" : "order";
    if (edge.kind == OrderKind::serialize || edge.then_action == OrderAction::stop) return;
    if (edge.first_action == OrderAction::stop) {
      if (stopping(edge.first)) waits.push_back({rule, fmt::format("{} must be stopped first", id)});
      return;
    }
    if (edge.kind == OrderKind::optional) {
      if (starting(edge.first) || stopping(edge.first)) {
        waits.push_back({rule, fmt::format("{} is started first", id)});
      }
      return;
    }
    const auto place = placed_[edge.first].node;
    if (needs_[edge.first].founded && (!edge.group || place == n)) return;
    const bool runs = place && picture_.healthy(resource(edge.first), *place) && !needs_[edge.first].stop[*place];
    waits.push_back({rule, runs && !(edge.group && place != n) ? fmt::format("what comes before {} must run first", id)
                                                               : fmt::format("{} must run first", id)});
  }

  /// "Never at the same time": of two ready steps the later one waits, and both wait for what is under way.
  void serialize() {
    for (const OrderEdge& edge : picture_.orders) {
      if (edge.kind != OrderKind::serialize) continue;
      hold_back(edge.first, edge.then);
      hold_back(edge.then, edge.first);
      std::optional<std::size_t> chosen;
      for (std::size_t s = 0; s < steps_.size(); ++s) {
        const bool concerned = owners_[s] == edge.first || owners_[s] == edge.then;
        if (!concerned || !steps_[s].ready || steps_[s].action == Action::probe) continue;
        if (!chosen) chosen = owners_[s];
        if (owners_[s] != *chosen) wait(steps_[s], resource(*chosen).id());
      }
    }
  }
  void hold_back(std::size_t i, std::size_t other) {
    for (std::size_t n = 0; n < nodes(); ++n) {
      const auto& pending = resource(other).on[n]->pending;
      if (!pending || pending->action == Action::probe) continue;
      for (std::size_t s = 0; s < steps_.size(); ++s) {
        if (owners_[s] == i && steps_[s].action != Action::probe) wait(steps_[s], resource(other).id());
      }
    }
  }
  static void wait(PlannedOp& step, const std::string& other) {
    step.ready = false;
    step.waits_for.push_back({"serialize", fmt::format("{} is busy: never at the same time", other)});
  }

  const Picture& picture_;
  const std::vector<Placed>& placed_;
  std::vector<Need> needs_;
  std::vector<PlannedOp> steps_;
  std::vector<std::size_t> owners_;
  std::vector<std::vector<std::optional<Spot>>> beyond_;
};

}  // namespace

std::vector<PlannedOp> plan_operations(const Picture& picture, const std::vector<Placed>& placed) {
  return Stepper{picture, placed}.run();
}

}  // namespace duet::policy
