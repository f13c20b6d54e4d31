// SPDX-License-Identifier: Apache-2.0
// A fence device as it is used against one target: which agent with which parameters, in which order of levels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/exec.hpp"
#include "core/model/config.hpp"

namespace duet {

/// One plug of one device. Every one of a level must be off.
struct DeviceStep {
  ObjectId device;
  std::string agent;
  Attributes parameters;  ///< for the agent: no pcmk_*, exactly one of plug and port (cluster-semantics 4.3)
  std::string off_action = "off";
  std::string on_action = "on";
  std::string status_action = "status";
  bool on_wanted = true;         ///< false: pcmk_reboot_action=off
  Duration off_timeout{60s};     ///< pcmk_off_timeout, else pcmk_reboot_timeout, else stonith-timeout
  Duration on_timeout{60s};      ///< pcmk_on_timeout, else stonith-timeout
  Duration status_timeout{10s};  ///< pcmk_status_timeout; of the question whether it is off now
  Duration delay_base{0};        ///< pcmk_delay_base, and a share of pcmk_delay_max
};

/// Devices of one level, all of which must succeed.
struct DeviceLevel {
  std::uint32_t level = 0;
  std::vector<DeviceStep> steps;
};

/// Configured levels for the target in ascending order; without any, each device that covers it is a level of its own,
/// the one with the highest `priority` first, else in configuration order.
/// `salt` spreads pcmk_delay_max (no chance in the core): the same salt gives the same delay.
[[nodiscard]] std::vector<DeviceLevel> device_levels(const ClusterConfig& config, const Node& target,
                                                     std::string_view salt);

/// A call of the agent for a step.
[[nodiscard]] RunFenceAgent agent_call(const DeviceStep& step, const std::string& target_name,
                                       const std::string& action, Duration timeout, std::uint64_t run);

/// The health check of a device (`monitor`), with pcmk_monitor_timeout, else the time-out of its monitor operation.
[[nodiscard]] RunFenceAgent monitor_call(const ClusterConfig& config, const FenceDevice& device, std::uint64_t run);

/// How often it is checked: the interval of its monitor operation, else 60 s.
[[nodiscard]] Duration monitor_interval(const FenceDevice& device);

/// Over everything of the configuration that a health check of the device depends on: while it stays the same, the last
/// check still speaks for the device.
[[nodiscard]] std::uint64_t device_fingerprint(const ClusterConfig& config, const FenceDevice& device);

}  // namespace duet
