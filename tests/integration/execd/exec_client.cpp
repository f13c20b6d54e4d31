// SPDX-License-Identifier: Apache-2.0
// duet-exec-client: gives single orders to a duet-execd by hand, in a lab node. Not installed.
//   duet-exec-client SOCKET COMMAND...
//     run AGENT ACTION [NAME=VALUE...]     prints the outcome; AGENT as ocf:heartbeat:IPaddr2, systemd:haproxy
//     fence AGENT ACTION [NAME=VALUE...]
//     metadata AGENT
//     watch AGENT [NAME=VALUE...]          prints hints for 60 s; checks the resource first
//     forget AGENT
//     reboot REASON                        only in a container
//     bench AGENT COUNT                    times of a monitor, from order to result
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "core/codec/exec_codec.hpp"
#include "platform/clock/clock.hpp"
#include "platform/ipc/client.hpp"
#include "platform/process/child.hpp"
#include "platform/process/read_file.hpp"

namespace {

using namespace duet;

[[noreturn]] void die(const std::string& text) {
  fmt::print(stderr, "{}\n", text);
  std::exit(1);
}

void print(const ExecReply& reply) {
  const std::int64_t now = wall_now().unix_ms;
  if (const auto* welcome = std::get_if<ExecWelcome>(&reply)) {
    fmt::print("{} welcome boot={} start={} kept={}\n", now, welcome->boot.get(), welcome->duetd_start,
               welcome->runs.size());
  } else if (const auto* ended = std::get_if<RunEnded>(&reply)) {
    fmt::print("{} ended {} code={} took={}ms reason={}\n{}", now, to_string(ended->outcome.status),
               ended->outcome.exit_code, ended->outcome.took_ms, ended->outcome.reason, ended->output);
  } else if (const auto* hint = std::get_if<ResourceHint>(&reply)) {
    fmt::print("{} hint {}: {}\n", now, hint->resource, hint->what);
  } else {
    fmt::print("{} begun\n", now);
  }
  std::fflush(stdout);
}

class Connection {
 public:
  explicit Connection(const std::string& socket) {
    auto client = ipc::Client::connect(socket, {0, geteuid()});
    if (!client) die(client.error().what);
    client_.emplace(std::move(*client));
    send(ExecHello{1, static_cast<std::uint32_t>(getpid())});
    print(receive());
  }
  void send(const ExecRequest& request) {
    if (auto sent = client_->send(encode(request), boot_now() + 5s); !sent) die(sent.error().what);
  }
  ExecReply receive(Duration limit = 120s) {
    auto frame = client_->receive(boot_now() + limit);
    if (!frame) die(frame.error().what);
    auto reply = decode_exec_reply(*frame);
    if (!reply) die(reply.error().what);
    return *reply;
  }
  void finish(const ExecRequest& request) {
    send(request);
    while (true) {
      const ExecReply reply = receive();
      print(reply);
      if (const auto* ended = std::get_if<RunEnded>(&reply)) return send(AckResult{ended->run});
    }
  }

 private:
  std::optional<ipc::Client> client_;
};

void tell(const char* what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  fmt::print("{}: median {:.2f} ms, 90 % {:.2f} ms, worst {:.2f} ms\n", what, times[times.size() / 2],
             times[times.size() * 9 / 10], times.back());
}

double milliseconds_since(Instant begin) {
  return std::chrono::duration<double, std::milli>(boot_now() - begin).count();
}

/// In turns with the bare start of a program, so that both meet the same load of the machine.
void bench(Connection& connection, RunAgent order, int count) {
  SpawnRequest bare;
  bare.program = "/bin/true";
  bare.arguments = {"true"};
  std::vector<double> direct;
  std::vector<double> ordered;
  for (int i = 0; i < count; ++i, ++order.run) {
    Instant begin = boot_now();
    auto child = spawn(bare);
    if (!child) die(child.error().what);
    pollfd end{child->pidfd.get(), POLLIN, 0};
    poll(&end, 1, -1);
    direct.push_back(milliseconds_since(begin));
    reap(child->pidfd);
    begin = boot_now();
    connection.send(order);
    while (!std::holds_alternative<RunEnded>(connection.receive())) {
    }
    ordered.push_back(milliseconds_since(begin));
    connection.send(AckResult{order.run});
  }
  tell("bare start of /bin/true", direct);
  tell("order to result", ordered);
}

Attributes attributes(int argc, char** argv, int first) {
  Attributes found;
  for (int i = first; i < argc; ++i) {
    const std::string text = argv[i];
    const auto equal = text.find('=');
    if (equal == std::string::npos) die("NAME=VALUE expected: " + text);
    found[text.substr(0, equal)] = text.substr(equal + 1);
  }
  return found;
}

AgentRef agent_of(const std::string& text) {
  AgentRef agent;
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  agent.standard = text.substr(0, first);
  if (second != std::string::npos) agent.provider = text.substr(first + 1, second - first - 1);
  agent.type = text.substr((second == std::string::npos ? first : second) + 1);
  return agent;
}

RunAgent order_of(const std::string& agent, const std::string& action) {
  RunAgent order;
  order.run = static_cast<std::uint64_t>(wall_now().unix_ms);
  order.op = OpId{1, 1, NodeId{1}};
  order.resource = "by-hand";
  order.agent = agent_of(agent);
  order.node_name = "here";
  order.timeout = 20s;
  if (action == "start") order.action = Action::start;
  if (action == "stop") order.action = Action::stop;
  if (action == "monitor") order.action = Action::monitor;
  return order;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) die("usage: duet-exec-client SOCKET run|fence|metadata|watch|forget AGENT ...");
  Connection connection{argv[1]};
  const std::string command = argv[2];
  const std::string agent = argv[3];
  if (command == "run" && argc > 4) {
    RunAgent order = order_of(agent, argv[4]);
    order.parameters = attributes(argc, argv, 5);
    connection.finish(order);
  } else if (command == "fence" && argc > 4) {
    connection.finish(RunFenceAgent{1, agent, argv[4], attributes(argc, argv, 5), 60s});
  } else if (command == "metadata") {
    connection.finish(QueryMetadata{1, agent_of(agent)});
  } else if (command == "bench" && argc > 4) {
    int count = 0;
    const std::string_view text = argv[4];
    std::from_chars(text.data(), text.data() + text.size(), count);
    bench(connection, order_of(agent, "monitor"), std::max(count, 1));
  } else if (command == "reboot") {
    const auto init = read_file("/proc/1/environ");
    if (!init || init->find("container=") == std::string::npos) die("this is not a container");
    connection.send(RebootNow{agent});
    poll(nullptr, 0, 5000);
    die("it still runs");
  } else if (command == "forget") {
    connection.send(ForgetResource{"by-hand", agent_of(agent)});
  } else if (command == "watch") {
    connection.send(WatchResource{"by-hand", agent_of(agent), attributes(argc, argv, 4)});
    RunAgent order = order_of(agent, "monitor");
    order.parameters = attributes(argc, argv, 4);
    connection.send(order);
    const Instant end = boot_now() + 60s;
    while (boot_now() < end) print(connection.receive(end - boot_now()));
  } else {
    die("unknown command");
  }
  return 0;
}
