// SPDX-License-Identifier: Apache-2.0
// The agents of this node: directories of OCF agents, fence agents in sbin, unit files, init scripts.
#include "cli/agents/catalog.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>

#include "cli/grammar/words.hpp"
#include "core/agentapi/ocf_agent.hpp"
#include "core/agentapi/ocf_call.hpp"
#include "core/base/escape.hpp"

namespace duet::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> unit_suffixes{".service", ".socket", ".mount", ".timer", ".path"};

/// Names in a directory; empty if it cannot be read. Hidden files and files for inclusion are left out.
std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it{directory, error}, end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (!name.empty() && name.front() != '.') names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_program(const std::string& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  return !error && fs::is_regular_file(status) &&
         (status.permissions() & (fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec)) !=
             fs::perms::none;
}

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

/// No '/' and no "..": what is typed becomes part of a path.
bool is_file_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

AgentAction proposal(std::string name, std::string timeout, std::string interval) {
  AgentAction action;
  action.name = std::move(name);
  action.timeout = std::move(timeout);
  action.interval = std::move(interval);
  return action;
}

AgentMetadata unit_metadata(std::string_view type) {
  AgentMetadata metadata;
  metadata.name = std::string{type};
  metadata.short_description = fmt::format("systemd unit {}", unit_file_name(type));
  metadata.actions = {proposal("start", "100s", ""), proposal("stop", "100s", ""), proposal("status", "100s", ""),
                      proposal("monitor", "100s", "60s")};
  return metadata;
}

AgentMetadata script_metadata(std::string_view type) {
  AgentMetadata metadata;
  metadata.name = std::string{type};
  metadata.short_description = fmt::format("init script {}", type);
  metadata.actions = {proposal("start", "15s", ""), proposal("stop", "15s", ""), proposal("status", "15s", ""),
                      proposal("monitor", "15s", "15s")};
  return metadata;
}

/// The last line that says something, for people.
std::string said(std::string_view output) {
  std::string_view last = "nothing said";
  for (const auto line : split(output, '\n')) {
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) last = line;
  }
  return escape_line(last, 200);
}

class DirectoryCatalog final : public AgentCatalog {
 public:
  DirectoryCatalog(AgentPaths paths, AgentRunner runner) : paths_{std::move(paths)}, runner_{std::move(runner)} {}

  std::vector<AgentRef> list() override {
    std::set<AgentRef> found;
    add_ocf(found);
    for (const auto& directory : paths_.fence) {
      for (const auto& name : names_in(directory)) {
        if (is_fence_agent(name)) found.insert({"stonith", "", name});
      }
    }
    for (const auto& name : names_in(paths_.init_d)) {
      if (name != "README" && is_program(paths_.init_d + "/" + name)) found.insert({"lsb", "", name});
    }
    for (const auto& directory : paths_.units) add_units(directory, found);
    return {found.begin(), found.end()};
  }

  bool installed(const AgentRef& agent) override {
    if (!is_file_name(agent.type) || (!agent.provider.empty() && !is_file_name(agent.provider))) return false;
    if (agent.standard == "ocf") return is_program(ocf_path(agent));
    if (agent.standard == "stonith") return is_fence_agent(agent.type);
    if (agent.standard == "lsb") return is_program(paths_.init_d + "/" + agent.type);
    if (agent.standard == "systemd") return has_unit(agent.type);
    if (agent.standard == "service") return is_program(paths_.init_d + "/" + agent.type) || has_unit(agent.type);
    return false;
  }

  Outcome<AgentMetadata> metadata(const AgentRef& agent) override {
    if (agent.standard == "systemd") return unit_metadata(agent.type);
    if (agent.standard == "lsb") return script_metadata(agent.type);
    if (agent.standard == "service") {
      return is_program(paths_.init_d + "/" + agent.type) ? script_metadata(agent.type) : unit_metadata(agent.type);
    }
    AgentCall call;
    call.environment = {"PATH=/sbin:/bin:/usr/sbin:/usr/bin", "LC_ALL=C"};
    if (agent.standard == "stonith") {
      call.command = {fence_path(agent.type)};
      call.input = "action=metadata\n";
    } else {
      call.command = {ocf_path(agent), "meta-data"};
      call.environment.push_back("OCF_ROOT=/usr/lib/ocf");
      call.environment.emplace_back("OCF_RESOURCE_INSTANCE=none");
      call.environment.push_back("OCF_RESOURCE_TYPE=" + agent.type);
      call.environment.push_back("OCF_RESOURCE_PROVIDER=" + agent.provider);
      call.environment.emplace_back("OCF_RA_VERSION_MAJOR=1");
      call.environment.emplace_back("OCF_RA_VERSION_MINOR=1");
    }
    auto output = runner_(call);
    if (!output) return tl::unexpected(output.error());
    auto parsed = parse_agent_metadata(output->text);
    if (!parsed) {
      return failure({.what = fmt::format("{}: {}", agent.text(), parsed.error().what),
                      .fix = "its own test: " + join(call.command, " ")});
    }
    return std::move(*parsed);
  }

