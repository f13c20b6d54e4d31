// SPDX-License-Identifier: Apache-2.0
// Power grid, healing, civil time.
#include "tests/sim/world.hpp"

namespace duet::sim {

World::World(const Plan& the_plan, Recorder& the_recorder)
    : plan{the_plan},
      recorder{the_recorder},
      corosync{scheduler, plan},
      fence{scheduler, plan, recorder, *this},
      admin{*this},
      nodes_{std::make_unique<SimNode>(*this, 0), std::make_unique<SimNode>(*this, 1)} {}

WallTime World::wall() const {
  return WallTime{1'700'000'000'000 + scheduler.now() / 1ms};
}

void World::heal() {
  ++healed_;
  dead_ = {};
  corosync.duplicate_until(Duration{-1});
  for (int i = 0; i < 2; ++i) {
    SimNode& one = node(i);
    corosync.set_path(i, true);
    one.agent_faults.clear();
    one.disk_slow_until = one.disk_full_until = Duration{0};
    one.resume();
  }
  fence.repair();
  for (int i = 0; i < 2; ++i) {
    SimNode& one = node(i);
    if (!one.powered()) {
      fence.reset_switches(i, true);
      one.power_on(plan.ms("boot_ms"));
    } else if (one.booted()) {
      one.exec()->set_running(true);
      one.start_corosync();
      one.start_duetd();
    }
  }
}

void World::cut_power(int index, const std::string& why) {
  node(index).power_off(why);
}

void World::restore_power(int index) {
  if (!dead_[static_cast<std::size_t>(index)]) node(index).power_on(plan.ms("boot_ms"));
}

bool World::has_power(int index) const {
  return nodes_[static_cast<std::size_t>(index)]->powered();
}

std::string World::boot_of(int index) const {
  const SimNode& one = *nodes_[static_cast<std::size_t>(index)];
  return one.powered() && one.booted() ? one.boot_id() : std::string{};
}

}  // namespace duet::sim
