// SPDX-License-Identifier: Apache-2.0
// Units (groups, single resources) are placed one after the other: what others depend on first, then by priority, then
// what runs already. A group looks for the node where the longest part of it from the front can run, and among those
// for the highest sum of scores.
#include "core/policy/placement.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "core/policy/dependence.hpp"
#include "core/policy/starting.hpp"
#include "core/policy/verdict.hpp"

namespace duet::policy {

namespace {

class Placer {
 public:
  explicit Placer(Picture& picture) : picture_{picture}, placed_(picture.resources.size()) {
    for (std::size_t i = 0; i < picture_.resources.size(); ++i) {
      for (std::size_t n = 0; n < nodes(); ++n) {
        placed_[i].verdicts.push_back(own_verdict(picture_, picture_.resources[i], n));
      }
    }
    cannot_run_ = cannot_run(picture_, placed_);
  }

  std::vector<Placed> run() {
    std::vector<std::size_t> queue(picture_.units.size());
    std::iota(queue.begin(), queue.end(), std::size_t{0});
    std::vector<std::pair<std::int32_t, bool>> rank;
    for (const Unit& unit : picture_.units) rank.emplace_back(priority(unit), !is_current(unit));
    std::stable_sort(queue.begin(), queue.end(), [&](std::size_t a, std::size_t b) {
      if (rank[a].first != rank[b].first) return rank[a].first > rank[b].first;
      return rank[a].second < rank[b].second;
    });
    state_.assign(picture_.units.size(), State::waiting);
    for (const std::size_t unit : queue) place(unit);
    spread_nowhere(picture_, placed_);
    return std::move(placed_);
  }

 private:
  enum class State : std::uint8_t { waiting, open, done };
  using Nodes = std::vector<bool>;

  [[nodiscard]] std::size_t nodes() const { return picture_.nodes.size(); }
  [[nodiscard]] const Resource& resource(std::size_t i) const { return picture_.resources[i]; }
  [[nodiscard]] static bool any(const Nodes& set) { return std::find(set.begin(), set.end(), true) != set.end(); }

  [[nodiscard]] std::int32_t priority(const Unit& unit) const {
    std::int32_t highest = -Score::infinite;
    for (const std::size_t i : unit.members) highest = std::max(highest, resource(i).options.priority);
    return highest;
  }
  [[nodiscard]] bool is_current(const Unit& unit) const {
    for (const std::size_t i : unit.members) {
      for (std::size_t n = 0; n < nodes(); ++n) {
        if (picture_.current(resource(i), n)) return true;
      }
    }
    return false;
  }

  // Depth is the length of a chain of colocations, at most the number of units.
  void place(std::size_t unit) {
    if (state_[unit] != State::waiting) return;
    state_[unit] = State::open;
    for (const std::size_t i : picture_.units[unit].members) {
      for (const std::size_t edge : resource(i).colocations) place(resource(picture_.colocations[edge].with).unit);
    }
    for (const std::size_t i : picture_.units[unit].members) follow(i);
    choose(picture_.units[unit]);
    state_[unit] = State::done;
  }

  /// Its place is a wish only: it is not there, and cannot be started there now.
  [[nodiscard]] bool only_wished(std::size_t leader, std::size_t node) const {
    const auto& pending = resource(leader).on[node]->pending;
    if (picture_.to_stop(resource(leader), node) || (pending && pending->action != Action::probe)) return false;
    return cannot_run_[leader] || !start_obstacles(picture_, resource(leader), node).empty();
  }

  /// What the places of the resources that this one follows mean for it.
  void follow(std::size_t i) {
    for (const std::size_t edge_index : resource(i).colocations) {
      const ColocationEdge& edge = picture_.colocations[edge_index];
      const std::optional<std::size_t> leader = placed_[edge.with].node;
      const ObjectId& with = resource(edge.with).id();
      const std::string fix = fmt::format("duet constraint delete {}", edge.source->id);
      const bool in_doubt = picture_.held(resource(edge.with)).has_value();
      for (std::size_t n = 0; n < nodes(); ++n) {
        if (in_doubt && picture_.current(resource(i), n)) continue;  // what runs makes no room for a doubt
        NodeVerdict& verdict = placed_[i].verdicts[n];
        if (edge.score.is_infinity() && leader != n) {
          forbid(verdict,
                 {"colocation",
                  leader ? fmt::format("it must be with {}, which is on {}", with, picture_.nodes[*leader].name)
                         : fmt::format("it must be with {}, which does not run", with)},
                 fix);
        } else if (edge.score.is_minus_infinity() && leader == n) {
          const bool runs_here = picture_.current(resource(i), n);
          if (only_wished(edge.with, n) && (runs_here || cannot_run_[edge.with])) continue;
          forbid(verdict, {"colocation", fmt::format("it must not be with {}, which is here", with)}, fix);
        } else if (!edge.score.is_infinity() && !edge.score.is_minus_infinity() && leader == n) {
          verdict.score = verdict.score + edge.score;
        }
      }
    }
  }

