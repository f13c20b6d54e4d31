// SPDX-License-Identifier: Apache-2.0
// The fake daemon and the fake agents. Changes go through core/admin, so that what a command asks for is judged as the
// real daemon judges it.
#include "tests/unit/cli/fixture.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "cli/agents/catalog.hpp"
#include "cli/commands/run.hpp"
#include "core/admin/admin.hpp"

namespace duet::cli::test {

namespace {

class FakeConnection final : public Connection {
 public:
  FakeConnection(FakeDaemon& daemon, Instant& now) : daemon_{daemon}, now_{now} {}

  Outcome<IpcReplyBody> call(IpcRequestBody body, const CallOptions& /*options*/) override {
    if (daemon_.down) {
      return cli::failure({.code = Exit::not_running,
                           .id = "E18",
                           .what = "duetd is not running on this node",
                           .fix = "systemctl start corosync duetd"});
    }
    if (const auto* question = std::get_if<GetCluster>(&body)) return cluster(*question);
    if (std::holds_alternative<GetHistory>(body)) return daemon_.history;
    return change(std::get<AdminRequest>(body));
  }

 private:
  ClusterView cluster(const GetCluster& question) {
    if (daemon_.questions++ > 0 && daemon_.later) daemon_.later(daemon_.view);
    now_ = now_ + std::chrono::milliseconds{question.wait_ms} + 1ms;
    ++daemon_.view.generation;
    return daemon_.view;
  }

  Outcome<IpcReplyBody> change(const AdminRequest& request) {
    daemon_.requests.push_back(request);
    if (daemon_.lose_changes) {
      return cli::failure({.code = Exit::unknown_result,
                           .id = "E27",
                           .what = "result unknown: connection lost 0.4 s after the request was sent",
                           .fix = "duet history -n 3"});
    }
    AdminReply reply;
    reply.notes = daemon_.notes;
    reply.error = daemon_.refuse;
    if (reply.error) return reply;
    if (request.dry_run) {
      reply.preview = daemon_.preview;
      return reply;
    }
    if (const auto* edits = std::get_if<std::vector<ConfigEdit>>(&request.body)) {
      auto after = apply_edits(daemon_.view.effective, *edits, request.confirmed);
      if (!after) {
        reply.error = after.error();
        return reply;
      }
      daemon_.view.effective = *after;
      daemon_.view.committed.config = std::move(*after);
      daemon_.view.committed.command = request.command;
      reply.position = {1, ++daemon_.view.committed.position.index};
    }
    return reply;
  }

  FakeDaemon& daemon_;
  Instant& now_;
};

AgentParameter parameter(std::string name, std::string type, bool required = false, std::string default_value = {}) {
  AgentParameter p;
  p.name = std::move(name);
  p.type = std::move(type);
  p.required = required;
  p.default_value = std::move(default_value);
  p.short_description = "what " + p.name + " does";
  return p;
}

AgentAction action(std::string name, std::string timeout, std::string interval = {}) {
  AgentAction a;
  a.name = std::move(name);
  a.timeout = std::move(timeout);
  a.interval = std::move(interval);
  return a;
}

AgentMetadata metadata_of(const AgentRef& agent) {
  AgentMetadata m;
  m.name = agent.type;
  m.short_description = "agent " + agent.type;
  m.actions = {action("start", "20s"), action("stop", "20s"), action("monitor", "20s", "10s"),
               action("meta-data", "5s")};
  if (agent.type == "IPaddr2") {
    m.actions.push_back(action("validate-all", "20s"));
    m.parameters = {parameter("ip", "string", true), parameter("cidr_netmask", "string"), parameter("nic", "string"),
                    parameter("arp_count", "integer", false, "5"), parameter("lvs_support", "boolean", false, "false")};
  }
  if (agent.standard == "stonith") {
    m.parameters = {parameter("plug", "string", true),
                    parameter("port", "string"),
                    parameter("ipport", "string", false, "1229"),
                    parameter("timeout", "second", false, "30"),
                    parameter("auth", "select"),
                    parameter("passwd", "string"),
                    parameter("action", "string", true)};
    m.actions.push_back(action("status", "20s"));
    m.parameters[1].deprecated = true;
    m.parameters[0].obsoletes = "port";
    m.parameters[4].options = {"none", "sha256"};
  }
  return m;
}

class FakeCatalog final : public AgentCatalog {
 public:
  explicit FakeCatalog(const Call& call) : call_{call} {}
  std::vector<AgentRef> list() override {
    return {{"ocf", "heartbeat", "Dummy"}, {"ocf", "heartbeat", "IPaddr2"}, {"ocf", "pacemaker", "Stateful"},
            {"ocf", "duet", "IPaddr2"},    {"ocf", "alpha", "twin"},        {"ocf", "beta", "twin"},
            {"stonith", "", "fence_xvm"},  {"systemd", "", "haproxy"},      {"systemd", "", "nginx"}};
  }
  bool installed(const AgentRef& agent) override {
    const auto all = list();
    return std::find(all.begin(), all.end(), agent) != all.end();
  }
  Outcome<AgentMetadata> metadata(const AgentRef& agent) override { return metadata_of(agent); }
  Outcome<void> validate(const AgentRef& agent, const std::string& id, const Attributes& parameters) override {
    const auto nic = parameters.find("nic");
    if (nic == parameters.end() || nic->second != "nosuch") return {};
    return cli::failure({.what = id + ": " + agent.text() + " refuses these values", .why = "no interface nosuch"});
  }
  Outcome<AgentOutput> ask(const AgentRef& /*agent*/, const std::string& action,
                           const Attributes& parameters) override {
    Attributes all = parameters;
    all["action"] = action;
    if (!call_.device) return AgentOutput{0, "Status: ON\n"};
    auto [code, text] = call_.device(all);
    return AgentOutput{code, std::move(text)};
  }

 private:
  const Call& call_;
};

Machine fake_machine(const Call& call, Instant& now) {
  Machine machine;
  machine.unit_enabled = [&call](std::string_view unit) {
    return std::find(call.enabled_units.begin(), call.enabled_units.end(), unit) != call.enabled_units.end();
  };
  auto lines = std::make_shared<std::vector<std::string>>(call.input);
  machine.read_line = [lines](bool) -> std::optional<std::string> {
    if (lines->empty()) return std::nullopt;
    std::string line = lines->front();
    lines->erase(lines->begin());
    return line;
  };
  machine.input_is_terminal = call.input_terminal;
  machine.root = call.root;
  machine.now = [&now] { return now; };
  machine.ask = [](const std::string&, const std::vector<std::string>&) { return std::optional<std::string>{}; };
  return machine;
}

}  // namespace

Printed duet(FakeDaemon& daemon, const std::vector<std::string>& arguments, const Call& call) {
  ::setenv("TZ", "CET-1", 1);  // NOLINT: tests have one thread
  ::tzset();
  Printed result;
  Instant now{};
  Shell shell{{[&](std::string_view text) { result.out += text; }, false, call.color, 80},
              {[&](std::string_view text) { result.err += text; }, call.err_terminal, false, 100},
              fake_machine(call, now),
              std::make_unique<FakeConnection>(daemon, now),
              std::make_unique<FakeCatalog>(call)};
  result.code = run(shell, arguments);
  return result;
}

Printed duet(FakeDaemon& daemon, const std::string& line, const Call& call) {
  return duet(daemon, words_of(line), call);
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
      any = true;
    } else if (quote == 0 && c == ' ') {
      if (any) words.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

}  // namespace duet::cli::test
