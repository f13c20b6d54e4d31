// SPDX-License-Identifier: Apache-2.0
// Namespaces by unshare(2) and setns(2); the veth pair by ip(8), so that the code under test is not its own witness.
#include "tests/integration/net/two_hosts.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>

namespace duet::test {

namespace {

constexpr auto program_limit = std::chrono::seconds{30};

int open_namespace() {
  const int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  return fd;
}

int new_namespace() {
  const int made = unshare(CLONE_NEWNET);
  INFO("unshare(CLONE_NEWNET): " << std::strerror(errno) << "; this test needs root");
  REQUIRE(made == 0);
  return open_namespace();
}

/// IPv6 of a link comes to life a moment after its carrier; then it has its link-local address.
void wait_for_ipv6(const std::string& link) {
  const auto end = std::chrono::steady_clock::now() + program_limit;
  while (run_program({"ip", "-o", "-6", "addr", "show", "dev", link, "scope", "link"}).out.empty()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    poll(nullptr, 0, 5);
  }
}

void enter(int fd) {
  REQUIRE(setns(fd, CLONE_NEWNET) == 0);
}

std::vector<char*> c_array(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Appends what is there; false at the end of the stream.
bool drain(int fd, std::string& into) {
  std::array<char, 4096> buffer{};
  const ssize_t size = read(fd, buffer.data(), buffer.size());
  if (size > 0) into.append(buffer.data(), static_cast<std::size_t>(size));
  return size > 0;
}

/// False if the program was still holding its outputs at the limit.
bool collect(int out, int err, RunResult& result) {
  const auto end = std::chrono::steady_clock::now() + program_limit;
  std::array<pollfd, 2> waits{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  while (waits[0].fd >= 0 || waits[1].fd >= 0) {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (rest.count() <= 0) return false;
    if (poll(waits.data(), waits.size(), static_cast<int>(rest.count())) <= 0) continue;
    if (waits[0].revents != 0 && !drain(out, result.out)) waits[0].fd = -1;
    if (waits[1].revents != 0 && !drain(err, result.err)) waits[1].fd = -1;
  }
  return true;
}

}  // namespace

RunResult run_program(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  REQUIRE(pipe2(out.data(), O_CLOEXEC) == 0);
  REQUIRE(pipe2(err.data(), O_CLOEXEC) == 0);
  std::vector<std::string> arguments = argv;
  std::vector<std::string> variables = environment;
  variables.emplace_back("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
  const auto c_arguments = c_array(arguments);
  const auto c_variables = c_array(variables);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    execvpe(c_arguments[0], c_arguments.data(), c_variables.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  RunResult result;
  if (!collect(out[0], err[0], result)) kill(child, SIGKILL);
  close(out[0]);
  close(err[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

void wait_for_child(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

void ip(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{"ip"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const RunResult result = run_program(argv);
  INFO("ip: " << result.err);
  REQUIRE(result.exit_code == 0);
}

void sysctl(const std::string& path, const std::string& value) {
  std::ofstream file{"/proc/sys/net/" + path};
  file << value << std::flush;
  REQUIRE(file.good());
}

TwoHosts::TwoHosts() {
  original_ = open_namespace();
  peer_ = new_namespace();
  sysctl("ipv6/conf/default/accept_dad", "0");
  own_ = new_namespace();
  sysctl("ipv6/conf/default/accept_dad", "0");
  const std::string peer_path = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(peer_);
  ip({"link", "add", "veth0", "type", "veth", "peer", "name", "veth1", "netns", peer_path});
  ip({"link", "set", "lo", "up"});
  ip({"addr", "add", "10.9.0.1/24", "dev", "veth0"});
  ip({"addr", "add", "2001:db8:9::1/64", "dev", "veth0"});
  ip({"link", "set", "veth0", "up"});
  {
    const AtPeer at_peer{*this};
    ip({"link", "set", "lo", "up"});
    ip({"addr", "add", "10.9.0.2/24", "dev", "veth1"});
    ip({"addr", "add", "2001:db8:9::2/64", "dev", "veth1"});
    ip({"link", "set", "veth1", "up"});
    wait_for_ipv6("veth1");
  }
  wait_for_ipv6("veth0");
}

TwoHosts::~TwoHosts() {
  if (original_ >= 0) static_cast<void>(setns(original_, CLONE_NEWNET));
  for (const int fd : {original_, own_, peer_}) close(fd);
}

TwoHosts::AtPeer::AtPeer(const TwoHosts& hosts) : hosts_{hosts} {
  enter(hosts_.peer_);
}

TwoHosts::AtPeer::~AtPeer() {
  static_cast<void>(setns(hosts_.own_, CLONE_NEWNET));
}

}  // namespace duet::test
