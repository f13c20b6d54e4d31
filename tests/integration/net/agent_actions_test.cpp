// SPDX-License-Identifier: Apache-2.0
// IPaddr2 as a manager runs it: actions, exit codes and exit reasons in a network namespace of the test.
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>

#include "tests/integration/net/agent.hpp"
#include "tests/integration/net/two_hosts.hpp"

using namespace duet::test;
using namespace std::chrono_literals;

namespace {

const AgentParameters vip4{{"ip", "10.9.0.100"}, {"cidr_netmask", "24"}};
const AgentParameters vip6{{"ip", "2001:db8:9::100"}, {"cidr_netmask", "64"}};

AgentParameters with(AgentParameters parameters, const std::string& name, const std::string& value) {
  parameters.emplace_back(name, value);
  return parameters;
}

std::string read_setting(const std::string& path) {
  std::string value;
  std::ifstream{"/proc/sys/net/" + path} >> value;
  return value;
}

}  // namespace

TEST_CASE("IPaddr2: start, monitor, stop round trip, each of them twice", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  for (const AgentParameters& vip : {vip4, vip6}) {
    const std::string address = vip.front().second;
    CAPTURE(address);
    CHECK(agent("monitor", vip).exit_code == 7);
    CHECK(agent("stop", vip).exit_code == 0);
    for (int turn = 0; turn < 2; ++turn) {
      const auto begin = std::chrono::steady_clock::now();
      const RunResult started = agent("start", vip);
      INFO(started.err);
      CHECK(started.exit_code == 0);
      // 150 ms for the duplicate check; the bound leaves room for a busy machine.
      CHECK(std::chrono::steady_clock::now() - begin < 1s);
      CHECK(has_address("veth0", address));
      CHECK(agent("monitor", vip).exit_code == 0);
    }
    const RunResult running = agent("status", vip);
    CHECK(running.exit_code == 0);
    CHECK(running.out == "running\n");
    for (int turn = 0; turn < 2; ++turn) {
      CHECK(agent("stop", vip).exit_code == 0);
      CHECK_FALSE(has_address("veth0", address));
    }
    const RunResult stopped = agent("status", vip);
    CHECK(stopped.exit_code == 7);
    CHECK(stopped.out == "stopped\n");
  }
}

TEST_CASE("IPaddr2: the address gets netmask, broadcast and label as configured", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  const RunResult started = agent("start", {{"ip", "10.9.0.100"},
                                            {"nic", "veth0"},
                                            {"cidr_netmask", "255.255.255.128"},
                                            {"broadcast", "+"},
                                            {"iflabel", "web"},
                                            {"noprefixroute", "true"}});
  REQUIRE(started.exit_code == 0);
  const std::string shown = run_program({"ip", "-o", "addr", "show", "to", "10.9.0.100"}).out;
  CAPTURE(shown);
  CHECK(shown.find("inet 10.9.0.100/25 brd 10.9.0.127 scope global noprefixroute veth0:web") != std::string::npos);
}

TEST_CASE("IPaddr2: a start with another netmask replaces the entry", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  ip({"addr", "add", "10.9.0.100/32", "dev", "veth0"});
  CHECK(agent("monitor", vip4).exit_code == 0);
  REQUIRE(agent("start", vip4).exit_code == 0);
  const std::string shown = run_program({"ip", "-o", "addr", "show", "to", "10.9.0.100"}).out;
  CHECK(shown.find("10.9.0.100/24") != std::string::npos);
  CHECK(shown.find("10.9.0.100/32") == std::string::npos);
}

TEST_CASE("IPaddr2: an address on another interface of the same node is not doubled", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  ip({"link", "add", "veth2", "type", "veth", "peer", "name", "veth3"});
  ip({"addr", "add", "10.9.0.100/24", "dev", "veth2"});
  const RunResult started = agent("start", with(vip4, "nic", "veth0"));
  CHECK(started.exit_code == 1);
  CHECK(exit_reason(started).find("is on veth2 of this node") != std::string::npos);
  CHECK_FALSE(has_address("veth0", "10.9.0.100"));
}

