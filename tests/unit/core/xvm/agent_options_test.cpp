// SPDX-License-Identifier: Apache-2.0
// Options of the agent: names, aliases, defaults and ranges of the original, and where we are stricter.
#include "core/xvm/agent_options.hpp"

#include <catch2/catch.hpp>

using namespace duet;
using namespace duet::xvm;

namespace {

AgentCall args(std::vector<std::string_view> arguments) {
  return read_arguments(arguments);
}

std::string all(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("fence_xvm options: without anything but a domain the defaults hold", "[xvm]") {
  const AgentCall call = args({"-H", "vm1"});
  CHECK(call.errors.empty());
  CHECK(call.warnings.empty());
  const AgentOptions& o = call.options;
  CHECK(o.action == Action::reboot);
  CHECK(o.domain == "vm1");
  CHECK(o.family == Family::ipv4);
  CHECK(to_text(o.group) == "225.0.0.12");
  CHECK(o.default_group);
  CHECK(o.port == 1229);
  CHECK(o.callback_port == 0);
  CHECK(o.retrans == 20);
  CHECK(o.timeout == 30);
  CHECK(o.delay == 0);
  CHECK(o.hash == HashType::sha256);
  CHECK(o.auth == HashType::sha256);
  CHECK(o.key_file == "/etc/cluster/fence_xvm.key");
  CHECK_FALSE(o.use_uuid);
  CHECK(o.debug == 0);
  CHECK(attempts(o) == 15);
}

TEST_CASE("fence_xvm options: every letter has its key, and both mean the same", "[xvm]") {
  const AgentCall letters =
      args({"-dd", "-i", "ipv6", "-a", "ff05::9", "-p",  "0x4cd", "-r5", "-C", "SHA1", "-c", "sha512", "-k",
            "/k",  "-n", "vm",   "-u", "-o",      "OFF", "-t",    "7",   "-w", "3",    "-l", "1229"});
  const AgentCall keys = read_stdin(
      "debug=2\nip_family=ipv6\nmulticast_address=ff05::9\nipport=0x4cd\nretrans=5\nauth=SHA1\nhash=sha512\nkey_file=/"
      "k\n"
      "plug=vm\nuse_uuid=1\naction=OFF\ntimeout=7\ndelay=3\ncallback_port=1229");
  for (const AgentCall* call : {&letters, &keys}) {
    CHECK(all(call->errors).empty());
    const AgentOptions& o = call->options;
    CHECK(o.debug == 2);
    CHECK(o.family == Family::ipv6);
    CHECK(to_text(o.group) == "ff05::9");
    CHECK_FALSE(o.default_group);
    CHECK(o.port == 1229);
    CHECK(o.retrans == 5);
    CHECK(o.auth == HashType::sha1);
    CHECK(o.hash == HashType::sha512);
    CHECK(o.key_file == "/k");
    CHECK(o.domain == "vm");
    CHECK(o.use_uuid);
    CHECK(o.action == Action::off);
    CHECK(o.timeout == 7);
    CHECK(o.delay == 3);
    CHECK(o.callback_port == 1229);
  }
}

TEST_CASE("fence_xvm options: all actions are known in any case, option is an alias", "[xvm]") {
  for (const Action action : all_actions) {
    const std::string line = "OPTION=" + std::string{to_string(action)} + "\nport=x\n";
    CHECK(read_stdin(line).options.action == action);
  }
  CHECK(read_stdin("action=List-Status").options.action == Action::list_status);
  CHECK(args({"-o", "list"}).errors.empty());
  CHECK_FALSE(args({"-o", "restart", "-H", "x"}).errors.empty());
}

TEST_CASE("fence_xvm options: who needs a domain says so", "[xvm]") {
  for (const Action action : all_actions) {
    const AgentCall call = args({"-o", to_string(action)});
    CAPTURE(to_string(action));
    CHECK(call.errors.empty() == !needs_domain(action));
    if (needs_domain(action)) CHECK(call.errors[0] == "No domain specified!");
  }
  CHECK(read_stdin("").errors.size() == 1);
}

TEST_CASE("fence_xvm options: a domain given twice must be the same", "[xvm]") {
  CHECK(read_stdin("plug=a\nport=a\ndomain=a\n").options.domain == "a");
  CHECK(read_stdin("plug=a\nport=a\n").errors.empty());
  CHECK(args({"-H", "a", "-n", "a"}).errors.empty());
  const AgentCall call = read_stdin("port=vm1\nplug=vm2\n");
  REQUIRE(call.errors.size() == 1);
  CHECK(call.errors[0] == "Two different domains: port='vm1' and plug='vm2'");
}

TEST_CASE("fence_xvm options: other settings count as they were given last", "[xvm]") {
  CHECK(read_stdin("timeout=5\ntimeout=9\naction=on\naction=off\nport=x").options.timeout == 9);
  CHECK(args({"-o", "on", "-o", "off", "-H", "x"}).options.action == Action::off);
}

TEST_CASE("fence_xvm options: what is not an option or not in range ends the run", "[xvm]") {
  const auto arguments = GENERATE(values<std::vector<std::string_view>>({{"-x"},
                                                                         {"-M"},
                                                                         {"-T"},
                                                                         {"--port=1"},
                                                                         {"vm2"},
                                                                         {"-"},
                                                                         {"-t", "0"},
                                                                         {"-t", "1x"},
                                                                         {"-t", ""},
                                                                         {"-t", "-1"},
                                                                         {"-t", "86401"},
                                                                         {"-r", "0"},
                                                                         {"-p", "0"},
                                                                         {"-p", "65536"},
                                                                         {"-p", "99999999999999999999"},
                                                                         {"-w", " 1"},
                                                                         {"-c", "md5"},
                                                                         {"-C", ""},
                                                                         {"-i", "ipv5"},
                                                                         {"-a", "host"},
                                                                         {"-a", "0.0.0.0"},
                                                                         {"-l", "65536"},
                                                                         {"-k", ""},
                                                                         {"-o"},
                                                                         {"-t", "08"},
                                                                         {"-i", "ipv6", "-a", "225.0.0.1"}}));
  CAPTURE(all({arguments.begin(), arguments.end()}));
  std::vector<std::string_view> with_domain{"-H", "vm1"};
  with_domain.insert(with_domain.end(), arguments.begin(), arguments.end());
  CHECK_FALSE(read_arguments(with_domain).errors.empty());
}

TEST_CASE("fence_xvm options: the domain has 1 to 63 characters", "[xvm]") {
  const std::string longest(63, 'n');
  CHECK(args({"-H", longest}).options.domain == longest);
  CHECK_FALSE(args({"-H", longest + "n"}).errors.empty());
  CHECK_FALSE(args({"-H", ""}).errors.empty());
  CHECK_FALSE(read_stdin("port=\n").errors.empty());
  CHECK_FALSE(read_stdin("port\n").errors.empty());
  CHECK_FALSE(read_stdin(std::string_view{"port=a\0b\n", 9}).errors.empty());
}

TEST_CASE("fence_xvm options: stdin is read line by line as the original does", "[xvm]") {
  CHECK(read_stdin("port=vm1").options.domain == "vm1");
  CHECK(read_stdin("  \tPORT=vm1 x\n").options.domain == "vm1");
  CHECK(read_stdin("port=vm1\r\n").options.domain == "vm1");
  CHECK(read_stdin("port=a=b\n").options.domain == "a=b");
  CHECK_FALSE(read_stdin("port = vm1\n").errors.empty());
  CHECK(read_stdin("\n  \n#port=other\nport=vm1\n\n").options.domain == "vm1");
  CHECK(read_stdin("use_uuid\nport=x").options.use_uuid);
  CHECK_FALSE(read_stdin("use_uuid=0\nport=x").options.use_uuid);
  CHECK(read_stdin("debug\ndebug\nport=x").options.debug == 2);
  const std::string path(2000, 'k');  // the original cuts such a line in pieces
  CHECK(read_stdin("key_file=" + path + "\nport=x").options.key_file == path);
}

TEST_CASE("fence_xvm options: keys of managers are ignored, unknown ones with a word", "[xvm]") {
  CHECK(read_stdin("agent=fence_xvm\nself=n1\nnodename=n2\nport=x\n").warnings.empty());
  const AgentCall call = read_stdin("crm_feature_set=3.1\nport=x\n=y\nverbose=\x1b[2J\n");
  CHECK(call.errors.empty());
  REQUIRE(call.warnings.size() == 3);
  CHECK(call.warnings[0] == "Parse error: Ignoring unknown option 'crm_feature_set'");
  CHECK(call.warnings[1] == "Parse error: Ignoring unknown option ''");
  CHECK(read_stdin("debug=/var/log/fence.log\nport=x").errors.empty());
}

TEST_CASE("fence_xvm options: too much on standard input is refused", "[xvm]") {
  CHECK(read_stdin("port=x\n" + std::string(stdin_max - 7, '\n')).errors.empty());
  CHECK_FALSE(read_stdin("port=x\n" + std::string(stdin_max, '\n')).errors.empty());
}

TEST_CASE("fence_xvm options: the family follows the address", "[xvm]") {
  CHECK(args({"-a", "ff02::7", "-o", "list"}).options.family == Family::ipv6);
  CHECK(to_text(args({"-i", "ipv6", "-o", "list"}).options.group) == "ff05::3:1");
  CHECK(args({"-i", "AUTO", "-a", "192.0.2.1", "-o", "list"}).options.family == Family::ipv4);
}

TEST_CASE("fence_xvm options: there is at least one attempt", "[xvm]") {
  CHECK(attempts(args({"-t", "1", "-H", "x"}).options) == 1);  // the original counts below zero and never ends
  CHECK(attempts(args({"-t", "1", "-r", "1", "-H", "x"}).options) == 10);
}

TEST_CASE("fence_xvm options: a key is needed unless both hash and auth are none", "[xvm]") {
  CHECK(args({"-H", "x", "-c", "none"}).options.needs_key());
  CHECK(args({"-H", "x", "-C", "none"}).options.needs_key());
  CHECK_FALSE(args({"-H", "x", "-C", "none", "-c", "none"}).options.needs_key());
}

TEST_CASE("fence_xvm options: help and version", "[xvm]") {
  CHECK(args({"-h"}).kind == AgentCall::Kind::help);
  CHECK(args({"-?"}).kind == AgentCall::Kind::help);
  CHECK(args({"--help"}).kind == AgentCall::Kind::help);
  CHECK(args({"-V"}).kind == AgentCall::Kind::version);
}

TEST_CASE("fence_xvm options: only what is answered here has no operation", "[xvm]") {
  CHECK(operation_of(Action::list_status) == Operation::list);
  CHECK(operation_of(Action::reboot) == Operation::reboot);
  CHECK_FALSE(operation_of(Action::metadata));
  CHECK_FALSE(operation_of(Action::validate_all));
  CHECK(agent_parameters().size() == 16);
}