  Outcome<void> validate(const AgentRef& agent, const std::string& id, const Attributes& parameters) override {
    if (agent.standard != "ocf" && agent.standard != "stonith") return {};
    auto call = agent.standard == "ocf" ? ocf_validation(agent, id, parameters) : fence_validation(agent, parameters);
    if (!call) return tl::unexpected(to_failure(call.error()));
    auto output = runner_(*call);
    if (!output) return tl::unexpected(output.error());
    if (output->exit_code == 0) return {};
    std::string why = exit_reason(output->text);
    if (why.empty()) why = fmt::format("its validate-all ended with {}: {}", output->exit_code, said(output->text));
    return failure({.code = Exit::failed,
                    .what = fmt::format("{}: {} refuses these values", id, agent.text()),
                    .why = std::move(why),
                    .fix = fmt::format("duet {} describe {}", agent.standard == "ocf" ? "resource" : "stonith",
                                       agent.standard == "ocf" ? agent.text() : agent.type),
                    .subject = id});
  }

  Outcome<AgentOutput> ask(const AgentRef& agent, const std::string& action, const Attributes& parameters) override {
    auto input = stonith_input(action, parameters);
    if (!input) return tl::unexpected(to_failure(input.error()));
    return runner_({{fence_path(agent.type)}, plain_environment(), std::move(*input), true});
  }

 private:
  [[nodiscard]] Result<AgentCall> ocf_validation(const AgentRef& agent, const std::string& id,
                                                 const Attributes& parameters) const {
    OcfCall ocf;
    ocf.resource = id;
    ocf.provider = agent.provider;
    ocf.type = agent.type;
    ocf.action = "validate-all";
    ocf.timeout = 20s;
    ocf.parameters = parameters;
    auto environment = ocf_environment(ocf);
    if (!environment) return tl::unexpected(environment.error());
    return AgentCall{{ocf_path(agent), "validate-all"}, std::move(*environment), {}, true};
  }

  [[nodiscard]] Result<AgentCall> fence_validation(const AgentRef& agent, const Attributes& parameters) const {
    auto input = stonith_input("validate-all", parameters);
    if (!input) return tl::unexpected(input.error());
    return AgentCall{{fence_path(agent.type)}, plain_environment(), std::move(*input), true};
  }

  [[nodiscard]] std::string ocf_path(const AgentRef& agent) const {
    const std::string path = paths_.ocf + "/" + agent.provider + "/" + agent.type;
    const std::string ours = paths_.ocf + "/duet/" + agent.type;
    // Our native agents stand in for those of the resource-agents package where that is not installed.
    return agent.provider == "heartbeat" && !exists(path) && exists(ours) ? ours : path;
  }

  /// Empty if it is in no directory.
  [[nodiscard]] std::string fence_path(const std::string& name) const {
    for (const auto& directory : paths_.fence) {
      if (exists(directory + "/" + name)) return directory + "/" + name;
    }
    return {};
  }

  [[nodiscard]] bool is_fence_agent(const std::string& name) const {
    return name.starts_with("fence_") && name != "fence_virtd" && is_program(fence_path(name));
  }

  [[nodiscard]] bool has_unit(const std::string& type) const {
    const std::string name = unit_file_name(type);
    std::string instance_of = name;
    if (const auto at = name.find('@'); at != std::string::npos) {
      instance_of = name.substr(0, at + 1) + name.substr(name.rfind('.'));
    }
    return std::any_of(paths_.units.begin(), paths_.units.end(), [&](const std::string& directory) {
      return exists(directory + "/" + name) || exists(directory + "/" + instance_of);
    });
  }

  void add_ocf(std::set<AgentRef>& found) const {
    for (const auto& provider : names_in(paths_.ocf)) {
      for (const auto& name : names_in(paths_.ocf + "/" + provider)) {
        if (!is_program(paths_.ocf + "/" + provider + "/" + name)) continue;
        found.insert({"ocf", provider, name});
        if (provider == "duet") found.insert({"ocf", "heartbeat", name});
      }
    }
  }

  static void add_units(const std::string& directory, std::set<AgentRef>& found) {
    constexpr std::string_view suffix = ".service";
    for (const auto& name : names_in(directory)) {
      if (!name.ends_with(suffix) || name.find('@') != std::string::npos) continue;
      found.insert({"systemd", "", name.substr(0, name.size() - suffix.size())});
    }
  }

  AgentPaths paths_;
  AgentRunner runner_;
};

std::vector<std::string> texts(const std::vector<AgentRef>& agents, std::string_view standard) {
  std::vector<std::string> names;
  for (const auto& agent : agents) {
    if (agent.standard == standard) names.push_back(standard == "stonith" ? agent.type : agent.text());
  }
  return names;
}

