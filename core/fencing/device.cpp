// SPDX-License-Identifier: Apache-2.0
// From a configured fence device to the parameters that its agent gets.
#include "core/fencing/device.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/base/duration_text.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/options.hpp"
#include "core/model/score.hpp"

namespace duet {

namespace {

constexpr Duration monitor_interval_default{60s};

std::string parameter(const FenceDevice& device, const std::string& name, std::string fallback = {}) {
  const auto found = device.parameters.find(name);
  return found == device.parameters.end() || found->second.empty() ? fallback : found->second;
}

Duration duration_parameter(const FenceDevice& device, const std::string& name, Duration fallback) {
  const auto parsed = parse_duration(parameter(device, name));
  return parsed ? *parsed : fallback;
}

/// pcmk_delay_base may name targets: "n1:5s;n2:0s".
Duration delay_base(const FenceDevice& device, const Node& target) {
  const std::string text = parameter(device, "pcmk_delay_base");
  if (text.find(':') == std::string::npos) return duration_parameter(device, "pcmk_delay_base", Duration{0});
  const auto entries = parse_host_map(text);
  if (!entries) return Duration{0};
  for (const HostMapEntry& entry : *entries) {
    if (entry.node != target.name) continue;
    const auto parsed = parse_duration(entry.plugs.front());
    return parsed ? *parsed : Duration{0};
  }
  return Duration{0};
}

/// Fixed part plus a share of the rest up to pcmk_delay_max, in whole seconds as the field does
/// (cluster-semantics 11.5).
Duration configured_delay(const FenceDevice& device, const Node& target, std::string_view salt) {
  const Duration base = delay_base(device, target);
  const Duration max = duration_parameter(device, "pcmk_delay_max", base);
  if (max <= base) return std::min(base, std::max(max, Duration{0}));
  QuickDigest digest;
  digest.add(salt);
  digest.add(device.id);
  const auto seconds = static_cast<std::uint64_t>((max - base) / 1s) + 1;
  return base + Duration{1s} * static_cast<std::int64_t>(digest.value() % seconds);
}

/// The plugs by which the device knows the node: map, else the configured plug or port, else the node's name.
std::vector<std::string> plugs_of(const FenceDevice& device, const Node& target) {
  if (const auto map = parse_host_map(parameter(device, "pcmk_host_map")); map) {
    for (const HostMapEntry& entry : *map) {
      if (entry.node == target.name) return entry.plugs;
    }
  }
  return {parameter(device, "plug", parameter(device, "port", target.name))};
}

Attributes agent_parameters(const FenceDevice& device) {
  Attributes out;
  for (const auto& [name, value] : device.parameters) {
    const bool ours = name.starts_with("pcmk_") || name == "action" || name == "provides" ||
                      name == "stonith-timeout" || name == "notice";
    if (!ours) out[name] = value;
  }
  return out;
}

DeviceStep make_step(const ClusterConfig& config, const FenceDevice& device, const Node& target,
                     const std::string& plug, std::string_view salt) {
  const Duration stonith_timeout = cluster_options(config).stonith_timeout;
  DeviceStep step;
  step.device = device.id;
  step.agent = device.agent;
  step.parameters = agent_parameters(device);
  const bool uses_port = step.parameters.contains("port") && !step.parameters.contains("plug");
  step.parameters.erase("plug");
  step.parameters.erase("port");
  const std::string argument = parameter(device, "pcmk_host_argument", uses_port ? "port" : "plug");
  if (argument != "none") step.parameters[argument] = plug;
  step.off_action = parameter(device, "pcmk_off_action", "off");
  step.on_action = parameter(device, "pcmk_on_action", "on");
  step.status_action = parameter(device, "pcmk_status_action", "status");
  step.on_wanted = parameter(device, "pcmk_reboot_action", "reboot") != "off";
  // Who tells how long a reboot may take has the slow part of it in mind: the off.
  step.off_timeout = duration_parameter(device, "pcmk_off_timeout",
                                        duration_parameter(device, "pcmk_reboot_timeout", stonith_timeout));
  step.on_timeout = duration_parameter(device, "pcmk_on_timeout", stonith_timeout);
  step.status_timeout = duration_parameter(device, "pcmk_status_timeout", step.status_timeout);
  step.delay_base = configured_delay(device, target, salt);
  return step;
}

void append_steps(const ClusterConfig& config, const FenceDevice& device, const Node& target, std::string_view salt,
                  DeviceLevel& level) {
  for (const std::string& plug : plugs_of(device, target)) {
    level.steps.push_back(make_step(config, device, target, plug, salt));
  }
}

/// The meta attribute `priority` of the devices says which is tried first.
std::vector<const FenceDevice*> by_priority(const ClusterConfig& config) {
  const auto priority = [](const FenceDevice* device) {
    const auto found = device->meta.find("priority");
    return found == device->meta.end() ? Score{} : Score::parse(found->second).value_or(Score{});
  };
  std::vector<const FenceDevice*> devices;
  for (const FenceDevice& device : config.devices) devices.push_back(&device);
  std::stable_sort(devices.begin(), devices.end(),
                   [&](const auto* a, const auto* b) { return priority(a) > priority(b); });
  return devices;
}

}  // namespace

std::vector<DeviceLevel> device_levels(const ClusterConfig& config, const Node& target, std::string_view salt) {
  std::vector<DeviceLevel> levels;
  bool has_topology = false;
  for (const FenceLevel& configured : config.levels) {
    if (configured.target != target.id) continue;
    has_topology = true;
    DeviceLevel level{configured.level, {}};
    bool complete = true;
    for (const ObjectId& id : configured.devices) {
      const FenceDevice* device = config.device(id);
      complete = complete && device != nullptr && device_enabled(*device);
      if (complete) append_steps(config, *device, target, salt, level);
    }
    // A level switches off all power supplies of a node: without one of its devices it proves nothing.
    if (complete && !level.steps.empty()) levels.push_back(std::move(level));
  }
  std::sort(levels.begin(), levels.end(), [](const auto& a, const auto& b) { return a.level < b.level; });
  if (has_topology) return levels;
  for (const FenceDevice* device : by_priority(config)) {
    if (!device_covers(*device, target)) continue;
    DeviceLevel level{static_cast<std::uint32_t>(levels.size() + 1), {}};
    append_steps(config, *device, target, salt, level);
    levels.push_back(std::move(level));
  }
  return levels;
}

RunFenceAgent agent_call(const DeviceStep& step, const std::string& target_name, const std::string& action,
                         Duration timeout, std::uint64_t run) {
  RunFenceAgent call;
  call.run = run;
  call.agent = step.agent;
  call.action = action;
  call.parameters = step.parameters;
  call.parameters["nodename"] = target_name;
  call.timeout = timeout;
  return call;
}

RunFenceAgent monitor_call(const ClusterConfig& config, const FenceDevice& device, std::uint64_t run) {
  RunFenceAgent call;
  call.run = run;
  call.agent = device.agent;
  call.action = parameter(device, "pcmk_monitor_action", "monitor");
  call.parameters = agent_parameters(device);
  call.timeout = duration_parameter(device, "pcmk_monitor_timeout",
                                    operation_timeout(config, device.operations, "monitor", monitor_interval(device)));
  return call;
}

Duration monitor_interval(const FenceDevice& device) {
  Duration interval = monitor_interval_default;
  for (const Operation& operation : device.operations) {
    if (operation.action == "monitor" && operation.interval > Duration{0}) interval = operation.interval;
  }
  return interval;
}

std::uint64_t device_fingerprint(const ClusterConfig& config, const FenceDevice& device) {
  QuickDigest digest;
  digest.add(device.agent);
  // The host map and its kin say which node a proof is about, though the agent does not see them.
  for (const auto& [name, value] : device.parameters) {
    digest.add(name);
    digest.add(value);
  }
  digest.add(static_cast<std::uint64_t>(monitor_interval(device).count()));
  digest.add(static_cast<std::uint64_t>(monitor_call(config, device, 0).timeout.count()));
  digest.add(std::uint64_t{device_enabled(device)});
  return digest.value();
}

}  // namespace duet
