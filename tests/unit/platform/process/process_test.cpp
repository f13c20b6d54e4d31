// SPDX-License-Identifier: Apache-2.0
// Starting programs, the place of the own cgroup, and which files count as agents.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "platform/process/agent_file.hpp"
#include "platform/process/cgroup.hpp"
#include "platform/process/child.hpp"
#include "platform/process/read_file.hpp"
#include "platform/process/session.hpp"

namespace duet {

namespace {

bool has_ended(const Child& child) {
  pollfd waiting{child.pidfd.get(), POLLIN, 0};
  return poll(&waiting, 1, 10'000) == 1;
}

SpawnRequest shell(const std::string& script) {
  SpawnRequest request;
  request.program = "/bin/sh";
  request.arguments = {"sh", "-c", script};
  request.environment = {"PATH=/usr/bin:/bin", "ONLY=this"};
  return request;
}

std::string output_of(SpawnRequest request) {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd out{ends[0]};
  UniqueFd in{ends[1]};
  request.descriptors.emplace_back(1, in.get());
  auto child = spawn(request);
  REQUIRE(child);
  in.reset();
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(out.get(), buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  REQUIRE(has_ended(*child));
  CHECK(reap(child->pidfd) == 0);
  return text;
}

}  // namespace

TEST_CASE("child: gets its environment, its descriptors and nothing else", "[process]") {
  const UniqueFd leak{open("/dev/null", O_RDONLY)};  // not close-on-exec
  CHECK(output_of(shell("echo $ONLY; echo $HOME; ls /proc/self/fd | wc -l; cat")) == "this\n\n4\n");
}

TEST_CASE("child: stdin can be a memory file, a number in the child can be that of ours", "[process]") {
  auto input = memory_file("first\nsecond\n");
  REQUIRE(input);
  SpawnRequest request = shell("cat; cat <&7");
  auto other = memory_file("third\n");
  REQUIRE(other);
  request.descriptors = {{0, input->get()}, {7, other->get()}};
  CHECK(output_of(request) == "first\nsecond\nthird\n");
}

TEST_CASE("child: a program that cannot be executed is an error at once", "[process]") {
  SpawnRequest request;
  request.program = "/nowhere/nothing";
  request.arguments = {"nothing"};
  const auto child = spawn(request);
  REQUIRE_FALSE(child);
  CHECK_THAT(child.error().what, Catch::Contains("No such file"));
}

TEST_CASE("child: ignored signals are not inherited", "[process]") {
  std::signal(SIGPIPE, SIG_IGN);
  auto child = spawn(shell("kill -PIPE $$; sleep 5"));
  REQUIRE(child);
  REQUIRE(has_ended(*child));
  CHECK(reap(child->pidfd) == SIGPIPE);
  std::signal(SIGPIPE, SIG_DFL);
}

TEST_CASE("child: a process is held by number and start time", "[process]") {
  auto child = spawn(shell("sleep 100"));
  REQUIRE(child);
  const auto start = start_time_of(child->pid);
  REQUIRE(start);
  auto held = open_process(child->pid, *start);
  REQUIRE(held);
  CHECK_FALSE(open_process(child->pid, *start + 1));
  CHECK_FALSE(reap(child->pidfd));
  REQUIRE(send_signal(*held, SIGKILL));
  REQUIRE(has_ended(*child));
  CHECK(reap(child->pidfd) == SIGKILL);
  CHECK_FALSE(send_signal(*held, SIGKILL));
}

TEST_CASE("session: its processes are found", "[process]") {
  auto child = spawn(shell("exec setsid -w sh -c 'echo $$; sleep 100'"));
  REQUIRE(child);
  const auto own = getsid(0);
  const auto found = processes_of_session(own);
  CHECK(std::find(found.begin(), found.end(), getpid()) != found.end());
  CHECK(processes_of_session(0).empty());
  kill(child->pid, SIGKILL);
  waitpid(child->pid, nullptr, 0);
}

TEST_CASE("cgroup: the own place is found in all layouts", "[process]") {
  struct Row {
    const char* name;
    const char* mountinfo;
    const char* cgroup;
    const char* expected;  ///< directory of the best place; empty: none
  };
  const std::vector<Row> rows{
      {"version 2", "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
       "0::/system.slice/duet-execd.service\n", "/sys/fs/cgroup/system.slice/duet-execd.service"},
      {"version 2 in a container", "112 151 0:38 /machine/Node1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
       "9:name=systemd:/\n0::/machine/Node1/system.slice/x.service\n", "/sys/fs/cgroup/system.slice/x.service"},
      {"version 1",
       "31 30 0:27 / /sys/fs/cgroup/systemd rw shared:9 - cgroup cgroup rw,xattr,name=systemd\n"
       "34 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n",
       "4:cpu,cpuacct:/\n1:name=systemd:/system.slice/x.service\n", "/sys/fs/cgroup/systemd/system.slice/x.service"},
      {"not below the mount", "31 30 0:27 /other /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n",
       "1:name=systemd:/system.slice/x.service\n", ""},
      {"a name that only begins alike", "31 30 0:27 /sys /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/system\n", ""},
      {"nothing mounted", "31 30 0:27 / /proc rw - proc proc rw\n", "0::/x\n", ""},
      {"nonsense", "x\n\n- -\n", "a\n:\n", ""}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto places = cgroup_places(row.mountinfo, row.cgroup);
    CHECK((places.empty() ? std::string{} : places[0].directory) == row.expected);
  }
}

TEST_CASE("agent file: only what root alone can write", "[process][SEC-AGENT]") {
  if (geteuid() != 0) {
    WARN("needs root: the files must belong to it");
    return;
  }
  std::string directory = "/run/duet-test-XXXXXX";
  REQUIRE(mkdtemp(directory.data()) != nullptr);
  REQUIRE(chmod(directory.c_str(), 0755) == 0);
  const auto make = [&](const std::string& name, mode_t mode, const std::string& content) {
    std::ofstream{directory + '/' + name} << content;
    REQUIRE(chmod((directory + '/' + name).c_str(), mode) == 0);
  };
  make("script", 0755, "#!/bin/sh\n");
  make("binary", 0755,
       "\x7F"
       "ELF");
  make("plain", 0644, "#!/bin/sh\n");
  make("open", 0757, "#!/bin/sh\n");
  make("group", 0775, "#!/bin/sh\n");
  REQUIRE(symlink("script", (directory + "/inside").c_str()) == 0);
  REQUIRE(symlink("/bin/sh", (directory + "/outside").c_str()) == 0);
  REQUIRE(symlink("../../bin/sh", (directory + "/upwards").c_str()) == 0);
  REQUIRE(mkdir((directory + "/wide").c_str(), 0755) == 0);
  make("wide/script", 0755, "#!/bin/sh\n");
  REQUIRE(chmod((directory + "/wide").c_str(), 0777) == 0);
  const auto script = open_agent(directory, "script");
  REQUIRE(script);
  CHECK(script->script);
  CHECK(script->path == directory + "/script");
  const auto binary = open_agent(directory, "binary");
  REQUIRE(binary);
  CHECK_FALSE(binary->script);
  CHECK(open_agent(directory, "inside"));
  for (const char* bad : {"plain", "open", "group", "outside", "upwards", "wide/script", ".", "../../bin/sh"}) {
    CAPTURE(bad);
    const auto refused = open_agent(directory, bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::not_permitted);
  }
  const auto missing = open_agent(directory, "missing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
  std::filesystem::remove_all(directory);
}

TEST_CASE("read file: replaces whole, and bounds what it reads", "[process]") {
  std::string directory = "/tmp/duet-test-XXXXXX";
  REQUIRE(mkdtemp(directory.data()) != nullptr);
  REQUIRE(replace_file(AT_FDCWD, directory + "/x", "one"));
  REQUIRE(replace_file(AT_FDCWD, directory + "/x", std::string(10'000, 'y')));
  CHECK(read_file(directory + "/x").value() == std::string(10'000, 'y'));
  const auto long_one = read_file(directory + "/x", 100);
  REQUIRE_FALSE(long_one);
  CHECK(long_one.error().code == Errc::limit);
  CHECK(read_file(directory + "/none").error().code == Errc::not_found);
  struct stat found {};
  REQUIRE(stat((directory + "/x").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
  CHECK_FALSE(replace_file(AT_FDCWD, directory + "/none/x", "y"));
  std::filesystem::remove_all(directory);
}

}  // namespace duet