/// Types are compared alone where the rest is right: 'ocf:heartbeat:' in front makes everything look alike.
std::string guess_agent(const AgentRef& agent, const std::string& shown, const std::vector<AgentRef>& installed) {
  std::vector<std::string> types;
  for (const auto& other : installed) {
    if (other.standard == agent.standard && other.provider == agent.provider) types.push_back(other.type);
  }
  const std::string type = nearest(agent.type, types);
  if (types.empty()) return did_you_mean(shown, texts(installed, agent.standard));
  if (type.empty()) return {};
  const bool fence = agent.standard == "stonith";
  return fmt::format("did you mean '{}'?", fence ? type : AgentRef{agent.standard, agent.provider, type}.text());
}

/// E02
tl::unexpected<Failure> not_installed(AgentCatalog& catalog, const AgentRef& agent, std::string_view node) {
  const bool fence = agent.standard == "stonith";
  const std::string shown = fence ? agent.type : agent.text();
  const std::string guess = guess_agent(agent, shown, catalog.list());
  const std::string group =
      agent.standard == "ocf" && !agent.provider.empty() ? "ocf:" + agent.provider : agent.standard;
  const std::string list = fence ? "duet stonith list" : "duet resource agents " + group;
  return failure({.code = Exit::failed,
                  .id = "E02",
                  .what = fmt::format("agent {} is not installed on {}", cited(shown), node),
                  .fix = fmt::format("{}{}list: {}", guess, guess.empty() ? "" : "  ", list)});
}

}  // namespace

std::string unit_file_name(std::string_view type) {
  for (const auto suffix : unit_suffixes) {
    if (type.ends_with(suffix)) return std::string{type};
  }
  return fmt::format("{}.service", type);
}

bool unit_enabled_at_boot(const std::vector<std::string>& unit_directories, std::string_view unit) {
  const std::string file = unit_file_name(unit);
  for (const auto& directory : unit_directories) {
    for (const auto& name : names_in(directory)) {
      if (!name.ends_with(".wants") && !name.ends_with(".requires")) continue;
      std::error_code error;
      if (fs::is_symlink(directory + "/" + name + "/" + file, error)) return true;
    }
  }
  return false;
}

std::unique_ptr<AgentCatalog> directory_catalog(AgentPaths paths, AgentRunner runner) {
  return std::make_unique<DirectoryCatalog>(std::move(paths), std::move(runner));
}

Outcome<ResolvedAgent> resolve_agent(AgentCatalog& catalog, std::string_view typed, std::string_view node) {
  if (typed.find(':') != std::string_view::npos) {
    auto agent = AgentRef::parse(typed);
    if (!agent) return tl::unexpected(to_failure(agent.error()));
    if (agent->standard == "stonith") {
      return usage_failure(fmt::format("{} is a fence agent", cited(typed)),
                           fmt::format("duet stonith create ID {}", agent->type));
    }
    if (!catalog.installed(*agent)) return not_installed(catalog, *agent, node);
    return ResolvedAgent{*agent, false};
  }
  std::vector<AgentRef> found;
  for (auto& agent : catalog.list()) {
    if (agent.type != typed || agent.standard == "stonith") continue;
    found.push_back(std::move(agent));
  }
  const auto heartbeat =
      std::find_if(found.begin(), found.end(), [](const AgentRef& a) { return a.provider == "heartbeat"; });
  if (heartbeat != found.end()) return ResolvedAgent{*heartbeat, true};
  const auto ocf_count =
      std::count_if(found.begin(), found.end(), [](const AgentRef& a) { return a.standard == "ocf"; });
  if (ocf_count > 0) std::erase_if(found, [](const AgentRef& a) { return a.standard != "ocf"; });
  if (found.size() > 1 && found.front().standard != "ocf") {  // an init script and a unit of one name: the unit
    std::erase_if(found, [](const AgentRef& a) { return a.standard != "systemd"; });
  }
  if (found.size() == 1) return ResolvedAgent{found.front(), true};
  if (found.empty()) {
    if (catalog.installed({"systemd", "", std::string{typed}})) {
      return ResolvedAgent{AgentRef{"systemd", "", std::string{typed}}, true};
    }
    return not_installed(catalog, {"ocf", "heartbeat", std::string{typed}}, node);
  }
  std::vector<std::string> names;
  for (const auto& agent : found) names.push_back(agent.text());
  return failure({.code = Exit::ambiguous,
                  .what = fmt::format("{} can be several agents: {}", cited(typed), join(names, ", ")),
                  .fix = "give the full name"});
}

Outcome<AgentRef> resolve_fence_agent(AgentCatalog& catalog, std::string_view typed, std::string_view node) {
  constexpr std::string_view prefix = "stonith:";
  if (typed.starts_with(prefix)) typed.remove_prefix(prefix.size());
  AgentRef agent{"stonith", "", std::string{typed}};
  if (!catalog.installed(agent)) return not_installed(catalog, agent, node);
  return agent;
}

}  // namespace duet::cli
