// SPDX-License-Identifier: Apache-2.0
// One walk in start order: when a resource is looked at, what it depends on has been decided.
#include "core/policy/recovery.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/policy/starting.hpp"
#include "core/policy/trouble.hpp"

namespace duet::policy {

namespace {

bool pending_is(const ResourceOnNode& place, Action action) {
  return place.pending && place.pending->action == action;
}

class Finder {
 public:
  Finder(const Picture& picture, const std::vector<Placed>& placed)
      : picture_{picture}, placed_{placed}, needs_(picture.resources.size()) {}

  std::vector<Need> run() {
    for (const std::size_t i : picture_.start_order) {
      needs_[i].stop.resize(nodes());
      own_stops(i);
      stops_by_order(i);
      start(i);
      needs_[i].founded = is_founded(i);
    }
    return std::move(needs_);
  }

 private:
  [[nodiscard]] std::size_t nodes() const { return picture_.nodes.size(); }
  [[nodiscard]] const Resource& resource(std::size_t i) const { return picture_.resources[i]; }

  /// Stops there are ours to order. On a node that will be fenced they are implied, and never attempted.
  [[nodiscard]] bool ours(std::size_t i, std::size_t n) const {
    return !picture_.hands_off(resource(i), n) && !resource(i).blocked && !picture_.nodes[n].fenced_soon;
  }

  [[nodiscard]] Why failure_why(std::size_t i, std::size_t n) const {
    const ResourceOnNode& place = *resource(i).on[n];
    const std::string& name = picture_.nodes[n].name;
    // A failure makes it failed or stopped: what runs and is to be stopped all the same was changed.
    if (place.activity == Activity::running) return {"changed", "its parameters were changed"};
    if (place.failures.empty()) return {"recover", fmt::format("it must be restarted on {}", name)};
    return {"recover", fmt::format("{} on {}", describe(place.failures.back()), name)};
  }

  /// Why a copy is in the wrong place: the reason against this node if there is one, else the one for the other.
  [[nodiscard]] Why misplaced_why(std::size_t i, std::size_t n) const {
    const Placed& place = placed_[i];
    if (!place.node) return place.why;
    const NodeVerdict& verdict = place.verdicts[n];
    if (!verdict.allowed && !verdict.why.empty()) return verdict.why.front();
    return place.why;
  }

  void own_stops(std::size_t i) {
    Need& need = needs_[i];
    std::size_t copies = 0;
    bool all_ours = true;
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (!picture_.active(resource(i), n)) continue;
      ++copies;
      all_ours = all_ours && ours(i, n);
    }
    const MultipleActive rule = resource(i).options.multiple_active;
    const bool keep_expected = rule == MultipleActive::stop_unexpected;
    need.all_at_once = copies > 1 && all_ours && !keep_expected && rule != MultipleActive::block;
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (!picture_.to_stop(resource(i), n) || !ours(i, n)) continue;
      const ResourceOnNode& place = *resource(i).on[n];
      if (need.all_at_once) {
        need.stop[n] = Why{"multiple_active", "it is active on more than one node"};
      } else if (placed_[i].node != n) {
        need.stop[n] = misplaced_why(i, n);
      } else if (place.activity == Activity::failed || place.needs_stop) {
        need.stop[n] = failure_why(i, n);
      }
    }
  }

  void stops_by_order(std::size_t i) {
    Need& need = needs_[i];
    for (const std::size_t index : resource(i).before) {
      const OrderEdge& edge = picture_.orders[index];
      const bool binds = edge.kind == OrderKind::mandatory && edge.symmetrical &&
                         edge.first_action == OrderAction::start && edge.then_action == OrderAction::start;
      if (!binds || !(needs_[edge.first].goes_down() || stopping(edge.first))) continue;
      need.below_goes_down = need.below_goes_down || !active_somewhere(i);
      for (std::size_t n = 0; n < nodes(); ++n) {
        if (need.stop[n] || !picture_.active(resource(i), n) || !ours(i, n)) continue;
        const bool restarts = placed_[edge.first].node.has_value();
        need.stop[n] =
            Why{edge.group ? "group" : "order", fmt::format("{}, which starts before it, {}", resource(edge.first).id(),
                                                            restarts ? "is started again" : "is stopped")};
      }
    }
  }

  [[nodiscard]] bool active_somewhere(std::size_t i) const {
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (picture_.active(resource(i), n)) return true;
    }
    return false;
  }

  [[nodiscard]] bool stopping(std::size_t i) const {
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (picture_.nodes[n].live && pending_is(*resource(i).on[n], Action::stop)) return true;
    }
    return false;
  }

  void start(std::size_t i) {
    Need& need = needs_[i];
    const Placed& place = placed_[i];
    if (!place.node || !ours(i, *place.node)) return;
    const std::size_t n = *place.node;
    if (picture_.healthy(resource(i), n) && !need.stop[n]) return;
    if (picture_.held(resource(i)) == n && !need.stop[n]) return;  // it is found there, or proven not to be
    need.starts = true;
    need.start_why = need.stop[n] ? Why{"recover", fmt::format("restart: {}", need.stop[n]->text)} : place.why;
    need.start_waits = start_obstacles(picture_, resource(i), n);
    // What this plan itself removes is no lasting obstacle.
    const bool only_steps = std::all_of(need.start_waits.begin(), need.start_waits.end(),
                                        [](const Why& why) { return why.rule == "stop"; });
    need.comes = only_steps && !resource(i).on[n]->pending && firsts_come(i);
  }

  static bool must_run_before(const OrderEdge& edge) {
    return edge.kind == OrderKind::mandatory && edge.first_action == OrderAction::start &&
           edge.then_action == OrderAction::start;
  }

  [[nodiscard]] bool firsts_come(std::size_t i) const {
    return std::all_of(resource(i).before.begin(), resource(i).before.end(), [&](std::size_t index) {
      const OrderEdge& edge = picture_.orders[index];
      return !must_run_before(edge) || needs_[edge.first].comes || needs_[edge.first].founded;
    });
  }

  [[nodiscard]] bool is_founded(std::size_t i) const {
    const auto node = placed_[i].node;
    if (!node || needs_[i].stop[*node] || !picture_.healthy(resource(i), *node)) return false;
    return std::all_of(resource(i).before.begin(), resource(i).before.end(), [&](std::size_t index) {
      const OrderEdge& edge = picture_.orders[index];
      return !must_run_before(edge) || needs_[edge.first].founded;
    });
  }

  const Picture& picture_;
  const std::vector<Placed>& placed_;
  std::vector<Need> needs_;
};

}  // namespace

bool Need::goes_down() const {
  const bool stops = std::any_of(stop.begin(), stop.end(), [](const auto& why) { return why.has_value(); });
  return stops || comes || below_goes_down;
}

std::vector<Need> find_needs(const Picture& picture, const std::vector<Placed>& placed) {
  return Finder{picture, placed}.run();
}

}  // namespace duet::policy
