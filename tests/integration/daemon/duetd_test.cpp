// SPDX-License-Identifier: Apache-2.0
// duetd as a process, with a real corosync and a real store; only the executor is played by the test.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>

#include "core/codec/exec_codec.hpp"
#include "core/codec/ipc_codec.hpp"
#include "daemon/duetd/daemon.hpp"
#include "platform/clock/clock.hpp"
#include "platform/ipc/client.hpp"
#include "platform/ipc/listen.hpp"
#include "platform/ipc/server.hpp"
#include "platform/log/log.hpp"
#include "tests/integration/corosync/private_corosync.hpp"

namespace duet::test {
namespace {

namespace fs = std::filesystem;

const std::string state_directory = "/run/duet-test/state";
const std::string request_socket = "/run/duet-test/duetd.sock";
const std::string exec_socket = "/run/duet-test/execd.sock";

/// A child process, killed at the end.
class Process {
 public:
  explicit Process(const std::function<int()>& body) : pid_{fork()} {
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    for (const int signal : {SIGTERM, SIGABRT, SIGSEGV}) std::signal(signal, SIG_DFL);  // Catch's are for the test
    _exit(body());
  }
  ~Process() { stop(SIGKILL); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  void signal(int number) const { kill(pid_, number); }
  /// Exit status; 128 + signal.
  int stop(int number) {
    if (pid_ <= 0) return -1;
    signal(number);
    return wait();
  }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

int run_duetd() {
  DuetdOptions options;
  options.state_directory = state_directory;
  options.socket = request_socket;
  options.exec_socket = exec_socket;
  const int output = open("/run/duet-test/duetd.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(output, 2);
  std::signal(SIGPIPE, SIG_IGN);
  log::open({.program = "duetd", .foreground = true, .least = log::Level::debug, .blackbox_directory = {}});
  auto daemon = Daemon::create(options);
  if (!daemon) {
    log::write(log::Level::error, daemon.error().what + ": " + daemon.error().why);
    return 1;
  }
  return (*daemon)->run();
}

/// Welcomes duetd and does nothing else.
int run_executor() {
  auto loop = Loop::create();
  auto listener = ipc::listen_on_path(exec_socket, 0660);
  if (!loop || !listener) return 1;
  std::unique_ptr<ipc::Server> server;
  std::uint32_t starts = 0;
  auto created = ipc::Server::create(**loop, std::move(*listener), ipc::ServerOptions{.idle = 0s, .unanswered = 0},
                                     {[](ipc::ConnectionId, const ipc::PeerCredentials&) { return exec_body_max; },
                                      [&](ipc::ConnectionId client, const Bytes& frame) {
                                        const auto request = decode_exec_request(frame);
                                        if (!request || !std::holds_alternative<ExecHello>(*request)) return;
                                        const ExecWelcome welcome{1, BootId{std::string(64, 'a')}, ++starts, {}};
                                        server->send(client, encode(ExecReply{welcome}));
                                      },
                                      [](ipc::ConnectionId, const std::string&) {}});
  if (!created) return 1;
  server = std::move(*created);
  (*loop)->run();
  return 0;
}

/// Made before the processes that use it.
struct StateDirectoryOfTest {
  StateDirectoryOfTest() {
    fs::remove_all(state_directory);
    fs::create_directories(state_directory);
    fs::permissions(state_directory, fs::perms::owner_all);
  }
};

/// The whole node.
struct Node {
  StateDirectoryOfTest state;
  PrivateCorosync corosync;
  Process executor{run_executor};
  std::unique_ptr<Process> duetd = std::make_unique<Process>(run_duetd);

  void restart_duetd() {
    duetd.reset();
    duetd = std::make_unique<Process>(run_duetd);
  }
};

ipc::Client connect() {
  const Instant end = boot_now() + 10s;
  for (;;) {
    auto client = ipc::Client::connect(request_socket, {0});
    if (client) return std::move(*client);
    if (boot_now() > end) FAIL(client.error().what + ": " + client.error().why);
    usleep(20'000);
  }
}

IpcReply ask(ipc::Client& client, const Bytes& request, Duration limit = 10s) {
  REQUIRE(client.send(request, boot_now() + limit));
  auto frame = client.receive(boot_now() + limit);
  if (!frame) FAIL(frame.error().what + ": " + frame.error().why);
  auto reply = decode_ipc_reply(*frame);
  REQUIRE(reply);
  return std::move(*reply);
}

ClusterView view(ipc::Client& client, GetCluster request = {}) {
  const IpcReply reply = ask(client, encode(IpcRequest{7, request}), 40s);
  CHECK(reply.number == 7);
  REQUIRE(std::holds_alternative<ClusterView>(reply.body));
  return std::get<ClusterView>(reply.body);
}

/// Asks, waiting for changes, until the view is as wanted.
ClusterView view_when(ipc::Client& client, const std::function<bool(const ClusterView&)>& wanted) {
  const Instant end = boot_now() + 20s;
  ClusterView last = view(client);
  while (!wanted(last) && boot_now() < end) last = view(client, {last.generation, 200});
  return last;
}

bool is_up(const ClusterView& view) {
  return view.corosync_connected && view.executor_connected && view.quorate;
}

TEST_CASE("duetd: answers before corosync is there, and says what it waits for", "[duetd]") {
  if (!enter_sandbox()) return;
  Node node;
  node.corosync.kill();
  node.restart_duetd();
  ipc::Client client = connect();
  const ClusterView waiting = view(client);
  CHECK_FALSE(waiting.corosync_connected);
  REQUIRE_FALSE(waiting.warnings.empty());
  CHECK(waiting.warnings.front().find("corosync") != std::string::npos);
  AdminRequest request;
  request.command = "node standby";
  request.body = LeaveCluster{};
  const IpcReply refused = ask(client, encode(IpcRequest{3, request}));
  CHECK(refused.number == 3);
  REQUIRE(std::holds_alternative<AdminReply>(refused.body));
  CHECK(std::get<AdminReply>(refused.body).error->code == Errc::not_running);
  CHECK(node.duetd->stop(SIGTERM) == 0);
}

TEST_CASE("duetd: connects corosync and executor, and shows what is weak", "[duetd][A9]") {
  if (!enter_sandbox()) return;
  Node node;
  ipc::Client client = connect();
  const ClusterView up = view_when(client, is_up);
  REQUIRE(is_up(up));
  CHECK(up.self == NodeId{7});
  CHECK(up.node_name == "seven");
  CHECK(up.state.nodes.at(NodeId{7}).incarnation == Incarnation{BootId{std::string(64, 'a')}, 1});
  // This corosync is not encrypted: nothing would be started (A9). It is alone without wait_for_all, too.
  const auto encryption = std::find_if(up.unsafe.begin(), up.unsafe.end(), [](const auto& reason) {
    return reason.text.find("neither encrypted") != std::string::npos;
  });
  CHECK(encryption != up.unsafe.end());
}

TEST_CASE("duetd: a client that waits for a change is answered when there is one", "[duetd]") {
  if (!enter_sandbox()) return;
  Node node;
  ipc::Client client = connect();
  const ClusterView up = view_when(client, is_up);
  REQUIRE(is_up(up));
  SECTION("nothing changes: it is answered after its time") {
    const ClusterView settled = view(client, {up.generation, 1000});
    const Instant before = boot_now();
    const ClusterView later = view(client, {settled.generation + 1000, 300});
    CHECK(boot_now() - before >= 300ms);
    CHECK(later.generation >= settled.generation);
  }
  SECTION("the executor goes: it is answered at once") {
    const Instant before = boot_now();
    node.executor.stop(SIGKILL);
    const ClusterView changed = view_when(client, [](const ClusterView& now) { return !now.executor_connected; });
    CHECK_FALSE(changed.executor_connected);
    CHECK(boot_now() - before < 1s);
  }
}

TEST_CASE("duetd: corosync killed and back: seen, and joined again", "[duetd][S6][L7]") {
  if (!enter_sandbox()) return;
  Node node;
  ipc::Client client = connect();
  REQUIRE(is_up(view_when(client, is_up)));
  node.corosync.kill();
  CHECK_FALSE(view_when(client, [](const ClusterView& now) { return !now.corosync_connected; }).corosync_connected);
  node.corosync.start();
  CHECK(is_up(view_when(client, is_up)));
}

TEST_CASE("duetd: what is no request is refused with its number, and the connection goes on", "[duetd][S15]") {
  if (!enter_sandbox()) return;
  Node node;
  ipc::Client client = connect();
  Bytes request = encode(IpcRequest{11, GetCluster{}});
  request.push_back(0xFF);
  const IpcReply reply = ask(client, request);
  REQUIRE(std::holds_alternative<AdminReply>(reply.body));
  CHECK(std::get<AdminReply>(reply.body).error);
  CHECK(ask(client, encode(IpcRequest{12, GetHistory{}})).number == 12);
}

TEST_CASE("duetd: a second one on the same state is refused, the first goes on", "[duetd][R49]") {
  if (!enter_sandbox()) return;
  Node node;
  ipc::Client client = connect();
  REQUIRE(is_up(view_when(client, is_up)));
  Process second{[] {
    DuetdOptions options;
    options.state_directory = state_directory;
    options.socket = "/run/duet-test/second.sock";
    const auto daemon = Daemon::create(options);
    return daemon ? 0 : static_cast<int>(daemon.error().code == Errc::busy ? 42 : 1);
  }};
  CHECK(second.wait() == 42);
  CHECK(is_up(view(client)));
}

TEST_CASE("duetd: ends cleanly when asked, and after a kill it comes back", "[duetd][L6]") {
  if (!enter_sandbox()) return;
  Node node;
  {
    ipc::Client client = connect();
    REQUIRE(is_up(view_when(client, is_up)));
  }
  CHECK(node.duetd->stop(SIGKILL) == 128 + SIGKILL);
  node.restart_duetd();
  ipc::Client client = connect();
  const ClusterView again = view_when(client, is_up);
  REQUIRE(is_up(again));
  CHECK(again.state.nodes.at(NodeId{7}).incarnation.start == 2);
  CHECK(node.duetd->stop(SIGTERM) == 0);
}

TEST_CASE("duetd: root, its own user and the group are administrators, nobody else", "[duetd][V4]") {
  ipc::PeerCredentials peer;
  peer.uid = 1000;
  peer.gid = 1000;
  CHECK(IpcService::role_of(peer, 990, 991) == Role::none);
  peer.groups = {5, 991};
  CHECK(IpcService::role_of(peer, 990, 991) == Role::admin);
  CHECK(IpcService::role_of(peer, 990, static_cast<gid_t>(-1)) == Role::none);
  peer = {};
  peer.uid = 990;
  CHECK(IpcService::role_of(peer, 990, 991) == Role::admin);
  peer.uid = 0;
  CHECK(IpcService::role_of(peer, 990, static_cast<gid_t>(-1)) == Role::admin);
}

}  // namespace
}  // namespace duet::test
