// SPDX-License-Identifier: Apache-2.0
// ocf:duet:IPaddr2, a virtual IP address. Called with the action as its only argument; the parameters are in the
// environment (cluster-semantics 1).
#include <cstdio>
#include <string_view>

#include "agents/ipaddr2/actions.hpp"
#include "agents/ipaddr2/metadata.hpp"
#include "core/agentapi/ocf_agent.hpp"

namespace {

using duet::OcfEnvironment;
using duet::OcfExit;
using duet::OcfResult;

constexpr const char* usage = "usage: IPaddr2 {start|stop|status|monitor|validate-all|meta-data|usage}\n";

/// Exit code of an action whose failure, if any, has been told.
OcfExit told(const OcfEnvironment& environment, const OcfResult<void>& result) {
  if (result) return OcfExit::success;
  if (!result.error().reason.empty()) {
    std::fputs(duet::exit_reason_line(environment, result.error().reason).c_str(), stderr);
  }
  return result.error().code;
}

OcfExit status(const OcfEnvironment& environment) {
  const OcfExit code = told(environment, duet::ipaddr2::monitor(environment));
  if (code == OcfExit::success) std::puts("running");
  if (code == OcfExit::not_running) std::puts("stopped");
  return code;
}

OcfExit print(const char* text) {
  return std::fputs(text, stdout) < 0 ? OcfExit::generic : OcfExit::success;
}

OcfExit run(std::string_view action, const OcfEnvironment& environment) {
  if (action == "start") return told(environment, duet::ipaddr2::start(environment));
  if (action == "stop") return told(environment, duet::ipaddr2::stop(environment));
  if (action == "monitor") return told(environment, duet::ipaddr2::monitor(environment));
  if (action == "status") return status(environment);
  if (action == "validate-all") return told(environment, duet::ipaddr2::validate(environment));
  if (action == "meta-data") return print(duet::ipaddr2::metadata().c_str());
  if (action == "usage" || action == "help") return print(usage);
  std::fputs(usage, stderr);
  return OcfExit::unimplemented;
}

}  // namespace

int main(int argc, char** argv, char** environment) {
  return static_cast<int>(run(argc > 1 ? argv[1] : "", OcfEnvironment{environment}));
}
