// SPDX-License-Identifier: Apache-2.0
// Agents as they are in the field, and worse (R25 - R28): under a real duet-execd and real duet-run processes.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "platform/clock/clock.hpp"
#include "platform/process/read_file.hpp"
#include "tests/integration/execd/executor.hpp"

namespace duet::test {

namespace {

/// Resident memory of a process in KiB.
long resident(pid_t pid) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
  std::string word;
  long value = 0;
  while (status >> word) {
    if (word == "VmRSS:" && status >> value) return value;
  }
  return 0;
}

}  // namespace

TEST_CASE("execd: an agent's exit code and exit reason are the outcome", "[execd]") {
  Executor executor;
  executor.install("ocf/test", "fail",
                   "echo hello; echo ocf-exit-reason:first >&2\n"
                   "echo 'ocf-exit-reason:no such disk' >&2; echo more >&2; exit $OCF_RESKEY_code");
  executor.start();
  Client client{executor};
  struct Row {
    const char* code;
    int expected;
  };
  std::uint64_t run = 0;
  for (const Row& row : {Row{"0", 0}, Row{"7", 7}, Row{"6", 6}, Row{"77", 1}, Row{"190", 190}}) {
    RunAgent job = order(++run, "fail", Action::monitor);
    job.parameters["code"] = row.code;
    const RunEnded ended = client.run(job);
    CHECK(ended.outcome.status == OpStatus::done);
    CHECK(ended.outcome.exit_code == row.expected);
    CHECK(ended.outcome.reason == "no such disk");
    CHECK(ended.output.empty());
  }
}

TEST_CASE("execd: an agent gets a clean environment and nothing else", "[execd][SEC-AGENT]") {
  Executor executor;
  executor.install("ocf/test", "look",
                   "exec 2>&1 > " + executor.scratch("seen") +
                       "; env | sort; echo args=$*; echo cwd=$PWD; umask; ls -l /proc/self/fd | grep -c -e '->'\n"
                       "cat; ps -o sid=,pgid= -p $$; echo pid=$$; exit 0");
  executor.start();
  Client client{executor};
  RunAgent job = order(1, "look", Action::probe);
  job.parameters = {{"ip", "10.0.0.1"}, {"odd value", "x"}};
  CHECK(client.run(job).outcome.exit_code == 6);  // a name that an environment cannot carry
  job.run = 2;
  job.parameters = {{"ip", "10.0.0.1"}, {"text", "a b\n$c"}};
  job.meta = {{"migration-threshold", "3"}};
  job.check_level = 10;
  CHECK(client.run(job).outcome.exit_code == 0);
  const auto seen = read_file(executor.scratch("seen"));
  REQUIRE(seen);
  for (const char* line :
       {"OCF_RESKEY_ip=10.0.0.1\n", "OCF_RESKEY_text=a b\n", "$c\n", "OCF_RESKEY_CRM_meta_migration_threshold=3\n",
        "OCF_RESKEY_CRM_meta_name=monitor\n", "OCF_RESKEY_CRM_meta_interval=0\n", "OCF_RESKEY_CRM_meta_timeout=10000\n",
        "OCF_RESKEY_CRM_meta_on_node=node1\n", "OCF_RESOURCE_INSTANCE=r\n", "OCF_RESOURCE_TYPE=look\n",
        "OCF_RESOURCE_PROVIDER=test\n", "OCF_CHECK_LEVEL=10\n", "OCF_ROOT=/usr/lib/ocf\n", "LC_ALL=C\n",
        "args=monitor\n", "cwd=/\n", "0022\n"}) {
    CHECK_THAT(*seen, Catch::Contains(line));
  }
  CHECK_THAT(*seen, !Catch::Contains("LISTEN_") && !Catch::Contains("NOTIFY_SOCKET"));
}

