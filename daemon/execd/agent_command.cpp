// SPDX-License-Identifier: Apache-2.0
// See agent_command.hpp.
#include "daemon/execd/agent_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "core/agentapi/agent_name.hpp"
#include "core/agentapi/ocf_agent.hpp"
#include "core/agentapi/ocf_call.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "core/base/limits.hpp"
#include "core/model/outcome_text.hpp"
#include "platform/clock/clock.hpp"

namespace duet::execd {

namespace {

constexpr Duration metadata_timeout{10s};  ///< printing a text; shell agents take up to a second on a busy machine

std::int32_t code(OcfExit exit) {
  return static_cast<std::int32_t>(exit);
}

Error bad_name(const AgentRef& agent) {
  return Error{Errc::invalid_argument, "'" + escape_line(agent.text(), 200) + "' is no name of an agent"};
}

Result<AgentFile> open_ocf_agent(const AgentRef& agent, const Settings& settings) {
  if (!is_agent_name(agent.provider) || !is_agent_name(agent.type)) return tl::unexpected{bad_name(agent)};
  auto file = open_agent(settings.ocf_directory, agent.provider + '/' + agent.type);
  const bool have_native = agent.provider == "heartbeat" && agent.type == "IPaddr2";
  if (!file && file.error().code == Errc::not_found && have_native) {
    file = open_agent(settings.ocf_directory, "duet/IPaddr2");  // resource-agents is not installed
  }
  return file;
}

/// Ours if we have one of that name, whatever another package has put into sbin (docs/adr/0019-fence-xvm-path.md).
Result<AgentFile> open_fence_agent(const std::string& name, const Settings& settings) {
  auto file = open_agent(settings.own_fence_directory, name);
  const bool missing = !file && file.error().code == Errc::not_found;
  return missing ? open_agent(settings.fence_directory, name) : std::move(file);
}

OcfCall ocf_call(const RunAgent& order) {
  return {.resource = order.resource,
          .provider = order.agent.provider,
          .type = order.agent.type,
          .action = std::string{agent_action(order.action)},
          .interval = order.interval,
          .timeout = order.timeout,
          .check_level = order.check_level,
          .node_name = order.node_name,
          .parameters = order.parameters,
          .meta = order.meta};
}

/// What all ways to end have in common.
OpOutcome base_outcome(const RunResult& result) {
  OpOutcome outcome;
  outcome.unix_ms = result.ended_unix_ms;
  outcome.took_ms = result.took_ms;
  return outcome;
}

OpOutcome forced_outcome(const RunResult& result, std::string_view subject, std::string_view action, Duration timeout) {
  OpOutcome outcome = base_outcome(result);
  outcome.exit_code = code(OcfExit::generic);
  switch (result.how) {
    case How::exited:
      break;
    case How::signalled:
      outcome.status = OpStatus::error;
      outcome.reason = fmt::format("{} was interrupted by signal {} ({})", action, result.code, strsignal(result.code));
      break;
    case How::timed_out:
      outcome.status = OpStatus::timed_out;
      outcome.reason = fmt::format("{} did not complete within {}", subject, format_duration(timeout));
      break;
    case How::cancelled:
      outcome.status = OpStatus::cancelled;
      break;
    case How::too_many:
      outcome.status = OpStatus::error;
      outcome.reason = fmt::format("{} had more than {} processes and was killed", subject, result.code);
      break;
    case How::not_executed:
      outcome.exit_code = exec_failure_code(result.code);
      outcome.status = outcome.exit_code == code(OcfExit::installed) ? OpStatus::not_installed : OpStatus::error;
      outcome.reason = fmt::format("{} could not be executed: {}", subject, std::strerror(result.code));
      break;
  }
  if (result.survivors) outcome.reason += "; some of its processes cannot be killed";
  return outcome;
}

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  const auto begin = text.rfind('\n');
  return escape_line(begin == std::string_view::npos ? text : text.substr(begin + 1), 500);
}

/// The text without lines that begin with white space; all of it if there are no others.
std::string without_lists(const std::string& text) {
  std::string rest;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (text[at] != ' ' && text[at] != '\t' && end > at) rest += text.substr(at, end - at) + '\n';
    at = end + 1;
  }
  return rest.empty() ? text : rest;
}

}  // namespace

Result<Carrier> carrier_of(const AgentRef& agent, const Settings& settings) {
  if (agent.standard == "ocf") return Carrier::agent;
  if (agent.standard == "lsb") return Carrier::init_script;
  if (agent.standard == "systemd") return Carrier::unit;
  if (agent.standard == "service") {
    const bool script =
        is_agent_name(agent.type) && access((settings.init_directory + '/' + agent.type).c_str(), X_OK) == 0;
    return script ? Carrier::init_script : Carrier::unit;
  }
  return tl::unexpected{bad_name(agent)};
}

OpOutcome refusal(const Error& error) {
  OpOutcome outcome;
  outcome.unix_ms = wall_now().unix_ms;
  outcome.reason = escape_line(error.what, 500);
  outcome.status = OpStatus::error;
  outcome.exit_code = code(OcfExit::generic);
  if (error.code == Errc::not_found) {
    outcome.status = OpStatus::not_installed;
    outcome.exit_code = code(OcfExit::installed);
  } else if (error.code == Errc::not_permitted) {
    outcome.exit_code = code(OcfExit::permission);
  } else if (error.code == Errc::invalid_argument) {
    outcome.exit_code = code(OcfExit::configured);
  }
  return outcome;
}

