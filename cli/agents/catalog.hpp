// SPDX-License-Identifier: Apache-2.0
// Which agents are installed on this node, and what they say about themselves.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shell/failure.hpp"
#include "core/agentapi/metadata.hpp"
#include "core/model/config.hpp"

namespace duet::cli {

struct AgentOutput {
  int exit_code = 0;
  std::string text;
};

/// Asks this node only: an agent that is missing on the other node is found by its probe there.
class AgentCatalog {
 public:
  AgentCatalog() = default;
  AgentCatalog(const AgentCatalog&) = delete;
  AgentCatalog& operator=(const AgentCatalog&) = delete;
  virtual ~AgentCatalog() = default;

  /// Everything installed, sorted by text. Fence agents have the standard "stonith" and no provider.
  [[nodiscard]] virtual std::vector<AgentRef> list() = 0;
  [[nodiscard]] virtual bool installed(const AgentRef& agent) = 0;
  /// Runs the agent's meta-data (as the caller, with a time-out). systemd units get the fixed actions of
  /// cluster-semantics 2.1. Errors: it cannot be run, or what it prints is no metadata.
  [[nodiscard]] virtual Outcome<AgentMetadata> metadata(const AgentRef& agent) = 0;
  /// Lets the agent look at the parameters of `id` (validate-all, run as the caller). Units and init scripts have none:
  /// nothing is checked. Errors: it refuses them, with its reason; it cannot be run.
  [[nodiscard]] virtual Outcome<void> validate(const AgentRef& agent, const std::string& id,
                                               const Attributes& parameters) = 0;
  /// Runs a fence agent's action that only asks (status, list), as the caller; its output with standard error. Errors:
  /// it cannot be run, or takes too long.
  [[nodiscard]] virtual Outcome<AgentOutput> ask(const AgentRef& agent, const std::string& action,
                                                 const Attributes& parameters) = 0;
};

/// The agent that was meant: a full name, ocf::P:T, or a short type that is unique. `assumed` is set if the name was
/// completed. Errors: E02 with the nearest installed name, "ambiguous" (109).
struct ResolvedAgent {
  AgentRef agent;
  bool assumed = false;
};
[[nodiscard]] Outcome<ResolvedAgent> resolve_agent(AgentCatalog& catalog, std::string_view typed,
                                                   std::string_view node);
/// The same for fence agents: "fence_xvm" or "stonith:fence_xvm".
[[nodiscard]] Outcome<AgentRef> resolve_fence_agent(AgentCatalog& catalog, std::string_view typed,
                                                    std::string_view node);

/// Directories of the real catalogue.
struct AgentPaths {
  std::string ocf = "/usr/lib/ocf/resource.d";
  /// In this order, as duet-execd looks: an agent of Duet itself stands in for another one of its name.
  std::vector<std::string> fence{"/usr/libexec/duet", "/usr/sbin"};
  std::vector<std::string> units{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
                                 "/usr/lib/systemd/system", "/lib/systemd/system"};
  std::string init_d = "/etc/init.d";
};
struct AgentCall {
  std::vector<std::string> command;
  std::vector<std::string> environment;
  std::string input;
  bool with_errors = false;  ///< standard error into the same text
};
/// Runs a program and gives its output, at most limits::agent_output_large bytes.
using AgentRunner = std::function<Outcome<AgentOutput>(const AgentCall&)>;
[[nodiscard]] std::unique_ptr<AgentCatalog> directory_catalog(AgentPaths paths, AgentRunner runner);

/// Whether a unit is started at boot: a symbolic link to it in a *.wants or *.requires directory.
[[nodiscard]] bool unit_enabled_at_boot(const std::vector<std::string>& unit_directories, std::string_view unit);
/// "haproxy" -> "haproxy.service"; names that have a unit suffix stay.
[[nodiscard]] std::string unit_file_name(std::string_view type);

}  // namespace duet::cli