TEST_CASE("execd: what is missing, foreign or writable for others is not run", "[execd][SEC-AGENT]") {
  Executor executor;
  executor.install("ocf/test", "open", "touch " + executor.scratch("ran"));
  REQUIRE(chmod((executor.directory() + "/ocf/test/open").c_str(), 0777) == 0);
  executor.install("ocf/test", "foreign", "touch " + executor.scratch("ran"));
  REQUIRE(chown((executor.directory() + "/ocf/test/foreign").c_str(), 65534, 0) == 0);
  REQUIRE(symlink("/bin/true", (executor.directory() + "/ocf/test/link").c_str()) == 0);
  executor.install("ocf/test", "plain", "touch " + executor.scratch("ran"));
  REQUIRE(chmod((executor.directory() + "/ocf/test/plain").c_str(), 0644) == 0);
  executor.start();
  Client client{executor};
  struct Row {
    const char* type;
    int code;
    OpStatus status;
  };
  std::uint64_t run = 0;
  for (const Row& row :
       {Row{"nothing", 5, OpStatus::not_installed}, Row{"open", 4, OpStatus::error}, Row{"foreign", 4, OpStatus::error},
        Row{"link", 4, OpStatus::error}, Row{"plain", 4, OpStatus::error}}) {
    CAPTURE(row.type);
    const RunEnded ended = client.run(order(++run, row.type, Action::start));
    CHECK(ended.outcome.exit_code == row.code);
    CHECK(ended.outcome.status == row.status);
    CHECK_FALSE(ended.outcome.reason.empty());
  }
  CHECK(access(executor.scratch("ran").c_str(), F_OK) != 0);
}

TEST_CASE("execd: an agent that hangs and ignores every signal is killed at its time-out, with all it forked",
          "[execd][R25]") {
  Executor executor;
  executor.install("ocf/test", "hang",
                   "trap '' TERM INT HUP QUIT\n"
                   "( trap '' TERM; setsid setsid sleep 1000 & echo $! > " +
                       executor.scratch("far") +
                       "; sleep 1000 ) &\n"
                       "echo $! > " +
                       executor.scratch("near") + "\necho $$ > " + executor.scratch("self") +
                       "\nwhile :; do sleep 1000; done");
  executor.start();
  Client client{executor};
  RunAgent job = order(1, "hang", Action::start);
  job.timeout = 600ms;
  const Instant begin = boot_now();
  const RunEnded ended = client.run(job);
  const Duration took = boot_now() - begin;
  CHECK(ended.outcome.status == OpStatus::timed_out);
  CHECK(ended.outcome.exit_code == 1);
  CHECK(ended.outcome.reason == "Resource agent did not complete within 600ms");
  CHECK(took >= 600ms);
  CHECK(took < 2s);
  for (const char* who : {"far", "near", "self"}) {
    const auto pid = static_cast<pid_t>(number_in(executor.scratch(who)));
    CAPTURE(who, pid);
    REQUIRE(pid > 1);
    CHECK(eventually([&] { return !is_alive(pid); }));
  }
}

TEST_CASE("execd: kill 0, kill of the group and a changed session do not reach the executor", "[execd][R26]") {
  Executor executor;
  executor.install("ocf/test", "kill0", "kill -TERM 0; sleep 5; exit 0");
  executor.install("ocf/test", "killparent", "kill -KILL $PPID; sleep 5; exit 0");
  executor.start();
  Client client{executor};
  const RunEnded group = client.run(order(1, "kill0", Action::monitor));
  CHECK(group.outcome.status == OpStatus::error);
  CHECK_THAT(group.outcome.reason, Catch::Contains("signal 15"));
  // The supervisor itself is killed: the result is lost, and nothing of the agent is left.
  const RunEnded parent = client.run(order(2, "killparent", Action::monitor));
  CHECK(parent.outcome.status == OpStatus::error);
  CHECK_THAT(parent.outcome.reason, Catch::Contains("lost"));
  CHECK(is_alive(executor.pid()));
}

TEST_CASE("execd: a started service keeps running, even if it keeps the output open", "[execd][R27]") {
  Executor executor;
  executor.install("ocf/test", "daemon",
                   "setsid bash -c 'echo $$ > " + executor.scratch("service") +
                       "; exec sleep 1000' &\n"
                       "while [ ! -s " +
                       executor.scratch("service") + " ]; do sleep 0.01; done; exit 0");
  executor.start();
  Client client{executor};
  const Instant begin = boot_now();
  const RunEnded ended = client.run(order(1, "daemon", Action::start));
  CHECK(ended.outcome.exit_code == 0);
  CHECK(boot_now() - begin < 2s);
  const auto service = static_cast<pid_t>(number_in(executor.scratch("service")));
  REQUIRE(service > 1);
  client.send(AckResult{1});
  RunAgent other = order(2, "nothing", Action::monitor);
  other.resource = "other";
  CHECK(client.run(other).outcome.exit_code == 5);  // orders are carried out in order
  CHECK(is_alive(service));
  kill(service, SIGKILL);
}

TEST_CASE("execd: what a monitor leaves behind is killed", "[execd][R27]") {
  Executor executor;
  executor.install("ocf/test", "leaves",
                   "setsid sleep 1000 >/dev/null 2>&1 & echo $! > " + executor.scratch("left") + "; exit 0");
  executor.start();
  Client client{executor};
  CHECK(client.run(order(1, "leaves", Action::monitor)).outcome.exit_code == 0);
  const auto left = static_cast<pid_t>(number_in(executor.scratch("left")));
  REQUIRE(left > 1);
  CHECK(eventually([&] { return !is_alive(left); }));
}

