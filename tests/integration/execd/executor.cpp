// SPDX-License-Identifier: Apache-2.0
// See executor.hpp.
#include "tests/integration/execd/executor.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "core/codec/exec_codec.hpp"
#include "platform/clock/clock.hpp"
#include "platform/process/cgroup.hpp"

namespace duet::test {

namespace {

constexpr Duration pause{2ms};

void sleep_a_little() {
  poll(nullptr, 0, std::chrono::duration_cast<std::chrono::milliseconds>(pause).count());
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const Instant deadline = boot_now() + 10s;
  while (!condition()) {
    if (boot_now() > deadline) return false;
    sleep_a_little();
  }
  return true;
}

bool is_alive(pid_t pid) {
  // A zombie that nobody collects is as dead as can be.
  std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text{std::istreambuf_iterator<char>{stat}, {}};
  const auto name_end = text.rfind(") ");
  return name_end != std::string::npos && text[name_end + 2] != 'Z' && text[name_end + 2] != 'X';
}

long number_in(const std::string& file) {
  std::ifstream in{file};
  long number = 0;
  in >> number;
  return number;
}

Executor::Executor() {
  directory_ = "/run/duet-test-XXXXXX";
  REQUIRE(mkdtemp(directory_.data()) != nullptr);
  REQUIRE(chmod(directory_.c_str(), 0755) == 0);
  cgroup_ = std::filesystem::path{directory_}.filename();
  for (const char* part : {"ocf/test", "own", "sbin", "init.d", "scratch"}) {
    std::filesystem::create_directories(directory_ + '/' + part);
  }
}

Executor::~Executor() {
  if (process_) stop(SIGKILL);
  if (auto tree = CgroupTree::create(cgroup_)) {
    for (const std::string& name : tree->list()) {
      const std::string cgroup = tree->path(name);
      static_cast<void>(eventually([&] {
        CgroupTree::kill(cgroup);
        return CgroupTree::remove(cgroup);
      }));
    }
    CgroupTree::remove(tree->path(".") + '.');
    const std::string any = tree->path("x");
    CgroupTree::remove(any.substr(0, any.size() - 2));
  }
  std::filesystem::remove_all(directory_);
}

void Executor::start() {
  SpawnRequest request;
  request.program = DUET_EXECD;
  request.arguments = {"duet-execd",
                       "--foreground",
                       "--socket",
                       socket(),
                       "--run-directory",
                       directory_,
                       "--supervisor",
                       DUET_RUN,
                       "--ocf-directory",
                       directory_ + "/ocf",
                       "--fence-directory",
                       directory_ + "/sbin",
                       "--init-directory",
                       directory_ + "/init.d",
                       "--own-fence-directory",
                       directory_ + "/own",
                       "--cgroup",
                       cgroup_};
  request.environment = {"PATH=/usr/bin:/bin"};
  std::filesystem::remove(socket());
  auto child = spawn(request);
  REQUIRE(child);
  process_ = std::move(*child);
  REQUIRE(eventually([this] { return std::filesystem::exists(socket()); }));
}

void Executor::stop(int signal) {
  static_cast<void>(send_signal(process_->pidfd, signal));
  static_cast<void>(waitpid(process_->pid, nullptr, 0));
  process_.reset();
}

void Executor::install(const std::string& where, const std::string& name, const std::string& body) const {
  const std::string path = directory_ + '/' + where + '/' + name;
  std::ofstream{path} << "#!/bin/bash\n" << body << '\n';
  REQUIRE(chmod(path.c_str(), 0755) == 0);
}

Client::Client(const Executor& executor) {
  // The socket's path appears before listen(2) is called.
  REQUIRE(eventually([&] {
    auto connection = ipc::Client::connect(executor.socket(), {geteuid()});
    if (!connection) return false;
    connection_.emplace(std::move(*connection));
    return true;
  }));
  send(ExecHello{});
  welcome = std::get<ExecWelcome>(
      wait_for([](const ExecReply& reply) { return std::holds_alternative<ExecWelcome>(reply); }));
}

void Client::send(const ExecRequest& request) {
  REQUIRE(connection_->send(encode(request), boot_now() + 5s));
}

ExecReply Client::wait_for(const std::function<bool(const ExecReply&)>& wanted, Duration limit) {
  const auto found = std::find_if(kept_.begin(), kept_.end(), wanted);
  if (found != kept_.end()) {
    ExecReply reply = std::move(*found);
    kept_.erase(found);
    return reply;
  }
  const Instant deadline = boot_now() + limit;
  while (true) {
    auto frame = connection_->receive(deadline);
    if (!frame) FAIL("no such reply: " << frame.error().what);
    auto reply = decode_exec_reply(*frame);
    if (!reply) FAIL(reply.error().what << ": " << reply.error().why);
    if (wanted(*reply)) return std::move(*reply);
    kept_.push_back(std::move(*reply));
  }
}

RunEnded Client::wait_for_end(std::uint64_t run, Duration limit) {
  return std::get<RunEnded>(wait_for(
      [run](const ExecReply& reply) {
        const auto* ended = std::get_if<RunEnded>(&reply);
        return ended != nullptr && ended->run == run;
      },
      limit));
}

void Client::wait_for_begin(std::uint64_t run) {
  wait_for([run](const ExecReply& reply) {
    const auto* begun = std::get_if<RunBegun>(&reply);
    return begun != nullptr && begun->run == run;
  });
}

RunEnded Client::run(const RunAgent& order) {
  send(order);
  return wait_for_end(order.run);
}

bool Client::is_silent(Duration time) {
  auto frame = connection_->receive(boot_now() + time);
  return !frame && frame.error().code == Errc::timeout;
}

RunAgent order(std::uint64_t run, const std::string& type, Action action) {
  RunAgent order;
  order.run = run;
  order.op = OpId{1, static_cast<std::uint32_t>(run), NodeId{1}};
  order.resource = "r";
  order.agent = AgentRef{"ocf", "test", type};
  order.action = action;
  order.node_name = "node1";
  order.timeout = 10s;
  return order;
}

}  // namespace duet::test
