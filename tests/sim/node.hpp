// SPDX-License-Identifier: Apache-2.0
// A simulated node: power, boots, pause, its processes, its disk.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/disk.hpp"
#include "tests/sim/driver.hpp"
#include "tests/sim/machine.hpp"

namespace duet::sim {

class World;

class SimNode final : public Machine {
 public:
  SimNode(World& world, int index);
  ~SimNode() override;

  // -- power; every call is idempotent
  void power_on(Duration boot_time);
  void power_off(const std::string& why);
  void pause();
  void resume();
  [[nodiscard]] bool powered() const { return powered_; }
  [[nodiscard]] bool booted() const { return exec_ != nullptr; }
  [[nodiscard]] bool paused() const { return paused_; }

  // -- processes
  void start_duetd();
  void kill_duetd(Duration restart_after);
  /// The unit is stopped by the administrator (SIGTERM), started again by start_duetd().
  void stop_duetd();
  void duetd_ended(bool clean, const std::string& why);
  void start_corosync();
  void kill_corosync();
  void stop_corosync();

  // Machine
  void in_boot(Duration delay, Scheduler::Task task) override;
  void emit(TraceEvent event) override;
  void reboot(const std::string& why) override;
  [[nodiscard]] Instant clock() const override;
  [[nodiscard]] std::string boot_id() const override { return boot_id_; }

  [[nodiscard]] Driver* duetd() { return driver_.get(); }
  [[nodiscard]] SimExec* exec() { return exec_.get(); }
  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] NodeId id() const { return NodeId{static_cast<std::uint32_t>(index_ + 1)}; }
  /// World time at which the boot clock shows `at`.
  [[nodiscard]] Duration world_time(Instant at) const;

  StoreReducer disk;
  Duration disk_slow_until{0};
  Duration disk_full_until{0};
  std::vector<AgentFault> agent_faults;
  Rng rng;

 private:
  void kernel_up();

  World& world_;
  int index_;
  bool powered_ = false;
  bool paused_ = false;
  std::uint64_t power_generation_ = 0;
  std::uint64_t boot_number_ = 0;
  std::string boot_id_;
  Duration boot_at_{0};
  Duration clock_offset_{0};
  std::deque<Scheduler::Task> frozen_;
  std::unique_ptr<SimExec> exec_;
  std::shared_ptr<Driver> driver_;
  std::uint32_t pids_ = 100;
  bool stopping_ = false;
};

}  // namespace duet::sim