TEST_CASE("execd: a flood of output costs neither memory nor time", "[execd][R28]") {
  Executor executor;
  executor.install("ocf/test", "flood",
                   "head -c 268435456 /dev/zero | tr '\\0' 'x'\nhead -c 67108864 /dev/zero >&2\n"
                   "printf '\\nocf-exit-reason:after the flood\\n' >&2; exit 1");
  executor.install("ocf/test", "quick", "exit 0");
  executor.start();
  Client client{executor};
  const long before = resident(executor.pid());
  RunAgent flood = order(1, "flood", Action::monitor);
  flood.timeout = 60s;
  client.send(flood);
  client.wait_for_begin(1);
  const Instant begin = boot_now();
  CHECK(client.run(order(2, "quick", Action::monitor)).outcome.exit_code == 0);
  CHECK(boot_now() - begin < 500ms);
  const RunEnded ended = client.wait_for_end(1, 60s);
  CHECK(ended.outcome.exit_code == 1);
  CHECK(ended.outcome.reason == "after the flood");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // those keep freed memory
  CHECK(resident(executor.pid()) - before < 1024);
#else
  CHECK(resident(executor.pid()) - before < 16 * 1024);
#endif
}

TEST_CASE("execd: one that hangs does not hold up another", "[execd][L9]") {
  Executor executor;
  executor.install("ocf/test", "slow", "sleep 5; exit 0");
  executor.install("ocf/test", "quick", "exit 0");
  executor.start();
  Client client{executor};
  client.send(order(1, "slow", Action::start));
  client.wait_for_begin(1);
  const Instant begin = boot_now();
  for (std::uint64_t run = 2; run < 12; ++run) {
    RunAgent other = order(run, "quick", Action::monitor);
    other.resource = "other";
    CHECK(client.run(other).outcome.exit_code == 0);
  }
  CHECK(boot_now() - begin < 2s);
  client.send(CancelRun{1});
  CHECK(client.wait_for_end(1, 2s).outcome.status == OpStatus::cancelled);
}

TEST_CASE("execd: an order to start that comes too late is not begun", "[execd][S12]") {
  Executor executor;
  executor.install("ocf/test", "touch", "touch " + executor.scratch("ran"));
  executor.start();
  Client client{executor};
  RunAgent late = order(1, "touch", Action::start);
  late.not_after = boot_now() - 1ms;
  CHECK(client.run(late).outcome.status == OpStatus::voided);
  CHECK(access(executor.scratch("ran").c_str(), F_OK) != 0);
}

TEST_CASE("execd: exit codes of init scripts are translated", "[execd]") {
  Executor executor;
  executor.install("init.d", "web", "[ \"$1\" = status ] && exit 3; exit 0");
  executor.start();
  Client client{executor};
  RunAgent job = order(1, "web", Action::probe);
  job.agent = AgentRef{"lsb", "", "web"};
  CHECK(client.run(job).outcome.exit_code == 7);
  job.run = 2;
  job.action = Action::start;
  job.agent.standard = "service";
  CHECK(client.run(job).outcome.exit_code == 0);
}

TEST_CASE("execd: a fence agent gets its parameters by stdin only", "[execd][V1]") {
  Executor executor;
  executor.install("sbin", "fence_look",
                   "exec 3> " + executor.scratch("seen") +
                       "; cat >&3; echo args=$* >&3; env >&3; umask >&3\n"
                       "echo one,alias; echo the reason >&2; exit 1");
  executor.start();
  Client client{executor};
  client.send(
      RunFenceAgent{1, "fence_look", "status", {{"port", "vm1"}, {"passwd", "s3cret"}, {"action", "off"}}, 10s});
  const RunEnded ended = client.wait_for_end(1);
  CHECK(ended.outcome.status == OpStatus::done);
  CHECK(ended.outcome.exit_code == 1);
  CHECK(ended.outcome.reason == "the reason");
  CHECK(ended.output == "one,alias\n");
  const auto seen = read_file(executor.scratch("seen"));
  REQUIRE(seen);
  CHECK(seen->starts_with("action=status\npasswd=s3cret\nport=vm1\nargs=\n"));
  CHECK(seen->find("s3cret") == seen->rfind("s3cret"));
  CHECK_THAT(*seen, Catch::Contains("\n0077\n"));
}

