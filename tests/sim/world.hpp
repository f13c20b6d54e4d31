// SPDX-License-Identifier: Apache-2.0
// Everything of one run: time, network, power, two nodes, the administrator.
#pragma once

#include <array>
#include <memory>

#include "tests/sim/admin.hpp"
#include "tests/sim/corosync.hpp"
#include "tests/sim/fence.hpp"
#include "tests/sim/node.hpp"
#include "tests/sim/plan.hpp"
#include "tests/sim/recorder.hpp"
#include "tests/sim/scheduler.hpp"

namespace duet::sim {

class World final : public PowerGrid {
 public:
  World(const Plan& plan, Recorder& recorder);

  [[nodiscard]] SimNode& node(int index) { return *nodes_[static_cast<std::size_t>(index)]; }
  void run_for(Duration duration) { scheduler.run_until(scheduler.now() + duration); }
  void record(TraceEvent event) { recorder.record(scheduler.now(), event); }
  /// Schedules every fault of the plan.
  void schedule_faults();
  void apply(const Fault& fault);
  /// Ends every fault: links, devices, agents, disks, power, processes.
  void heal();
  /// The machine is broken: no switch brings it back before heal().
  void keep_dead(int index) { dead_[static_cast<std::size_t>(index)] = true; }
  [[nodiscard]] WallTime wall() const;

  // PowerGrid
  void cut_power(int node, const std::string& why) override;
  void restore_power(int node) override;
  [[nodiscard]] bool has_power(int node) const override;
  [[nodiscard]] std::string boot_of(int node) const override;

  const Plan& plan;
  Recorder& recorder;
  Scheduler scheduler;
  SimCorosync corosync;
  SimFence fence;
  SimAdmin admin;
  std::string traced_config;  ///< hash of the newest configuration in the trace

 private:
  void apply_node_fault(const Fault& fault, SimNode& node, Rng& rng);
  void apply_agent_fault(const Fault& fault, SimNode& node, Rng& rng);
  void apply_link_fault(const Fault& fault, Rng& rng);
  void apply_device_fault(const Fault& fault);
  void flap(Duration until, Rng rng);
  void until_end_of(const Fault& fault, Scheduler::Task task);

  std::array<std::unique_ptr<SimNode>, 2> nodes_;
  std::array<bool, 2> dead_{};
  std::uint64_t healed_ = 0;  ///< ends of faults that began before the last heal() do nothing
};

}  // namespace duet::sim
