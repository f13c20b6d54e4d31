// SPDX-License-Identifier: Apache-2.0
// See ocf_call.hpp.
#include "core/agentapi/ocf_call.hpp"

#include <algorithm>
#include <cerrno>

#include "core/agentapi/agent_name.hpp"
#include "core/agentapi/ocf_agent.hpp"
#include "core/base/escape.hpp"

namespace duet {

namespace {

constexpr std::string_view reason_prefix = "ocf-exit-reason:";
constexpr std::size_t reason_limit = 512;  // OpOutcome::reason

/// Feature set of Pacemaker 2.1.5, whose environment this is: agents compare it to know what their manager can do.
constexpr std::string_view feature_set = "3.16.1";

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

class Environment {
 public:
  void set(std::string_view name, std::string_view value) {
    if (value.find('\0') != std::string_view::npos) refused_ = name;
    entries_.push_back(std::string{name} + '=' + std::string{value});
  }
  void set_attribute(std::string_view prefix, std::string_view name, std::string_view value) {
    if (!is_attribute_name(name)) refused_ = name.empty() ? "(empty name)" : name.substr(0, 64);
    set(std::string{prefix} + std::string{name}, value);
  }
  [[nodiscard]] const std::string& refused() const { return refused_; }
  [[nodiscard]] std::vector<std::string> take() { return std::move(entries_); }

 private:
  std::vector<std::string> entries_;
  std::string refused_;
};

}  // namespace

std::vector<std::string> plain_environment() {
  return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
}

Result<std::vector<std::string>> ocf_environment(const OcfCall& call) {
  Environment environment;
  for (const auto& [name, value] : call.parameters) environment.set_attribute("OCF_RESKEY_", name, value);
  for (const auto& [name, value] : call.meta) {
    std::string variable = name;
    std::replace(variable.begin(), variable.end(), '-', '_');
    environment.set_attribute("OCF_RESKEY_CRM_meta_", variable, value);
  }
  environment.set("OCF_RESKEY_CRM_meta_name", call.action);
  environment.set("OCF_RESKEY_CRM_meta_interval", milliseconds(call.interval));
  environment.set("OCF_RESKEY_CRM_meta_timeout", milliseconds(call.timeout));
  environment.set("OCF_RESKEY_CRM_meta_on_node", call.node_name);
  environment.set("OCF_RESKEY_crm_feature_set", feature_set);
  environment.set("OCF_ROOT", "/usr/lib/ocf");
  environment.set("OCF_RA_VERSION_MAJOR", "1");
  environment.set("OCF_RA_VERSION_MINOR", "1");
  environment.set("OCF_RESOURCE_INSTANCE", call.resource);
  environment.set("OCF_RESOURCE_TYPE", call.type);
  environment.set("OCF_RESOURCE_PROVIDER", call.provider);
  environment.set("OCF_CHECK_LEVEL", std::to_string(call.check_level));
  environment.set("OCF_EXIT_REASON_PREFIX", reason_prefix);
  environment.set("OCF_OUTPUT_FORMAT", "text");
  if (!environment.refused().empty()) {
    return fail(Errc::invalid_argument,
                "parameter '" + escape_line(environment.refused(), 64) +
                    "' cannot be passed to an agent: its name or value has forbidden characters");
  }
  std::vector<std::string> entries = plain_environment();
  for (std::string& entry : environment.take()) {
    // A meta attribute of the same name must not be in there twice: which one counts would be the agent's luck.
    const auto name_length = entry.find('=') + 1;
    const auto same = std::find_if(entries.begin(), entries.end(), [&](const std::string& other) {
      return other.compare(0, name_length, entry, 0, name_length) == 0;
    });
    if (same != entries.end()) {
      *same = std::move(entry);
    } else {
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

int ocf_exit_code(int raw) {
  if ((raw >= 0 && raw <= static_cast<int>(OcfExit::failed_promoted)) || raw == static_cast<int>(OcfExit::degraded) ||
      raw == static_cast<int>(OcfExit::degraded_promoted)) {
    return raw;
  }
  return static_cast<int>(OcfExit::generic);
}

int lsb_exit_code(std::string_view action, int raw) {
  if (action != "status") return raw >= 0 && raw <= 7 ? raw : static_cast<int>(OcfExit::generic);
  switch (raw) {
    case 0:
      return static_cast<int>(OcfExit::success);
    case 1:  // dead, and its pid file exists
    case 2:  // dead, and its lock file exists
    case 3:
      return static_cast<int>(OcfExit::not_running);
    case 150:
      return static_cast<int>(OcfExit::installed);
    case 151:
      return static_cast<int>(OcfExit::permission);
    default:
      return static_cast<int>(OcfExit::generic);
  }
}

int exec_failure_code(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EINVAL:
    case ENOEXEC:
      return static_cast<int>(OcfExit::installed);
    case EACCES:
    case EPERM:
      return static_cast<int>(OcfExit::permission);
    default:
      return static_cast<int>(OcfExit::generic);
  }
}

std::string exit_reason(std::string_view output) {
  std::string_view found;
  while (!output.empty()) {
    const auto end = output.find('\n');
    const std::string_view line = output.substr(0, end);
    if (line.starts_with(reason_prefix)) found = line.substr(reason_prefix.size());
    output = end == std::string_view::npos ? std::string_view{} : output.substr(end + 1);
  }
  while (!found.empty() && (found.front() == ' ' || found.front() == '\t')) found.remove_prefix(1);
  while (!found.empty() && (found.back() == ' ' || found.back() == '\r')) found.remove_suffix(1);
  // escape_line() marks a cut by "..."; the limit is for the whole.
  return escape_line(found, reason_limit - 3);
}

Result<std::string> stonith_input(std::string_view action, const std::map<std::string, std::string>& parameters) {
  std::string input = "action=" + std::string{action} + '\n';
  for (const auto& [name, value] : parameters) {
    if (name == "action") continue;
    if (!is_attribute_name(name) || value.find('\n') != std::string::npos || value.find('\0') != std::string::npos) {
      // The value may be a secret: only the name is told.
      return fail(Errc::invalid_argument, "parameter '" + escape_line(name, 64) + "' cannot be passed to a fence agent",
                  "its name or value has forbidden characters");
    }
    input += name + '=' + value + '\n';
  }
  return input;
}

}  // namespace duet
