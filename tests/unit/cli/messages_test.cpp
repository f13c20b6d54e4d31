// SPDX-License-Identifier: Apache-2.0
// Messages and exit codes of cli.md section 7: each wrong input gives its message and changes nothing.
#include <catch2/catch.hpp>

#include "tests/unit/cli/fixture.hpp"

namespace duet::cli::test {

namespace {

struct Row {
  const char* line;
  int code;
  const char* text;
};

}  // namespace

TEST_CASE("messages: wrong input gives its message and code, and nothing is asked of the daemon", "[cli][messages]") {
  const auto row = GENERATE(values<Row>({
      {"resorce", 64, "Error: no command 'resorce'\n  Fix:  did you mean 'resource'?  duet resource --help\n"},
      {"resource create V ocf:heartbeat:IPadr2 ip=1", 1,
       "Error: agent 'ocf:heartbeat:IPadr2' is not installed on server1\n  Fix:  did you mean 'ocf:heartbeat:IPaddr2'? "
       " "
       "list: duet resource agents ocf:heartbeat\n"},
      {"resource create V NoSuchThing", 1, "Error: agent 'ocf:heartbeat:NoSuchThing' is not installed on server1\n"},
      {"resource create V twin", 109, "Error: 'twin' can be several agents: ocf:alpha:twin, ocf:beta:twin\n"},
      {"resource create V IPaddr2 ip=1 ipp=2", 1,
       "Error: 'ipp' is not a parameter of ocf:heartbeat:IPaddr2\n  Fix:  did you mean 'ip'?  all 5: duet resource "
       "describe IPaddr2\n"},
      {"resource create V systemd:haproxy port=80", 1, "Error: 'port' is not a parameter of systemd:haproxy\n"},
      {"property set no-quorum-policyy=stop", 1,
       "Error: no property 'no-quorum-policyy'\n  Fix:  did you mean 'no-quorum-policy'?\n"},
      {"property set stonith-enabled=maybe", 64,
       "Error: 'maybe' is not a value of stonith-enabled\n  Fix:  true or false\n"},
      {"property set no-quorum-policy=suicide", 64, "  Fix:  one of: stop, freeze, ignore\n"},
      {"property unset nothing-like-it", 1, "Error: no property 'nothing-like-it'\n"},
      {"property set stonith-enabled", 64, "Error: argument 'stonith-enabled' is not name=value\n"},
      {"resource create NEW ocf:heartbeat:IPaddr2 cidr_netmask=24", 1,
       "Error: NEW needs parameter 'ip'\n  Fix:  duet resource create NEW ocf:heartbeat:IPaddr2 ip=ADDRESS "
       "cidr_netmask=24\n"},
      {"resource group add hagroup nothere", 105,
       "Error: cannot add 'nothere' to group hagroup: no such resource\n  Fix:  create it first: duet resource create "
       "nothere ...\n"},
      {"resource group add hagroup hapoxy", 105, "  Fix:  did you mean 'haproxy'?\n"},
      {"resource create VIP ocf:heartbeat:IPaddr2 ip=10.9.0.101 cidr_netmask=24 op monitor interval=30s", 108,
       "Error: VIP exists with other settings\n  ip: 192.168.122.100 (now)  10.9.0.101 (asked)\n  Fix:  duet resource "
       "update VIP ip=10.9.0.101\n"},
      {"resource create vmfence Dummy", 108, "Error: vmfence is already the id of a fence device\n"},
      {"resource create hagroup Dummy", 108, "Error: hagroup is already the id of a group\n"},
      {"stonith create f fence_xvm pcmk_host_map='server1:Node1 server4:Node4'", 64,
       "Error: pcmk_host_map \"server1:Node1 server4:Node4\" has no ';'\n  Fix:  \"server1:Node1;server4:Node4\"\n"},
      {"stonith create f fence_xvm pcmk_host_map=server1", 64, "Error: "},
      {"stonith create f fence_xvm action=off", 1,
       "Error: stonith option 'action' is deprecated and should not be used\n  Fix:  use 'pcmk_off_action', "
       "'pcmk_reboot_action' instead\n"},
      {"stonith create f fence_xvm passwd=topsecret", 1,
       "Error: secrets are not taken from the command line\n  Why:  other users see the arguments of a program, and "
       "the "
       "shell keeps them\n  Fix:  passwd=@/root/fence.pw  or  passwd=-\n"},
      {"stonith create f fence_xvmm", 1, "did you mean 'fence_xvm'?"},
      {"stonith create f fence_xvm auth=md5", 64,
       "Error: auth 'md5' of f has a wrong form\n  Fix:  one of: none, sha256\n"},
      {"stonith create f fence_xvm timeout=soon", 64, "Error: timeout 'soon' of f has a wrong form\n"},
      {"stonith create f fence_xvm pcmk_off_timeout=soon", 64, "Error: pcmk_off_timeout 'soon' is not a time\n"},
      {"stonith create f fence_xvm pcmk_host_mapp=x", 1, "did you mean 'pcmk_host_map'?"},
      {"resource clone VIP", 1,
       "Error: duet does not have clones\n  Why:  it keeps one copy on two nodes\n  Fix:  run such services on both "
       "nodes "
       "with systemd; see duet help pcs-differences\n"},
      {"resource create V Dummy clone", 1, "Error: duet does not have clones\n"},
      {"resource create V Dummy promotable", 1, "Error: duet does not have promotable clones\n"},
      {"booth setup", 1, "Error: duet does not have tickets between sites\n"},
      {"constraint location VIP rule score=5 x eq y", 1,
       "Error: duet does not have rules and resource sets in constraints\n"},
      {"stonith sbd enable", 64, "Error: 'stonith sbd' is not available in this version yet\n"},
      {"cluster setup X a b c", 64, "Error: 'cluster setup' is not available in this version yet\n"},
      {"resource create 1x Dummy", 64, "Error: '1x' is no id of a resource\n"},
      {"resource create 'a\nb' Dummy", 64, "Error: 'a\\nb' is no id of a resource\n"},
      {"resource create V Dummy op monitor interval=abc", 64, "Error: interval 'abc' is not a time\n"},
      {"resource create V Dummy op monitor intervall=5", 64,
       "Error: 'intervall' is not an option of an operation\n  Fix:  did you mean 'interval'?\n"},
      {"resource create V Dummy op monitr interval=5", 64,
       "Error: 'monitr' is not an operation\n  Fix:  did you mean 'monitor'?\n"},
      {"resource create V Dummy op", 64, "Error: 'op' needs the name of an operation and at least one option\n"},
      {"resource create V Dummy op monitor", 64, "Error: operation 'monitor' has no options\n"},
      {"resource create V Dummy op interval=5", 64, "Error: 'op' needs the name of an operation before 'interval=5'\n"},
      {"resource create V Dummy op start interval=5", 64,
       "Error: operation start does not repeat: it has no interval\n"},
      {"resource create V Dummy op monitor on-fail=explode interval=5", 64,
       "Error: 'explode' is not an on-fail value\n"},
      {"resource create V Dummy op monitor interval=5 enabled=perhaps", 64,
       "Error: enabled 'perhaps' is neither true nor false\n"},
      {"resource create V Dummy op monitor interval=10s op monitor interval=10", 64,
       "Error: monitor is given twice with interval 10s\n"},
      {"resource create V Dummy meta", 64, "Error: 'meta' needs at least one name=value\n"},
      {"resource create V IPaddr2 ip=1 ip=2", 64, "Error: 'ip' is given twice: '1' and '2'\n"},
      {"resource create V IPaddr2 ip=1 arp_count=many", 64,
       "Error: arp_count 'many' of V has a wrong form\n  Fix:  a whole number\n"},
      {"resource create V IPaddr2 ip=1 lvs_support=dunno", 64, "  Fix:  true or false\n"},
      {"resource create V stonith:fence_xvm", 64,
       "Error: 'stonith:fence_xvm' is a fence agent\n  Fix:  duet stonith create ID fence_xvm\n"},
      {"resource create V Dummy --before VIP", 64, "Error: --before and --after need --group\n"},
      {"resource update nothere ip=1", 105, "Error: no resource 'nothere'\n"},
      {"resource update VIPP ip=1", 105, "  Fix:  did you mean 'VIP'?\n"},
      {"resource update VIP cidr_netmaskk=1", 1, "did you mean 'cidr_netmask'?"},
      {"resource update VIP ip=", 1, "Error: VIP needs parameter 'ip'\n"},
      {"resource update hagroup ip=1", 64, "Error: group hagroup has no parameters and operations\n"},
      {"resource update vmfence ipport=1", 105, "  Fix:  vmfence is a fence device: duet stonith --help\n"},
      {"resource delete nothere", 105, "Error: no resource 'nothere'\n"},
      {"resource move VIP server5", 105, "Error: no node 'server5'\n  Fix:  did you mean 'server"},
      {"resource move nothere", 105, "Error: no resource 'nothere'\n"},
      {"resource ban VIP server1 lifetime=PT5M", 64,
       "Error: a life time of a ban is not available in this version yet\n"},
      {"resource group add 9x VIP", 64, "Error: '9x' is no id of a group\n"},
      {"resource group add VIP haproxy", 108, "Error: 'VIP' is the id of a resource\n"},
      {"resource group add other VIP", 1, "Error: cannot add 'VIP' to group other: it is in group hagroup\n"},
      {"resource group add hagroup haproxy haproxy", 64, "Error: 'haproxy' is named twice\n"},
      {"resource group delete hagroup nothere", 105, "Error: 'nothere' is not in group hagroup\n"},
      {"resource op add VIP monitor interval=30s timeout=3s", 108,
       "Error: VIP already has a monitor with interval 30s\n"},
      {"constraint location VIP prefers server9", 105, "Error: no node 'server9'\n"},
      {"constraint location VIP prefers server1=much", 64, "Error: 'much' is not a score\n"},
      {"constraint location VIP likes server1", 64,
       "Error: a location constraint is: RESOURCE prefers|avoids NODE[=SCORE]\n"},
      {"constraint order VIP than haproxy", 64, "Error: an order is: [ACTION] A then [ACTION] B\n"},
      {"constraint order VIP then haproxy kind=Maybe", 64, "Error: 'Maybe' is not a kind\n"},
      {"constraint order promote VIP then haproxy", 1, "Error: duet does not have promotable clones\n"},
      {"constraint colocation add VIP haproxy x", 64, "Error: a colocation is: A with B [SCORE]\n"},
      {"constraint delete nothere", 105, "Error: no constraint 'nothere'\n"},
      {"node standby server9", 105, "Error: no node 'server9'\n"},
      {"node standby --all server1", 64, "Error: --all and node names exclude each other\n"},
      {"stonith delete vmfence", 107, "Error: this would delete the last fence device while stonith-enabled=true"},
      {"stonith disable vmfence", 107, "Error: this would disable the last fence device while stonith-enabled=true"},
      {"stonith fence server9", 105, "Error: no node 'server9'\n"},
      {"stonith confirm server9", 105, "Error: no node 'server9'\n"},
      {"stonith confirm server1 --yes", 1, "Error: server1 is this node: it is not off\n"},
      {"stonith confirm server4", 107, "Error: If node 'server4' is not powered off"},
      {"stonith level add 10 server1 vmfence", 64, "Error: '10' is not a level\n"},
      {"stonith level add 1 server1 nothere", 105, "Error: no fence device 'nothere'\n"},
      {"resource enable VIP --wait=soon", 64, "Error: --wait=soon is not a time\n"},
      {"status --output-format=yaml", 64, "Error: no output format 'yaml'\n"},
      {"resource enable VIP --output-format=cmd", 64, "Error: a change has no output as commands\n"},
      {"resource create V Dummy -f cib.xml --wait", 64, "Error: Cannot use '-f' together with '--wait'\n"},
      {"status xml", 64, "Error: XML is not available in this version yet\n"},
      {"status query resource VIP is-stat x", 64, "Error: no query 'is-stat'\n"},
      {"status nothere", 105, "Error: no resource 'nothere'\n"},
      {"why nothere", 105, "Error: no resource 'nothere'\n"},
      {"show x", 64, "Error: 'x' is not the number of a commit\n"},
      {"show 99", 105, "Error: no commit 99\n"},
  }));
  CAPTURE(row.line);
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto done = duet(daemon, std::string{row.line});
  CHECK(done.code == row.code);
  CHECK(done.out.empty());
  CHECK(done.err.find(row.text) != std::string::npos);
  if (done.err.find(row.text) == std::string::npos) UNSCOPED_INFO(done.err);
  CHECK(daemon.requests.empty());
}

TEST_CASE("messages: what the daemon refuses keeps its words and gets its code", "[cli][messages]") {
  struct Refusal {
    Errc code;
    int exit;
  };
  const auto row = GENERATE(values<Refusal>({{Errc::no_quorum, 106},
                                             {Errc::refused, 1},
                                             {Errc::busy, 75},
                                             {Errc::not_found, 105},
                                             {Errc::exists, 108},
                                             {Errc::dangerous, 107},
                                             {Errc::invalid_argument, 64},
                                             {Errc::invalid_config, 78},
                                             {Errc::storage, 1},
                                             {Errc::timeout, 124},
                                             {Errc::unknown_result, 112}}));
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  daemon.refuse = Error{row.code, "server4 is lost", "it is not known to be off", "duet stonith confirm server4"};
  const auto done = duet(daemon, "node standby server1");
  CHECK(done.code == row.exit);
  CHECK(done.err ==
        "Error: server4 is lost\n  Why:  it is not known to be off\n  Fix:  duet stonith confirm server4\n");
}

TEST_CASE("messages: E18 without a daemon, E27 when the connection is lost after a change", "[cli][messages]") {
  FakeDaemon daemon;
  daemon.down = true;
  const auto down = duet(daemon, "status");
  CHECK(down.code == 69);
  CHECK(down.err == "Error: duetd is not running on this node\n  Fix:  systemctl start corosync duetd\n");
  CHECK(duet(daemon, "status --check").out.starts_with("DUET UNKNOWN - "));
  CHECK(duet(daemon, "status --check").code == 3);
  daemon.down = false;
  daemon.view = tutorial_view();
  daemon.lose_changes = true;
  const auto lost = duet(daemon, "node standby server1");
  CHECK(lost.code == 112);
  CHECK(lost.err.find("Fix:  duet history -n 3") != std::string::npos);
}

TEST_CASE("messages: -v shows the id, JSON has it with code, cause and fixes", "[cli][messages]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "property set nonsense=1 -v").err.starts_with("Error: no property 'nonsense' [E04]\n"));
  const auto json = duet(daemon, "resource create V IPaddr2 ip=1 ipp=2 --output-format=json");
  CHECK(json.code == 1);
  CHECK(json.out.starts_with(R"({"schema":"duet.error/1","code":1,"id":"E03","message":"'ipp' is not a parameter of)"));
  CHECK(json.out.find(R"("subject":{"id":"V"})") != std::string::npos);
  CHECK(json.err.find("Error: 'ipp'") != std::string::npos);
  CHECK(duet(daemon, "nonsense --output-format=json").out.starts_with(R"({"schema":"duet.error/1","code":64)"));
}

TEST_CASE("messages: W01, W02, W03 warn and do not stop", "[cli][messages]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto off = duet(daemon, "property set fencing-enabled=no");
  CHECK(off.code == 0);
  CHECK(off.err.find("Warning: fencing is off: if the nodes lose each other both may run hagroup\n") == 0);
  const auto enabled =
      duet(daemon, "resource create web systemd:nginx --group hagroup", {.enabled_units = {"nginx.service"}});
  CHECK(enabled.code == 0);
  CHECK(enabled.err == "Warning: nginx.service is enabled at boot on server1\n  Fix:  systemctl disable nginx\n");
  CHECK(duet(daemon, "resource create A Dummy").err.find("Warning") == std::string::npos);
  const auto alone = duet(daemon, "resource create B Dummy");
  CHECK(alone.code == 0);
  CHECK(alone.err.find("Warning: A and B have no common group or constraint: they may run on different nodes\n") !=
        std::string::npos);
}

TEST_CASE("messages: -q leaves only errors", "[cli][messages]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "property set stonith-enabled=false -q").err.empty());
  CHECK(duet(daemon, "property set nonsense=1 -q").err.starts_with("Error: "));
}

}  // namespace duet::cli::test