TEST_CASE("execd: a fence agent of Duet stands in for one of the same name in sbin, and for no other", "[execd]") {
  Executor executor;
  executor.install("own", "fence_both", "echo ours");
  executor.install("sbin", "fence_both", "echo theirs");
  executor.install("sbin", "fence_theirs", "echo theirs");
  executor.start();
  Client client{executor};
  client.send(RunFenceAgent{1, "fence_both", "list", {}, 10s});
  CHECK(client.wait_for_end(1).output == "ours\n");
  client.send(RunFenceAgent{2, "fence_theirs", "list", {}, 10s});
  CHECK(client.wait_for_end(2).output == "theirs\n");
}

TEST_CASE("execd: an order that is malformed is refused and harms no other", "[execd]") {
  Executor executor;
  executor.install("ocf/test", "quick", "exit 0");
  executor.start();
  Client client{executor};
  client.send(RunFenceAgent{2, "../fence_look", "status", {}, 10s});
  client.send(order(3, "../quick", Action::start));
  CHECK(client.run(order(4, "quick", Action::monitor)).outcome.exit_code == 0);
  CHECK(client.is_silent(50ms));
}

TEST_CASE("execd: ocf:heartbeat:IPaddr2 is ours where resource-agents is not installed", "[execd]") {
  Executor executor;
  std::filesystem::create_directories(executor.directory() + "/ocf/duet");
  executor.install("ocf/duet", "IPaddr2", "echo ocf-exit-reason:ours, called as $OCF_RESOURCE_PROVIDER >&2; exit 0");
  executor.start();
  Client client{executor};
  RunAgent job = order(1, "IPaddr2", Action::monitor);
  job.agent.provider = "heartbeat";
  CHECK(client.run(job).outcome.reason == "ours, called as heartbeat");
  std::filesystem::create_directories(executor.directory() + "/ocf/heartbeat");
  executor.install("ocf/heartbeat", "IPaddr2", "echo ocf-exit-reason:theirs >&2; exit 0");
  job.run = 2;
  CHECK(client.run(job).outcome.reason == "theirs");
  job.run = 3;
  job.agent.type = "Dummy";
  CHECK(client.run(job).outcome.status == OpStatus::not_installed);
}

TEST_CASE("execd: meta-data comes from the agent, up to 1 MiB", "[execd]") {
  Executor executor;
  executor.install("ocf/test", "big", "[ $1 = meta-data ] && head -c 2000000 /dev/zero | tr '\\0' x; exit 0");
  executor.start();
  Client client{executor};
  client.send(QueryMetadata{1, AgentRef{"ocf", "test", "big"}});
  CHECK(client.wait_for_end(1).output == std::string(1024 * 1024, 'x'));
  client.send(QueryMetadata{2, AgentRef{"ocf", "test", "none"}});
  CHECK(client.wait_for_end(2).outcome.status == OpStatus::not_installed);
}

TEST_CASE("execd: an order that cannot be read ends with an error", "[execd]") {
  Executor executor;
  executor.start();
  Client client{executor};
  RunAgent job = order(6, "any", Action::start);
  job.resource = "no\nname";
  CHECK(client.run(job).outcome.status == OpStatus::error);
  client.send(RunFenceAgent{7, "../fence", "off", {}, 1s});
  CHECK(client.wait_for_end(7).outcome.status == OpStatus::error);
}

TEST_CASE("execd: what an agent puts into cgroups of its own is killed with it", "[execd][R25]") {
  Executor executor;
  executor.install("ocf/test", "engine",
                   "path=$(sed -n 's/^0:://p' /proc/self/cgroup)\n"
                   "for top in /sys/fs/cgroup /sys/fs/cgroup/unified; do [ -d $top$path ] && d=$top$path; done\n"
                   "mkdir $d/inner || exit 2\n"
                   "setsid bash -c \"echo \\$\\$ > $d/inner/cgroup.procs; echo \\$\\$ > " +
                       executor.scratch("inner") + "; exec sleep 1000\" &\nsleep 1000");
  executor.start();
  Client client{executor};
  RunAgent job = order(8, "engine", Action::monitor);
  job.timeout = 1s;
  const OpOutcome outcome = client.run(job).outcome;
  const long inner = number_in(executor.scratch("inner"));
  if (outcome.status == OpStatus::done && inner == 0) {
    WARN("no cgroup of version 2 can be made here");
    return;
  }
  CHECK(outcome.status == OpStatus::timed_out);
  CHECK(eventually([&] { return !is_alive(static_cast<pid_t>(inner)); }));
}

}  // namespace duet::test
