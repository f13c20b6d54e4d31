// SPDX-License-Identifier: Apache-2.0
// The course of one run: set-up, safety phase with all faults of the plan, healing, then the liveness phase: one
// directed fault after the other from a state that is known to be good, each with the bounds of invariants.md
// section 4.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/world.hpp"

namespace duet::sim {

class Scenario {
 public:
  explicit Scenario(World& world);
  /// Until the plan's virtual time is over, or a checker has stopped the world.
  void run();

 private:
  struct Bounds {
    Duration detect;  ///< D
    Duration delay;   ///< W of the node that is not favoured
    Duration fence;   ///< F
    Duration start;   ///< S: every start after the other, and the stops before them
    Duration own;     ///< Q
    [[nodiscard]] Duration take_over() const { return detect + delay + fence + start + own; }
  };

  void set_up();
  void configure();
  void heal_and_converge();
  void manage_again();
  void liveness();
  void run_for(Duration duration) { world_.run_for(duration); }
  [[nodiscard]] bool over() const;

  // -- experiments (each leaves the world healed)
  void node_dies();
  void link_is_cut();
  void stop_fails();
  void device_returns_late();
  void duetd_dies();
  void execd_dies();
  void handle_breaks();
  void both_lose_power();
  void leaves_cleanly();
  void resource_dies();
  void short_freeze();

  // -- expectations for the checkers
  void announce(const std::string& experiment);
  void expect(const std::string& rule, const std::string& what, std::map<std::string, std::string> more = {});
  void expect_resources(const std::string& rule, const std::set<NodeId>& up);
  /// Into the story: what the coordinator's policy has in mind, with its reasons.
  void tell_plan();
  void expect_converged(const std::string& rule);
  void expect_quiet(const std::string& rule, Duration since);

  [[nodiscard]] bool has_rule(const std::string& action, std::initializer_list<OnFail> rules);
  [[nodiscard]] int busy_node();  ///< the one that runs something, else 0
  [[nodiscard]] const ClusterConfig* config();
  void ask_anybody(const AdminRequest& request, const std::string& what);

  World& world_;
  Rng rng_;
  Bounds bounds_;
};

}  // namespace duet::sim
