// SPDX-License-Identifier: Apache-2.0
// Helpers around the IPaddr2 program; its path comes from the build.
#include "tests/integration/net/agent.hpp"

#include <dirent.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <memory>

namespace duet::test {

namespace {

std::string link_target(const std::string& path) {
  std::array<char, 256> target{};
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  return size < 0 ? std::string{} : std::string{target.data(), static_cast<std::size_t>(size)};
}

}  // namespace

RunResult agent(const std::string& action, const AgentParameters& parameters,
                const std::vector<std::string>& environment) {
  std::vector<std::string> variables{"OCF_RESOURCE_INSTANCE=VIP", "OCF_ROOT=/usr/lib/ocf"};
  for (const auto& [name, value] : parameters) variables.push_back("OCF_RESKEY_" + name + "=" + value);
  variables.insert(variables.end(), environment.begin(), environment.end());
  return run_program({DUET_IPADDR2, action}, variables);
}

std::string exit_reason(const RunResult& result) {
  const std::string prefix = "ocf-exit-reason:";
  const std::size_t at = result.err.rfind(prefix);
  if (at == std::string::npos) return {};
  return result.err.substr(at + prefix.size(), result.err.find('\n', at) - at - prefix.size());
}

bool has_address(const std::string& link, const std::string& address) {
  const RunResult shown = run_program({"ip", "-o", "addr", "show", "dev", link, "to", address});
  REQUIRE(shown.exit_code == 0);
  return !shown.out.empty();
}

std::vector<pid_t> announcers() {
  std::vector<pid_t> found;
  const std::string own = link_target("/proc/thread-self/ns/net");
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{opendir("/proc"), &closedir};
  REQUIRE(directory);
  while (const dirent* entry = readdir(directory.get())) {
    const std::string path = "/proc/" + std::string{entry->d_name};
    std::string name;
    std::ifstream{path + "/comm"} >> name;
    if (name == "ipaddr2-arp" && link_target(path + "/ns/net") == own) found.push_back(std::stoi(entry->d_name));
  }
  return found;
}

}  // namespace duet::test
