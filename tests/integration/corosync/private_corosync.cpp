// SPDX-License-Identifier: Apache-2.0
// Namespaces, configuration and process of the test's corosync.
#include "tests/integration/corosync/private_corosync.hpp"

#include <fcntl.h>
#include <glob.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

namespace duet::test {
namespace {

constexpr const char* directory = "/run/duet-test";
constexpr const char* configuration = R"(
totem {
  version: 2
  cluster_name: duet-test
  transport: knet
  token: 1000
}
system {
  state_dir: /run/duet-test
}
logging {
  to_stderr: no
  to_logfile: yes
  logfile: /run/duet-test/corosync.log
}
quorum {
  provider: corosync_votequorum
  two_node: 1
  wait_for_all: 0
}
nodelist {
  node {
    nodeid: 7
    name: seven
    ring0_addr: 127.0.0.1
  }
  node {
    nodeid: 8
    name: eight
    ring0_addr: 127.0.0.2
  }
}
)";

std::string find_corosync() {
  if (const char* const named = std::getenv("DUET_TEST_COROSYNC")) return named;
  for (const char* const pattern : {"/usr/sbin/corosync", "/var/cache/duet-lab/root-base-*/usr/sbin/corosync"}) {
    glob_t found{};
    std::string path;
    if (glob(pattern, 0, nullptr, &found) == 0 && found.gl_pathc > 0) path = found.gl_pathv[0];
    globfree(&found);
    if (!path.empty()) return path;
  }
  return {};
}

/// A corosync of the lab's root needs that root's libraries.
std::string library_path(const std::string& program) {
  const std::size_t root = program.find("/usr/sbin/corosync");
  return program.substr(0, root) + "/usr/lib/x86_64-linux-gnu";
}

bool loopback_up() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::memcpy(static_cast<char*>(request.ifr_name), "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;  // NOLINT
  if (fd >= 0) close(fd);
  return up;
}

bool make_sandbox() {
  if (geteuid() != 0 || find_corosync().empty()) return false;
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return false;
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  for (const char* const path : {"/run", "/dev/shm"}) {
    if (mount("tmpfs", path, "tmpfs", 0, "mode=0755") != 0) return false;
  }
  return loopback_up() && mkdir(directory, 0755) == 0;
}

}  // namespace

bool enter_sandbox() {
  static const bool inside = make_sandbox();
  constexpr const char* missing = "not root, or no corosync on this machine: nothing was tested";
  if (!inside && std::getenv("DUET_TEST_STRICT") != nullptr) FAIL(missing);
  if (!inside) WARN(missing);
  return inside;
}

void PrivateCorosync::start() {
  const std::string config = std::string{directory} + "/corosync.conf";
  std::ofstream{config} << configuration;
  const std::string program = find_corosync();
  const std::string libraries = "LD_LIBRARY_PATH=" + library_path(program);
  pid_ = fork();
  REQUIRE(pid_ >= 0);
  if (pid_ > 0) return;
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {0, 1, 2}) dup2(null, fd);
  std::array<char*, 5> arguments{const_cast<char*>(program.c_str()), const_cast<char*>("-f"), const_cast<char*>("-c"),
                                 const_cast<char*>(config.c_str()), nullptr};
  std::array<char*, 2> environment{const_cast<char*>(libraries.c_str()), nullptr};
  execve(program.c_str(), arguments.data(), environment.data());
  _exit(127);
}

void PrivateCorosync::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void PrivateCorosync::pause() {
  ::kill(pid_, SIGSTOP);
}
void PrivateCorosync::resume() {
  ::kill(pid_, SIGCONT);
}

}  // namespace duet::test