  /// Some member runs on a node that is in the cluster.
  [[nodiscard]] bool served_here(const Unit& unit) const {
    return std::any_of(unit.members.begin(), unit.members.end(), [this](std::size_t i) {
      for (std::size_t n = 0; n < nodes(); ++n) {
        if (picture_.nodes[n].joined && picture_.active(resource(i), n)) return true;
      }
      return false;
    });
  }

  /// The members that can be placed, from the front. The rest gets its reason here.
  std::vector<std::size_t> chain_of(const Unit& unit, std::optional<std::size_t>& pin) {
    std::vector<std::size_t> chain;
    std::optional<std::size_t> cut;
    bool people_decide = false;
    const bool served = served_here(unit);
    for (const std::size_t i : unit.members) {
      const Resource& member = resource(i);
      // A member that is only held elsewhere draws nothing away from where the group serves: it waits.
      const auto node = pinned_node(picture_, member);
      const bool only_held = node && served && !picture_.nodes[*node].joined && picture_.held(member) == node;
      if (node && !only_held) {
        pin = pin ? pin : node;
        fix_at(i, *node, pinned_why(member, *node));
        continue;
      }
      if (cut) {
        after_cut(i, *cut, people_decide);
        continue;
      }
      if (member.nowhere || member.blocked || member.unmanaged) {
        people_decide = !member.nowhere;
        placed_[i].why = member.nowhere ? *member.nowhere : member.blocked ? *member.blocked : unmanaged_why(member);
        if (member.nowhere) forbid_everywhere(i, *member.nowhere, member.nowhere_fix);
        cut = i;
        continue;
      }
      chain.push_back(i);
    }
    return chain;
  }

  void after_cut(std::size_t i, std::size_t cut, bool people_decide) {
    const Resource& member = resource(i);
    if (member.nowhere) {
      placed_[i].why = *member.nowhere;
      forbid_everywhere(i, *member.nowhere, member.nowhere_fix);
      return;
    }
    const std::string& before = resource(cut).id();
    placed_[i].why = Why{"group", fmt::format("it comes after {}, which does not run", before)};
    if (!people_decide) return;
    // What people have taken out of our hands takes nothing down with it: what runs behind it stays.
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (!picture_.active(member, n) || !placed_[i].verdicts[n].allowed) continue;
      fix_at(i, n, {"group", fmt::format("it stays while nobody manages {}", before)});
      return;
    }
  }

  [[nodiscard]] Why unmanaged_why(const Resource& member) const {
    if (picture_.options.maintenance_mode) return {"maintenance", "the cluster is in maintenance"};
    return {"unmanaged", fmt::format("{} is not managed", member.id())};
  }
  [[nodiscard]] Why pinned_why(const Resource& member, std::size_t node) const {
    if (member.blocked) return *member.blocked;
    if (member.unmanaged) return unmanaged_why(member);
    if (picture_.hands_off(member, node)) {
      return {"maintenance", fmt::format("{} is in maintenance", picture_.nodes[node].name)};
    }
    if (!picture_.active(member, node)) return may_run_why(picture_.nodes[node]);
    return {"held", fmt::format("it is on {}, which is joining", picture_.nodes[node].name)};
  }

  void fix_at(std::size_t i, std::size_t node, Why why) {
    placed_[i].node = node;
    placed_[i].why = std::move(why);
    ++picture_.nodes[node].placed;
  }
  void forbid_everywhere(std::size_t i, const Why& why, const std::string& fix) {
    for (NodeVerdict& verdict : placed_[i].verdicts) forbid(verdict, why, fix);
  }

