// SPDX-License-Identifier: Apache-2.0
// The grammar: options anywhere, longest words first, and the table itself.
#include "cli/grammar/parse.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "cli/commands/table.hpp"
#include "cli/grammar/help.hpp"
#include "cli/grammar/words.hpp"
#include "tests/unit/cli/fixture.hpp"

namespace duet::cli::test {

namespace {

Outcome<Invocation> parse_line(const std::string& line) {
  return parse(command_table(), words_of(line));
}

std::vector<const Command*> all_commands() {
  std::vector<const Command*> all;
  for (const auto& part : command_table()) {
    for (const auto& command : part) all.push_back(&command);
  }
  return all;
}

}  // namespace

TEST_CASE("parse: options may stand anywhere and -- ends them", "[cli][parse]") {
  const auto call = parse_line("--wait=30s resource -q create --group G VIP IPaddr2 ip=1.2.3.4 --disabled -- --odd");
  REQUIRE(call);
  CHECK(call->words == "resource create");
  CHECK(call->args == std::vector<std::string>{"VIP", "IPaddr2", "ip=1.2.3.4", "--odd"});
  CHECK(call->value("wait") == "30s");
  CHECK(call->value("group") == "G");
  CHECK(call->has("disabled"));
  CHECK(call->has("quiet"));
}

TEST_CASE("parse: a blank never gives --wait a value", "[cli][parse]") {
  const auto call = parse_line("resource enable --wait VIP");
  REQUIRE(call);
  CHECK(call->value("wait") == "");
  CHECK(call->args == std::vector<std::string>{"VIP"});
}

TEST_CASE("parse: required values come with = or a blank, letters can be joined", "[cli][parse]") {
  CHECK(parse_line("status --output-format json")->value("output-format") == "json");
  CHECK(parse_line("status --output-format=json")->value("output-format") == "json");
  CHECK(parse_line("history -n3")->value("count") == "3");
  CHECK(parse_line("history -n 3")->value("count") == "3");
  const auto joined = parse_line("stonith confirm server4 -qy");
  REQUIRE(joined);
  CHECK(joined->has("quiet"));
  CHECK(joined->has("yes"));
  CHECK(parse_line("node standby --simulate")->has("dry-run"));
}

TEST_CASE("parse: negative scores are arguments", "[cli][parse]") {
  const auto call = parse_line("constraint colocation add a with b -INFINITY");
  REQUIRE(call);
  CHECK(call->args.back() == "-INFINITY");
  CHECK(parse_line("constraint location add id r n -50")->args.back() == "-50");
}

TEST_CASE("parse: what is wrong ends with 64 and the way out", "[cli][parse]") {
  struct Row {
    const char* line;
    const char* what;
    const char* fix;
  };
  const auto row = GENERATE(values<Row>({
      {"resorce", "no command 'resorce'", "did you mean 'resource'?  duet resource --help"},
      {"resource mvoe VIP", "no command 'resource mvoe'", "did you mean 'resource move'?  duet resource move --help"},
      {"resource group lsit", "no command 'resource group lsit'",
       "did you mean 'resource group list'?  duet resource group list --help"},
      {"xyzzy", "no command 'xyzzy'", "duet --help"},
      {"node", "'node' needs a verb", ""},
      {"resource move VIP --disabled", "'resource move' has no option --disabled", "duet resource move --help"},
      {"status --colour=never", "no option '--colour'", "did you mean '--color'?"},
      {"status --check=yes", "option --check takes no value", ""},
      {"status --output-format", "option --output-format needs a value", ""},
      {"resource create VIP", "'resource create' needs more arguments", "duet resource create ID AGENT"},
      {"why a b c", "'why' takes no argument 'c'", "duet why"},
      {"status -Z", "no option '-Z'", ""},
  }));
  CAPTURE(row.line);
  const auto call = parse_line(row.line);
  REQUIRE_FALSE(call);
  CHECK(call.error().code == Exit::usage);
  CHECK(call.error().what == row.what);
  CHECK(call.error().fix.find(row.fix) == 0);
}

TEST_CASE("parse: an argument of 1 MiB is refused before anything else happens", "[cli][parse]") {
  const auto call = parse(command_table(), {"resource", "create", std::string(1024 * 1024, 'x'), "Dummy"});
  REQUIRE_FALSE(call);
  CHECK(call.error().code == Exit::usage);
  CHECK(call.error().what.size() < 120);
}

TEST_CASE("parse: every spelling of cli.md finds its command", "[cli][parse]") {
  struct Row {
    const char* line;
    const char* words;
  };
  const auto row = GENERATE(values<Row>({
      {"resource", "resource"},
      {"resource status VIP node=server1 --hide-inactive", "resource status"},
      {"resource show VIP --full", "resource status"},
      {"resource show", "resource status"},
      {"resource list ipaddr --nodesc", "resource list"},
      {"resource standards", "resource standards"},
      {"resource providers", "resource providers"},
      {"resource agents ocf:heartbeat", "resource agents"},
      {"resource describe IPaddr2 --full", "resource describe"},
      {"resource create V IPaddr2 ip=1 op monitor interval=1 meta a=b group G before X", "resource create"},
      {"resource create V IPaddr2 ip=1 --group G --after X --agent-validation --no-default-ops --wait=9",
       "resource create"},
      {"resource update V ip=2 op monitor interval=3 meta a=b", "resource update"},
      {"resource meta V a=b", "resource meta"},
      {"resource delete A B", "resource delete"},
      {"resource remove A --no-stop", "resource delete"},
      {"resource enable A B --wait", "resource enable"},
      {"resource disable A --safe --no-strict --wait=3", "resource disable"},
      {"resource safe-disable A", "resource safe-disable"},
      {"resource restart A --wait=30", "resource restart"},
      {"resource move A server4 --strict --wait", "resource move"},
      {"resource move A lifetime=PT5M", "resource move"},
      {"resource move-with-constraint A", "resource move-with-constraint"},
      {"resource ban A server1 lifetime=5", "resource ban"},
      {"resource clear A server1 --expired", "resource clear"},
      {"resource group list", "resource group"},
      {"resource group add G A B --before C", "resource group add"},
      {"resource group delete G A", "resource group delete"},
      {"resource group remove G", "resource group delete"},
      {"resource ungroup G A", "resource group delete"},
      {"resource manage A --monitor", "resource manage"},
      {"resource unmanage A B", "resource unmanage"},
      {"resource cleanup A node=n operation=monitor interval=3 --strict", "resource cleanup"},
      {"resource cleanup A --node n", "resource cleanup"},
      {"resource refresh A node=n", "resource refresh"},
      {"resource failcount", "resource failcount"},
      {"resource failcount show A node=n --full", "resource failcount"},
      {"resource failcount reset A n", "resource failcount reset"},
      {"resource config A B", "resource config"},
      {"resource op add A monitor interval=5", "resource op add"},
      {"resource op delete A monitor interval=5", "resource op delete"},
      {"resource op defaults update timeout=5", "resource op defaults"},
      {"resource op defaults timeout=5", "resource op defaults"},
      {"resource defaults resource-stickiness=100", "resource defaults"},
      {"resource defaults update resource-stickiness=100", "resource defaults"},
      {"resource relations A --full", "resource relations"},
      {"stonith", "stonith"},
      {"stonith status", "stonith status"},
      {"stonith show vmfence", "stonith status"},
      {"stonith config vmfence", "stonith config"},
      {"stonith list xvm", "stonith list"},
      {"stonith describe fence_xvm --full", "stonith describe"},
      {"stonith create v fence_xvm a=b op monitor interval=3 meta c=d --no-proof", "stonith create"},
      {"stonith update v a=b", "stonith update"},
      {"stonith delete v", "stonith delete"},
      {"stonith remove v", "stonith delete"},
      {"stonith enable v", "stonith enable"},
      {"stonith disable v", "stonith disable"},
      {"stonith cleanup v", "stonith cleanup"},
      {"stonith refresh v", "stonith refresh"},
      {"stonith failcount", "resource failcount"},
      {"stonith op add v monitor interval=3", "resource op add"},
      {"stonith meta v a=b", "stonith meta"},
      {"stonith defaults", "resource defaults"},
      {"stonith level", "stonith level"},
      {"stonith level config", "stonith level"},
      {"stonith level add 1 server1 a,b", "stonith level add"},
      {"stonith level delete 1 server1", "stonith level delete"},
      {"stonith level clear", "stonith level clear"},
      {"stonith level verify", "stonith level verify"},
      {"stonith fence server4 --off", "stonith fence"},
      {"stonith confirm server4 --yes", "stonith confirm"},
      {"stonith confirm server4 --force", "stonith confirm"},
      {"stonith history", "stonith history"},
      {"stonith history show server4", "stonith history"},
      {"stonith history update", "stonith history"},
      {"stonith history cleanup server4", "stonith history cleanup"},
      {"node standby server1 --wait=20", "node standby"},
      {"cluster standby server1", "node standby"},
      {"node standby --all", "node standby"},
      {"node unstandby", "node unstandby"},
      {"cluster unstandby --all", "node unstandby"},
      {"node maintenance server1 server4", "node maintenance"},
      {"node unmaintenance --all", "node unmaintenance"},
      {"node attribute server1 --name x", "node attribute"},
      {"node attribute server1 a=b", "node attribute"},
      {"property", "property"},
      {"property config stonith-enabled --all --defaults", "property config"},
      {"property list", "property config"},
      {"property show --all", "property config"},
      {"property set a=b c=d --force", "property set"},
      {"property unset a", "property unset"},
      {"property describe", "property describe"},
      {"property defaults", "property defaults"},
      {"constraint", "constraint"},
      {"constraint config --full --all", "constraint"},
      {"constraint list", "constraint"},
      {"constraint show --full", "constraint"},
      {"constraint ref A", "constraint ref"},
      {"constraint delete a b", "constraint delete"},
      {"constraint remove a", "constraint delete"},
      {"constraint location A prefers n=50 m", "constraint location"},
      {"constraint location A avoids n", "constraint location"},
      {"constraint location add i A n -INFINITY", "constraint location add"},
      {"constraint location add i A n score=5", "constraint location add"},
      {"constraint location config resources A", "constraint location config"},
      {"constraint location show --full", "constraint location config"},
      {"constraint location delete i", "constraint location delete"},
      {"constraint location remove i", "constraint location delete"},
      {"constraint order A then B kind=Optional symmetrical=false id=x", "constraint order"},
      {"constraint order start A then start B", "constraint order"},
      {"constraint order config", "constraint order config"},
      {"constraint order delete A", "constraint order delete"},
      {"constraint colocation add A with B score=INFINITY id=x", "constraint colocation add"},
      {"constraint colocation delete A B", "constraint colocation delete"},
      {"constraint colocation", "constraint colocation"},
      {"quorum", "quorum"},
      {"quorum config", "quorum"},
      {"quorum status", "status quorum"},
      {"status --full --hide-inactive", "status"},
      {"status -w", "status"},
      {"status VIP", "status"},
      {"status resources VIP node=n", "status resources"},
      {"status nodes both", "status nodes"},
      {"status wait 30", "status wait"},
      {"status query resource VIP is-state started on-node n --quiet", "status query resource"},
      {"cluster status", "cluster status"},
      {"cluster verify --full", "verify"},
      {"cluster stop --all", "cluster stop"},
      {"cluster start --all --wait=60", "cluster start"},
      {"config", "config"},
      {"config show", "config"},
      {"config checkpoint", "history"},
      {"config checkpoint view 3", "show"},
      {"config checkpoint diff 3 4", "diff"},
      {"history -n 3", "history"},
      {"why VIP", "why"},
      {"why health", "why"},
      {"why-not VIP server4", "why-not"},
      {"verify -v", "verify"},
      {"cluster setup --name X a b", "cluster setup"},
      {"doctor", "doctor"},
  }));
  CAPTURE(row.line);
  const auto call = parse_line(row.line);
  if (!call) FAIL(call.error().what);
  CHECK(call->command->words == row.words);
}

TEST_CASE("table: every command has a summary, and each example of it parses", "[cli][parse]") {
  std::set<std::string> spellings;
  for (const auto* command : all_commands()) {
    CAPTURE(command->words);
    CHECK_FALSE(command->summary.empty());
    CHECK(command->run != nullptr);
    CHECK(spellings.insert(std::string{command->words}).second);
    for (const auto other : split(command->also, ';')) CHECK(spellings.insert(std::string{other}).second);
    for (const auto name : split(command->options, ' ')) {
      CAPTURE(name);
      CHECK(find_option(name) != nullptr);
    }
    if (command->kind == Kind::later) continue;
    CHECK_FALSE(command->examples.empty());
    for (const auto example : split(command->examples, '\n')) {
      CAPTURE(example);
      const auto call = parse_line(std::string{example.substr(0, example.find(" | "))});
      if (!call) FAIL_CHECK(call.error().what);
      if (call) CHECK((call->command == command || split(command->also, ';').size() > 0));
    }
  }
}

TEST_CASE("help: every command and group has one, within 120 columns", "[cli][help]") {
  for (const auto* command : all_commands()) {
    if (command->words.starts_with("__")) continue;
    CAPTURE(command->words);
    FakeDaemon daemon;
    daemon.down = true;
    const auto done = duet(daemon, std::string{command->words} + " --help");
    CHECK(done.code == 0);
    CHECK(done.err.empty());
    CHECK(done.out.find("Usage: duet " + std::string{command->words}) != std::string::npos);
    if (command->kind != Kind::later) CHECK(done.out.find("Examples:\n  duet ") != std::string::npos);
    CHECK(duet(daemon, "help " + std::string{command->words}).out == done.out);
    for (const auto line : split(done.out, '\n')) {
      if (line.starts_with("Usage:") || line.starts_with("  duet ")) continue;
      CAPTURE(line);
      CHECK(line.size() <= 120);
    }
  }
  for (const auto* group : {"node", "cluster", "host"}) {
    FakeDaemon daemon;
    daemon.down = true;
    const auto done = duet(daemon, std::string{group} + " --help");
    CHECK(done.code == 0);
    CHECK(done.out.find(std::string{"Commands below 'duet "} + group) == 0);
  }
}

TEST_CASE("help: of move it is what cli.md shows", "[cli][help]") {
  FakeDaemon daemon;
  const auto text = duet(daemon, "resource move --help").out;
  CHECK(
      text.starts_with("Move a resource or group to the other node, once. Makes no constraint.\n\n"
                       "Usage: duet resource move ID [NODE] [--strict] [--wait[=N]] [--dry-run]\n\nExamples:\n"));
  CHECK(text.find("Exit:  0 moved or already there   1 cannot run there (reason printed)   124 time-out\n") !=
        std::string::npos);
}

TEST_CASE("help: topics, the table as JSON, and nothing for an unknown word", "[cli][help]") {
  FakeDaemon daemon;
  for (const auto* topic : {"tutorial", "exit-codes", "status-words", "pcs-differences"}) {
    CHECK(duet(daemon, std::string{"help "} + topic).out.size() > 200);
  }
  CHECK(duet(daemon, "help --output-format=json").out.starts_with(R"({"schema":"duet.help/1")"));
  CHECK(duet(daemon, "help nonsense").code == 64);
  CHECK(duet(daemon, "").code == 0);
  CHECK(duet(daemon, "-q").code == 64);
  CHECK(duet(daemon, "--version").out.starts_with("duet "));
}

TEST_CASE("completion: words, ids and options; nothing when the daemon is down", "[cli][complete]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, {"__complete", "resource", "mo"}).out == "move\nmove-with-constraint\n");
  CHECK(duet(daemon, {"__complete", "resource", "move", "h"}).out == "hagroup\nhaproxy\n");
  CHECK(duet(daemon, {"__complete", "node", "standby", ""}).out == "server1\nserver4\n");
  CHECK(duet(daemon, {"__complete", "resource", "move", "--w"}).out == "--wait\n");
  daemon.down = true;
  const auto silent = duet(daemon, {"__complete", "resource", "move", "h"});
  CHECK(silent.out.empty());
  CHECK(silent.err.empty());
}

TEST_CASE("parse: what is typed is kept as a shell would take it", "[cli][parse]") {
  const auto call = parse(command_table(), {"resource", "update", "VIP", "description=two words", "x=it's"});
  REQUIRE(call);
  CHECK(call->typed == "resource update VIP 'description=two words' 'x=it'\\\\''s'");
}

}  // namespace duet::cli::test
