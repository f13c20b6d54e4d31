// SPDX-License-Identifier: Apache-2.0
// The power switches at the host, and the devices that work them. A node may have two supplies, each on a device of its
// own; it is off only when both are.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "core/message/exec.hpp"
#include "tests/sim/plan.hpp"
#include "tests/sim/recorder.hpp"
#include "tests/sim/rng.hpp"
#include "tests/sim/scheduler.hpp"

namespace duet::sim {

/// The machines that hang on the switches.
class PowerGrid {
 public:
  virtual ~PowerGrid() = default;
  virtual void cut_power(int node, const std::string& why) = 0;
  virtual void restore_power(int node) = 0;
  [[nodiscard]] virtual bool has_power(int node) const = 0;
  [[nodiscard]] virtual std::string boot_of(int node) const = 0;  ///< empty: off, or not booted yet
};

enum class DeviceFault : std::uint8_t { none, fails, hangs, slow, done_but_failed, partial, host_down };

class SimFence {
 public:
  /// Exit code, output. Called at most once; never when the device hangs.
  using Done = std::function<void(int, const std::string&)>;

  SimFence(Scheduler& scheduler, const Plan& plan, Recorder& recorder, PowerGrid& grid);

  /// A fence agent of `requester` runs. Device = parameter `address` (d1, d2), target = port, plug or nodename.
  void request(int requester, const RunFenceAgent& run, Done done);

  void set_fault(const std::string& device, DeviceFault fault) { faults_[device] = fault; }
  void set_network(int node, bool up) { network_[static_cast<std::size_t>(node)] = up; }
  [[nodiscard]] bool network(int node) const { return network_[static_cast<std::size_t>(node)]; }
  void repair();
  /// Both supplies of a node: somebody pressed the button.
  void reset_switches(int node, bool on);
  [[nodiscard]] std::uint64_t switched_off() const { return switched_off_; }

  /// Longest time that one power action takes while no fault is set.
  [[nodiscard]] Duration action_time() const { return plan_.ms("fence_ms") + 100ms; }

 private:
  struct Request {
    int requester = 0;
    std::string requester_boot;
    std::string device;
    std::string action;
    int target = -1;
    std::uint64_t run = 0;
  };
  [[nodiscard]] DeviceFault fault(const std::string& device) const;
  [[nodiscard]] bool two_supplies() const { return plan_.option("topology") == 4; }
  void execute(const Request& request, const Done& done);
  int act(const Request& request);
  void switch_off(const Request& request);
  void switch_on(const Request& request);
  void answer(const Request& request, const Done& done, int code, const std::string& output);

  Scheduler& scheduler_;
  const Plan& plan_;
  Recorder& recorder_;
  PowerGrid& grid_;
  Rng rng_;
  std::map<std::string, DeviceFault> faults_;
  std::array<bool, 2> network_{true, true};
  std::map<std::pair<int, std::string>, bool> supply_off_;
  std::uint64_t switched_off_ = 0;
};

}  // namespace duet::sim