  void choose(const Unit& unit) {
    std::optional<std::size_t> pin;
    const std::vector<std::size_t> chain = chain_of(unit, pin);
    if (chain.empty()) return;
    Nodes candidates(nodes(), !pin.has_value());
    if (pin) candidates[*pin] = true;
    const Nodes allowed = narrow(chain, candidates);
    if (!any(allowed)) {
      nobody(chain, pin);
      return;
    }
    const auto [node, why] = pick(chain, allowed);
    put(chain, node, why);
  }

  /// The nodes where the longest part of the chain from the front can run; what must follow it counts too.
  Nodes narrow(const std::vector<std::size_t>& chain, const Nodes& candidates) {
    Nodes set = candidates;
    for (std::size_t k = 0; k < chain.size(); ++k) {
      Nodes both = set;
      for (std::size_t n = 0; n < nodes(); ++n) both[n] = set[n] && placed_[chain[k]].verdicts[n].allowed;
      if (k == 0) {
        set = both;
        if (!any(set)) return set;
      } else if (any(both) && resource(chain[k]).options.critical) {
        set = both;
      }
    }
    const std::vector<Score> totals = sums(chain, set);
    for (std::size_t n = 0; n < nodes(); ++n) set[n] = set[n] && !(totals[n] < Score{0});
    std::vector<bool> seen(picture_.resources.size(), false);
    for (const std::size_t i : chain) narrow_by_followers(i, set, seen);
    return set;
  }

  void narrow_by_followers(std::size_t leader, Nodes& set, std::vector<bool>& seen) {
    if (seen[leader]) return;
    seen[leader] = true;
    for (const std::size_t edge_index : resource(leader).followers) {
      const ColocationEdge& edge = picture_.colocations[edge_index];
      const Resource& follower = resource(edge.resource);
      const bool counts = edge.score.is_infinity() && follower.options.critical && !follower.nowhere &&
                          !follower.blocked && !follower.unmanaged;
      if (!counts) continue;
      Nodes both = set;
      for (std::size_t n = 0; n < nodes(); ++n) both[n] = set[n] && placed_[edge.resource].verdicts[n].allowed;
      if (any(both)) set = both;
      narrow_by_followers(edge.resource, set, seen);
    }
  }

  /// Sum of the scores on each node: of the members that can run there, and of what follows them in proportion.
  std::vector<Score> sums(const std::vector<std::size_t>& chain, const Nodes& set) const {
    std::vector<Score> totals(nodes());
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (!set[n]) continue;
      for (const std::size_t i : chain) {
        if (!placed_[i].verdicts[n].allowed) break;
        totals[n] = totals[n] + placed_[i].verdicts[n].score;
        for (const std::size_t edge_index : resource(i).followers) {
          const ColocationEdge& edge = picture_.colocations[edge_index];
          const Resource& follower = resource(edge.resource);
          if (follower.nowhere || !(edge.score > Score{0})) continue;
          const NodeVerdict& wish = placed_[edge.resource].verdicts[n];
          if (!wish.allowed) continue;
          const std::int64_t part = std::int64_t{wish.score.value()} * edge.score.value() / Score::infinite;
          totals[n] = totals[n] + Score{part};
        }
      }
    }
    return totals;
  }

  [[nodiscard]] std::optional<std::size_t> preferred(const std::vector<std::size_t>& chain, const Nodes& set) const {
    for (const std::size_t i : chain) {
      if (!resource(i).state->preferred) continue;
      const auto node = picture_.node_index(*resource(i).state->preferred);
      if (node && set[*node]) return node;
    }
    return std::nullopt;
  }

  /// Where most of the chain is now; the lower id of equals.
  [[nodiscard]] std::optional<std::size_t> present_node(const std::vector<std::size_t>& chain) const {
    std::vector<std::size_t> count(nodes(), 0);
    for (const std::size_t i : chain) {
      for (std::size_t n = 0; n < nodes(); ++n) count[n] += picture_.current(resource(i), n) ? 1U : 0U;
    }
    const auto most = std::max_element(count.begin(), count.end());
    if (most == count.end() || *most == 0) return std::nullopt;
    return static_cast<std::size_t>(most - count.begin());
  }

  std::pair<std::size_t, Why> pick(const std::vector<std::size_t>& chain, const Nodes& set) {
    const auto current = present_node(chain);
    auto [node, why] = best(chain, set, current);
    if (!current || *current == node || !set[*current]) return {node, why};
    // A move that nothing forces: only if the start on the other side could begin at once. Better served here than
    // stopped here and waiting there.
    for (const std::size_t i : chain) {
      if (!picture_.to_stop(resource(i), *current) || picture_.active(resource(i), node)) continue;
      const auto obstacles = start_obstacles(picture_, resource(i), node, *current);
      if (obstacles.empty()) continue;
      return {*current,
              {"stays_for_now",
               fmt::format("it would move to {}, but {}", picture_.nodes[node].name, obstacles.front().text)}};
    }
    return {node, why};
  }