Result<AgentCommand> agent_command(const RunAgent& order, Carrier carrier, const Settings& settings) {
  AgentCommand command;
  const std::string action{agent_action(order.action)};
  if (carrier == Carrier::init_script) {
    if (!is_agent_name(order.agent.type)) return tl::unexpected{bad_name(order.agent)};
    auto file = open_agent(settings.init_directory, order.agent.type);
    if (!file) return tl::unexpected{file.error()};
    command.file = std::move(*file);
    command.arguments = {action == "monitor" ? "status" : action};
    command.environment = plain_environment();
  } else {
    auto file = open_ocf_agent(order.agent, settings);
    if (!file) return tl::unexpected{file.error()};
    auto environment = ocf_environment(ocf_call(order));
    if (!environment) return tl::unexpected{environment.error()};
    command.file = std::move(*file);
    command.arguments = {action};
    command.environment = std::move(*environment);
  }
  command.timeout = order.timeout;
  command.output_limit = limits::agent_output;
  command.keep_children = order.action == Action::start;
  command.bounded = order.action == Action::monitor || order.action == Action::probe;
  return command;
}

OpOutcome agent_outcome(const RunAgent& order, Carrier carrier, const RunResult& result) {
  const std::string action{agent_action(order.action)};
  if (result.how != How::exited) return forced_outcome(result, "Resource agent", action, order.timeout);
  OpOutcome outcome = base_outcome(result);
  if (carrier == Carrier::init_script) {
    outcome.exit_code = lsb_exit_code(action == "monitor" ? "status" : action, result.code);
  } else {
    outcome.exit_code = ocf_exit_code(result.code);
    outcome.reason = exit_reason(result.err);
  }
  return outcome;
}

Result<AgentCommand> fence_command(const RunFenceAgent& order, const Settings& settings) {
  if (!is_agent_name(order.agent) || !order.agent.starts_with("fence_")) {
    return fail(Errc::invalid_argument, "'" + escape_line(order.agent, 64) + "' is no name of a fence agent");
  }
  auto file = open_fence_agent(order.agent, settings);
  if (!file) return tl::unexpected{file.error()};
  auto input = stonith_input(order.action, order.parameters);
  if (!input) return tl::unexpected{input.error()};
  const bool large = order.action == "list" || order.action == "list-status" || order.action == "metadata";
  const bool looks = large || order.action == "monitor" || order.action == "status";
  return AgentCommand{.file = std::move(*file),
                      .arguments = {},
                      .environment = plain_environment(),
                      .input = std::move(*input),
                      .timeout = order.timeout,
                      .output_limit = large ? limits::agent_output_large : limits::agent_output,
                      .keep_children = false,
                      .bounded = looks,
                      .mask = 077};
}

OpOutcome fence_outcome(const RunFenceAgent& order, const RunResult& result) {
  if (result.how != How::exited) return forced_outcome(result, order.agent, order.action, order.timeout);
  OpOutcome outcome = base_outcome(result);
  outcome.exit_code = result.code;
  const bool answered = result.code == 0 || (order.action == "status" && result.code == 2);
  if (answered) return outcome;
  // fence_xvm tells its errors on stdout, and after some of them the indented list of its options.
  outcome.reason = last_line(result.err);
  if (outcome.reason.empty()) outcome.reason = last_line(without_lists(result.out));
  return outcome;
}

Result<AgentCommand> metadata_command(const AgentRef& agent, const Settings& settings) {
  if (agent.standard == "stonith") {
    return fence_command({0, agent.type, "metadata", {}, metadata_timeout}, settings);
  }
  if (agent.standard != "ocf") return tl::unexpected{bad_name(agent)};
  auto file = open_ocf_agent(agent, settings);
  if (!file) return tl::unexpected{file.error()};
  OcfCall call;
  call.resource = agent.type;
  call.provider = agent.provider;
  call.type = agent.type;
  call.action = "meta-data";
  call.timeout = metadata_timeout;
  auto environment = ocf_environment(call);
  if (!environment) return tl::unexpected{environment.error()};
  AgentCommand command;
  command.file = std::move(*file);
  command.arguments = {"meta-data"};
  command.environment = std::move(*environment);
  command.timeout = metadata_timeout;
  command.output_limit = limits::agent_output_large;
  command.bounded = true;
  return command;
}

OpOutcome lost_outcome() {
  OpOutcome outcome;
  outcome.status = OpStatus::error;
  outcome.exit_code = code(OcfExit::generic);
  outcome.reason = "result lost: the agent's supervisor or the executor was killed";
  outcome.unix_ms = wall_now().unix_ms;
  return outcome;
}

OpOutcome unknown_outcome() {
  OpOutcome outcome = lost_outcome();
  outcome.status = OpStatus::cancelled;
  return outcome;
}

OpOutcome cancelled_outcome() {
  OpOutcome outcome;
  outcome.status = OpStatus::cancelled;
  outcome.exit_code = code(OcfExit::generic);
  outcome.unix_ms = wall_now().unix_ms;
  return outcome;
}

}  // namespace duet::execd