TEST_CASE("IPaddr2: stop takes no neighbour in its own network with it", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  ip({"addr", "flush", "dev", "veth0"});
  ip({"addr", "add", "10.9.0.100/24", "dev", "veth0"});
  ip({"addr", "add", "10.9.0.7/24", "dev", "veth0"});  // secondary: would go with the first one
  sysctl("ipv4/conf/all/promote_secondaries", "0");
  sysctl("ipv4/conf/veth0/promote_secondaries", "0");
  CHECK(agent("stop", vip4).exit_code == 0);
  CHECK_FALSE(has_address("veth0", "10.9.0.100"));
  CHECK(has_address("veth0", "10.9.0.7"));
  CHECK(read_setting("ipv4/conf/veth0/promote_secondaries") == "0");
}

TEST_CASE("IPaddr2: a lost carrier and an interface that is down fail the monitor and the start", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  REQUIRE(agent("start", vip4).exit_code == 0);
  {
    const TwoHosts::AtPeer at_peer{hosts};
    ip({"link", "set", "veth1", "down"});
  }
  const RunResult unplugged = agent("monitor", vip4);
  CHECK(unplugged.exit_code == 1);
  CHECK(exit_reason(unplugged) == "interface veth0 has no carrier");
  ip({"link", "set", "veth0", "down"});
  const RunResult down = agent("monitor", vip4);
  CHECK(down.exit_code == 1);
  CHECK(exit_reason(down) == "interface veth0 is down");
  CHECK(agent("stop", vip4).exit_code == 0);
  // veth0 has another address: it is not the agent's to set it up.
  const RunResult started = agent("start", with(vip4, "nic", "veth0"));
  CHECK(started.exit_code == 1);
  CHECK(exit_reason(started) == "interface veth0 is down");
  CHECK_FALSE(has_address("veth0", "10.9.0.100"));
}

TEST_CASE("IPaddr2: an interface that carries nothing else is set up by start", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  ip({"link", "add", "veth2", "type", "veth", "peer", "name", "veth3"});
  ip({"link", "set", "veth3", "up"});
  const AgentParameters vip{{"ip", "192.0.2.10"}, {"nic", "veth2"}, {"cidr_netmask", "24"}};
  const RunResult started = agent("start", vip);
  INFO(started.err);
  CHECK(started.exit_code == 0);
  CHECK(agent("monitor", vip).exit_code == 0);
}

TEST_CASE("IPaddr2: wrong parameters have the right exit code and a reason", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  struct Row {
    const char* name;
    const char* value;
    int code;  ///< of start
    const char* reason;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"ip", "", 6, "parameter ip is required"},
      {"ip", "10.9.0.300", 6, "'10.9.0.300' is not an IP address"},
      {"cidr_netmask", "77", 6, "netmask '77' is not valid"},
      {"nic", "nosuch0", 5, "this node has no interface nosuch0"},
      {"ip", "192.0.2.10", 5, "no interface of this node has an address in the network of 192.0.2.10"},
      {"iflabel", "0123456789", 2, "is longer than 15 characters"},
      {"arp_count", "0", 6, "parameter arp_count"},
      {"lvs_support", "true", 6, "lvs_support=true is not supported"},
      {"clusterip_hash", "sourceip", 6, "clusterip_hash=sourceip is not supported"},
      {"duplicate_check", "maybe", 6, "parameter duplicate_check"},
      {"network_namespace", "nosuch", 5, "/run/netns/nosuch"},
  }));
  CAPTURE(row.name, row.value);
  AgentParameters parameters{{row.name, row.value}};
  if (std::string{row.name} != "ip") parameters.emplace_back("ip", "10.9.0.100");
  const RunResult started = agent("start", parameters);
  CAPTURE(started.err);
  CHECK(started.exit_code == row.code);
  CHECK(exit_reason(started).find(row.reason) != std::string::npos);
  // Wrong everywhere: each action but stop says so. Wrong here: the address is simply not here.
  CHECK(agent("monitor", parameters).exit_code == (row.code == 6 ? 6 : 7));
  CHECK(agent("validate-all", parameters).exit_code == (row.code == 6 ? 6 : 0));
  CHECK(agent("validate-all", parameters, {"OCF_CHECK_LEVEL=10"}).exit_code == row.code);
  CHECK(agent("stop", parameters).exit_code == 0);
  CHECK_FALSE(has_address("veth0", "10.9.0.100"));
}