  std::pair<std::size_t, Why> best(const std::vector<std::size_t>& chain, const Nodes& set,
                                   std::optional<std::size_t> current) {
    if (const auto wanted = preferred(chain, set)) {
      return {*wanted, {"moved", fmt::format("it was moved to {}", picture_.nodes[*wanted].name)}};
    }
    const std::vector<Score> totals = sums(chain, set);
    std::vector<std::size_t> top;
    std::size_t usable = 0;
    for (std::size_t n = 0; n < nodes(); ++n) {
      if (!set[n]) continue;
      ++usable;
      if (!top.empty() && totals[n] < totals[top.front()]) continue;
      if (!top.empty() && totals[top.front()] < totals[n]) top.clear();
      top.push_back(n);
    }
    const auto name = [&](std::size_t n) { return picture_.nodes[n].name; };
    if (usable == 1) return {top.front(), {"only_node", fmt::format("{} is the only node for it", name(top.front()))}};
    if (top.size() == 1) return {top.front(), {"score", fmt::format("{} has the higher score", name(top.front()))}};
    if (current && std::find(top.begin(), top.end(), *current) != top.end()) {
      return {*current, {"active", fmt::format("it is on {}, and no node is better", name(*current))}};
    }
    std::size_t chosen = top.front();
    bool balanced = false;
    for (const std::size_t n : top) {
      if (picture_.nodes[n].placed != picture_.nodes[top.front()].placed) balanced = true;
      if (picture_.nodes[n].placed < picture_.nodes[chosen].placed) chosen = n;
    }
    if (balanced) return {chosen, {"balance", fmt::format("{} has fewer resources", name(chosen))}};
    return {chosen, {"lowest_id", fmt::format("the nodes are equal; {} has the lower id", name(chosen))}};
  }

  void put(const std::vector<std::size_t>& chain, std::size_t node, const Why& why) {
    std::optional<std::size_t> missing;
    for (const std::size_t i : chain) {
      if (missing) {
        placed_[i].why = Why{"group", fmt::format("it comes after {}, which cannot run on {}", resource(*missing).id(),
                                                  picture_.nodes[node].name)};
      } else if (placed_[i].verdicts[node].allowed) {
        fix_at(i, node, why);
      } else {
        placed_[i].why = Why{"no_node", fmt::format("its group is on {}: {}", picture_.nodes[node].name,
                                                    placed_[i].verdicts[node].why.front().text)};
        missing = i;
      }
    }
  }

  void nobody(const std::vector<std::size_t>& chain, std::optional<std::size_t> pin) {
    for (std::size_t k = 0; k < chain.size(); ++k) {
      placed_[chain[k]].why =
          k > 0 ? Why{"group", fmt::format("it comes after {}, which does not run", resource(chain[0]).id())}
          : pin ? Why{"no_node", held_text(chain[k], *pin)}
                : Why{"no_node", obstacles_of(chain[k])};
    }
  }

  [[nodiscard]] std::string held_text(std::size_t i, std::size_t pin) const {
    const NodeVerdict& verdict = placed_[i].verdicts[pin];
    return fmt::format("its group is held on {}{}{}", picture_.nodes[pin].name, verdict.why.empty() ? "" : ": ",
                       verdict.why.empty() ? "" : verdict.why.front().text);
  }

  [[nodiscard]] std::string obstacles_of(std::size_t i) const {
    std::string text;
    for (std::size_t n = 0; n < nodes(); ++n) {
      const NodeVerdict& verdict = placed_[i].verdicts[n];
      if (!text.empty()) text += "; ";
      text += verdict.why.empty() ? fmt::format("the score for {} is negative", picture_.nodes[n].name)
                                  : verdict.why.front().text;
    }
    return text.empty() ? "there is no node" : text;
  }

  Picture& picture_;
  std::vector<Placed> placed_;
  std::vector<bool> cannot_run_;
  std::vector<State> state_;
};

}  // namespace

std::vector<Placed> place_all(Picture& picture) {
  return Placer{picture}.run();
}

}  // namespace duet::policy