TEST_CASE("IPaddr2: usage, unknown actions and meta-data without any environment", "[ipaddr2][agent]") {
  CHECK(agent("promote").exit_code == 3);
  CHECK(run_program({DUET_IPADDR2}).exit_code == 3);
  const RunResult usage = agent("usage");
  CHECK(usage.exit_code == 0);
  CHECK(usage.out.find("validate-all") != std::string::npos);
  const RunResult metadata = run_program({DUET_IPADDR2, "meta-data"});
  CHECK(metadata.exit_code == 0);
  CHECK(metadata.out.find("<resource-agent name=\"IPaddr2\"") != std::string::npos);
  CHECK(metadata.err.empty());
}

TEST_CASE("IPaddr2: without privileges meta-data and monitor work, start and stop say what they need",
          "[ipaddr2][agent]") {
  const TwoHosts hosts;
  // The build tree may be closed to others; a copy is not.
  std::string directory = "/tmp/duet-ipaddr2-XXXXXX";
  REQUIRE(mkdtemp(directory.data()) != nullptr);
  REQUIRE(chmod(directory.c_str(), 0755) == 0);
  const std::string program = directory + "/IPaddr2";
  REQUIRE(run_program({"install", "-m", "755", DUET_IPADDR2, program}).exit_code == 0);
  const auto as_nobody = [&](const std::string& action) {
    return run_program({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", program, action},
                       {"OCF_RESKEY_ip=10.9.0.100"});
  };
  CHECK(as_nobody("meta-data").exit_code == 0);
  CHECK(as_nobody("monitor").exit_code == 7);
  for (const char* action : {"start", "stop"}) {
    const RunResult result = as_nobody(action);
    CHECK(result.exit_code == 4);
    CHECK(exit_reason(result) == "this action needs root");
  }
  unlink(program.c_str());
  rmdir(directory.c_str());
}

TEST_CASE("IPaddr2: an address can live in a named network namespace", "[ipaddr2][agent]") {
  const TwoHosts hosts;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // A /run of its own, so that nothing is left on the machine; "peer" becomes a named namespace in it.
    const bool prepared = [&] {
      const std::string name = "/run/netns/blue";
      if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
      if (mount("tmpfs", "/run", "tmpfs", 0, nullptr) != 0 || mkdir("/run/netns", 0755) != 0) return false;
      std::ofstream{name}.flush();
      const TwoHosts::AtPeer at_peer{hosts};
      return mount("/proc/thread-self/ns/net", name.c_str(), nullptr, MS_BIND, nullptr) == 0;
    }();
    const AgentParameters vip = with(vip4, "network_namespace", "blue");
    const bool started = prepared && agent("start", vip).exit_code == 0;
    const bool here = has_address("veth0", "10.9.0.100");
    const bool seen = agent("monitor", vip).exit_code == 0;
    const TwoHosts::AtPeer at_peer{hosts};
    _exit(started && seen && !here && has_address("veth1", "10.9.0.100") ? 0 : 1);
  }
  wait_for_child(child);
  const TwoHosts::AtPeer at_peer{hosts};
  CHECK(has_address("veth1", "10.9.0.100"));
}
