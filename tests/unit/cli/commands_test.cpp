// SPDX-License-Identifier: Apache-2.0
// What commands ask of the daemon, and what they print when it is done.
#include <algorithm>
#include <catch2/catch.hpp>

#include "core/base/duration_text.hpp"
#include "tests/unit/cli/fixture.hpp"

namespace duet::cli::test {

namespace {

template <class Edit>
const Edit& edit_of(const FakeDaemon& daemon, std::size_t request = 0, std::size_t edit = 0) {
  return std::get<Edit>(std::get<std::vector<ConfigEdit>>(daemon.requests.at(request).body).at(edit));
}
template <class Action>
const Action& action_of(const FakeDaemon& daemon, std::size_t request = 0) {
  return std::get<Action>(std::get<ClusterAction>(daemon.requests.at(request).body));
}

std::vector<std::string> texts(const std::vector<Operation>& operations) {
  std::vector<std::string> out;
  for (const auto& op : operations) {
    out.push_back(op.action + " " + format_duration(op.interval) + " " +
                  (op.timeout ? format_duration(*op.timeout) : "-"));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("tutorial: word for word, three times; later runs change nothing but the two settings", "[cli][tutorial]") {
  FakeDaemon daemon;
  daemon.view = empty_view();
  daemon.view.devices = {{"vmfence", server1, true, true, "", 100}};
  daemon.view.state.devices["vmfence"].verified = true;
  const std::vector<std::string> lines{
      "property set stonith-enabled=false",
      "resource create VIP ocf:heartbeat:IPaddr2 ip=192.168.122.100 cidr_netmask=24 op monitor interval=30s",
      "resource create haproxy systemd:haproxy op monitor interval=60s",
      "resource group add hagroup VIP haproxy",
      "stonith create vmfence fence_xvm pcmk_host_map=\"server1:Node1;server4:Node4\" op monitor interval=30s",
      "property set stonith-enabled=true"};
  for (int round = 0; round < 3; ++round) {
    daemon.requests.clear();
    for (const auto& line : lines) {
      CAPTURE(round, line);
      const auto done = duet(daemon, line);
      CHECK(done.code == 0);
      CHECK(done.out.empty());
      CHECK(done.err.find("Error") == std::string::npos);
      const bool setting = line.starts_with("property");
      if (round > 0 && !setting) CHECK(done.err == "unchanged\n");
    }
    CHECK(daemon.requests.size() == (round == 0 ? 6 : 2));
  }
  CHECK(duet(daemon, "verify").code == 0);
}

TEST_CASE("resource create: default operations come from the metadata, a typed one keeps only what was typed",
          "[cli][create]") {
  FakeDaemon daemon;
  daemon.view = empty_view();
  const auto done = duet(daemon, "resource create VIP IPaddr2 ip=10.0.0.1 op monitor interval=30s --disabled");
  CHECK(done.err == "Assumed agent name 'ocf:heartbeat:IPaddr2' (deduced from 'IPaddr2')\n");
  const auto& create = edit_of<CreateResource>(daemon);
  CHECK(create.primitive.agent.text() == "ocf:heartbeat:IPaddr2");
  CHECK(texts(create.primitive.operations) == std::vector<std::string>{"monitor 30s -", "start 0s 20s", "stop 0s 20s"});
  CHECK(create.primitive.meta.at("target-role") == "Stopped");
  CHECK(daemon.requests[0].command == "resource create VIP IPaddr2 ip=10.0.0.1 op monitor interval=30s --disabled");

  daemon.requests.clear();
  CHECK(duet(daemon, "resource create D ocf::heartbeat:Dummy --group G").code == 0);
  CHECK(texts(edit_of<CreateResource>(daemon).primitive.operations) ==
        std::vector<std::string>{"monitor 10s 20s", "start 0s 20s", "stop 0s 20s"});
  CHECK(edit_of<CreateResource>(daemon).place->group == "G");

  daemon.requests.clear();
  CHECK(duet(daemon, "resource create E ocf:heartbeat:Dummy --no-default-ops group G before D").code == 0);
  CHECK(texts(edit_of<CreateResource>(daemon).primitive.operations) == std::vector<std::string>{"monitor 10s 20s"});
  CHECK(edit_of<CreateResource>(daemon).place->before == "D");
}

TEST_CASE("resource create: --force lets an unknown parameter pass", "[cli][create]") {
  FakeDaemon daemon;
  daemon.view = empty_view();
  CHECK(duet(daemon, "resource create V IPaddr2 ip=1 odd=2 --force").code == 0);
  CHECK(duet(daemon, "resource create W IPaddr2 ip=1 odd=2 --skip-check=parameters").code == 0);
}

TEST_CASE("resource update: an empty value removes, operations are replaced", "[cli][update]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "resource update VIP cidr_netmask= ip=10.0.0.2 op monitor interval=30s timeout=5s meta priority=3")
            .code == 0);
  const Primitive& vip = *daemon.view.effective.primitive("VIP");
  CHECK(vip.parameters == Attributes{{"ip", "10.0.0.2"}});
  CHECK(vip.meta.at("priority") == "3");
  CHECK(texts(vip.operations).front() == "monitor 30s 5s");
}

TEST_CASE("resource enable, disable, manage, unmanage: one commit for all that is named", "[cli][change]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "resource disable VIP haproxy").code == 0);
  CHECK(daemon.requests.size() == 1);
  CHECK(daemon.view.effective.primitive("haproxy")->meta.at("target-role") == "Stopped");
  CHECK(duet(daemon, "resource enable VIP haproxy").code == 0);
  CHECK_FALSE(daemon.view.effective.primitive("haproxy")->meta.contains("target-role"));
  CHECK(duet(daemon, "resource enable VIP").err == "unchanged\n");
  CHECK(duet(daemon, "resource unmanage VIP --monitor").code == 0);
  CHECK(daemon.view.effective.primitive("VIP")->meta.at("is-managed") == "false");
  const auto& operations = daemon.view.effective.primitive("VIP")->operations;
  CHECK(std::none_of(operations.begin(), operations.end(),
                     [](const Operation& op) { return op.action == "monitor" && op.enabled; }));
  CHECK(duet(daemon, "resource manage VIP --monitor").code == 0);
  CHECK(daemon.view.effective.primitive("VIP")->operations.size() == 3);
}

TEST_CASE("resource move: names the group, the other node, and says if it is there already", "[cli][move]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "resource move VIP").err == "Note: VIP moves with its group hagroup\n");
  CHECK(action_of<MoveResource>(daemon).id == "hagroup");
  CHECK(action_of<MoveResource>(daemon).target == server4);
  CHECK(duet(daemon, "resource move hagroup server1").err == "hagroup is on server1 already\n");
  CHECK(daemon.requests.size() == 1);
}

TEST_CASE("resource ban and clear: ids of pcs, a warning that it is permanent", "[cli][ban]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto ban = duet(daemon, "resource ban hagroup");
  CHECK(ban.code == 0);
  CHECK(ban.err.find("this is permanent\n  Fix:  duet resource clear hagroup server1\n") != std::string::npos);
  CHECK(edit_of<AddLocation>(daemon).constraint.id == "cli-ban-hagroup-on-server1");
  CHECK(duet(daemon, "resource ban hagroup server1").err == "unchanged\n");
  const auto clear = duet(daemon, "resource clear hagroup");
  CHECK(clear.out == "Removing constraint: cli-ban-hagroup-on-server1\n");
  CHECK(daemon.view.effective.locations.empty());
  CHECK(duet(daemon, "resource clear hagroup").err == "unchanged\n");
}

TEST_CASE("resource delete: stops first, then deletes; what is stopped is deleted at once", "[cli][delete]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  daemon.later = [](ClusterView& view) { stop_everywhere(view, "haproxy"); };
  const auto done = duet(daemon, "resource delete haproxy");
  CHECK(done.code == 0);
  CHECK(done.out == "Attempting to stop: haproxy... Stopped\n");
  CHECK(daemon.requests.size() == 2);
  CHECK(daemon.view.effective.primitive("haproxy") == nullptr);
  stop_everywhere(daemon.view, "VIP");
  CHECK(duet(daemon, "resource remove hagroup").out == "Deleting Resource - hagroup\n");
  CHECK(daemon.view.effective.primitives.empty());
  CHECK(duet(daemon, "resource delete gone --if-exists").code == 0);
}

TEST_CASE("resource delete: what does not stop is not deleted", "[cli][delete]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  daemon.view.effective.properties["stonith-enabled"] = "false";
  daemon.later = [](ClusterView& view) {
    ResourceOnNode& on = view.state.resources["haproxy"].on[server1];
    on.activity = Activity::failed;
    on.stop_failed = true;
    on.failures = {failure(Action::stop, 0s, Score::infinite, 1, "will not")};
  };
  const auto done = duet(daemon, "resource delete haproxy");
  CHECK(done.code == 1);
  CHECK(done.out == "Attempting to stop: haproxy... Failed\n");
  CHECK(daemon.view.effective.primitive("haproxy") != nullptr);
}

TEST_CASE("resource cleanup: one line for each pair; a member stands for its group", "[cli][cleanup]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "resource cleanup haproxy").out ==
        "Cleaned up VIP on server1\nCleaned up VIP on server4\nCleaned up haproxy on server1\nCleaned up haproxy on "
        "server4\n");
  CHECK(duet(daemon, "resource cleanup haproxy node=server1 --strict").out == "Cleaned up haproxy on server1\n");
  CHECK(action_of<CleanupResource>(daemon, 1).strict);
  CHECK(duet(daemon, "resource refresh").out == "Cleaned up all resources on all nodes\n");
  CHECK(action_of<CleanupResource>(daemon, 2).refresh);
}

TEST_CASE("resource group: add, reorder, remove, again", "[cli][group]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "resource group add hagroup VIP haproxy").err == "unchanged\n");
  CHECK(duet(daemon, "resource group add hagroup haproxy").err == "unchanged\n");
  CHECK(duet(daemon, "resource group add hagroup haproxy --before VIP").code == 0);
  CHECK(daemon.view.effective.groups[0].members == std::vector<ObjectId>{"haproxy", "VIP"});
  CHECK(duet(daemon, "resource group delete hagroup VIP").code == 0);
  CHECK(duet(daemon, "resource ungroup hagroup").code == 0);
  CHECK(daemon.view.effective.groups.empty());
}

TEST_CASE("constraints: prefers, avoids, order, colocation, delete", "[cli][constraint]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "constraint location hagroup prefers server1=50").code == 0);
  CHECK(duet(daemon, "constraint location hagroup prefers server1=50").err == "unchanged\n");
  const auto pinned = duet(daemon, "constraint location hagroup avoids server4");
  CHECK(pinned.err.find("use server4=100 for a preference") != std::string::npos);
  CHECK(daemon.view.effective.locations.size() == 2);
  CHECK(daemon.view.effective.locations[1].score.is_minus_infinity());
  REQUIRE(duet(daemon, "resource ungroup hagroup").code == 0);
  CHECK(duet(daemon, "constraint order VIP then haproxy").out ==
        "Adding VIP haproxy (kind: Mandatory) (Options: first-action=start then-action=start)\n");
  CHECK(duet(daemon, "constraint order start VIP then start haproxy").err == "unchanged\n");
  CHECK(duet(daemon, "constraint colocation add haproxy with VIP").code == 0);
  CHECK(duet(daemon, "constraint colocation add haproxy with VIP INFINITY").err == "unchanged\n");
  CHECK(duet(daemon, "constraint --full")
            .out.find("start VIP then start haproxy (kind:Mandatory) (id:order-VIP-haproxy-mandatory)") !=
        std::string::npos);
  CHECK(duet(daemon, "constraint order delete VIP").code == 0);
  CHECK(duet(daemon, "constraint colocation delete haproxy VIP").code == 0);
  CHECK(daemon.view.effective.orders.empty());
  CHECK(daemon.view.effective.colocations.empty());
}

TEST_CASE("node: standby of this node without a name, of all; the same again is unchanged", "[cli][node]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "node standby").code == 0);
  CHECK(edit_of<SetNodeAttributes>(daemon).nodes == std::vector<NodeId>{server1});
  CHECK(duet(daemon, "cluster standby server1").err == "unchanged\n");
  CHECK(duet(daemon, "node unstandby --all").code == 0);
  CHECK(daemon.view.effective.nodes[0].attributes.empty());
  CHECK(duet(daemon, "node attribute server4 rack=7").code == 0);
  CHECK(duet(daemon, "node attribute").out == "Node Attributes:\n server4: rack=7\n");
}

TEST_CASE("stonith create: warns of a device without proof, reads secrets from standard input", "[cli][stonith]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  daemon.later = [](ClusterView& view) { view.devices = {{"second", server1, true, false, "no host answered", 10}}; };
  const auto done =
      duet(daemon, "stonith create second fence_xvm passwd=- pcmk_host_list=server1,server5", {.input = {"topsecret"}});
  CHECK(done.code == 0);
  CHECK(edit_of<CreateDevice>(daemon).device.parameters.at("passwd") == "topsecret");
  CHECK(daemon.requests[0].command.find("topsecret") == std::string::npos);
  CHECK(done.err.find("Warning: 'server5' is no node of this cluster") != std::string::npos);
  CHECK(done.err.find("Warning: second: no proof from server1: no host answered\n") != std::string::npos);
  const auto config = duet(daemon, "stonith config second").out;
  CHECK(config.find("passwd=<hidden>") != std::string::npos);
  CHECK(duet(daemon, "stonith config second --output-format=cmd").out.find("passwd=-") != std::string::npos);
  CHECK(duet(daemon, "config --output-format=json").out.find("topsecret") == std::string::npos);
}

TEST_CASE("stonith create: every mapped machine must tell its power state before anything is committed",
          "[cli][stonith][E14]") {
  FakeDaemon daemon;
  daemon.view = empty_view();
  std::vector<std::map<std::string, std::string>> asked;
  Call call{.root = true};
  call.device = [&](const std::map<std::string, std::string>& values) -> std::pair<int, std::string> {
    asked.push_back(values);
    if (values.at("plug") != "Node 1") return {2, "Status: OFF\n"};
    return {1, "Operation failed\nThe host 10.0.0.1 knows no domain \"Node 1\"\nIt shows this node: Node1, Node4.\n"};
  };
  const std::string create = "stonith create v fence_xvm \"pcmk_host_map=server1:NAME;server4:Node4\" passwd=- ";
  const auto with = [&](const std::string& name) {
    std::string line = create;
    return line.replace(line.find("NAME"), 4, name);
  };
  call.input = {"topsecret"};
  const Printed refused = duet(
      daemon, {"stonith", "create", "v", "fence_xvm", "-v", "passwd=-", "pcmk_host_map=server1:Node 1;server4:Node4"},
      call);
  CHECK(refused.code == 1);
  CHECK(daemon.requests.empty());
  CHECK_THAT(refused.err, Catch::StartsWith("Error: v: no power state of server1 (Node 1); the device is not created"
                                            " [E14]\n"));
  CHECK_THAT(refused.err, Catch::Contains("It shows this node: Node1, Node4."));
  REQUIRE(asked.size() == 1);
  CHECK(asked[0] == std::map<std::string, std::string>{
                        {"action", "status"}, {"plug", "Node 1"}, {"passwd", "topsecret"}, {"timeout", "4"}});
  asked.clear();
  CHECK(duet(daemon, with("Node1"), call).code == 0);
  CHECK(asked.size() == 2);  // off is an answer, too
  CHECK(daemon.requests.size() == 1);
  asked.clear();
  daemon.requests.clear();
  daemon.view = empty_view();
  CHECK(duet(daemon, with("Node1") + "--no-proof", call).code == 0);
  CHECK(duet(daemon, with("Node1") + "--dry-run", call).code != 1);
  call.root = false;  // an administrator who is not root cannot read the key; the nodes try it after the commit
  daemon.view = empty_view();
  CHECK(duet(daemon, with("Node1"), call).code == 0);
  CHECK(asked.empty());
}

TEST_CASE("stonith confirm: refused while a device says that the node is on", "[cli][stonith]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  int code = 0;
  std::vector<std::string> asked;
  Call call{.root = true};
  call.device = [&](const std::map<std::string, std::string>& values) -> std::pair<int, std::string> {
    asked.push_back(values.at("plug"));
    return {code, ""};
  };
  const Printed refused = duet(daemon, "stonith confirm server4 --yes", call);
  CHECK(refused.code == 107);
  CHECK_THAT(refused.err, Catch::StartsWith("Error: server4 is not off: vmfence says that Node4 is running\n"));
  CHECK(daemon.requests.empty());
  CHECK(asked == std::vector<std::string>{"Node4"});
  CHECK(duet(daemon, "stonith confirm server4 --yes --skip-check=power-state", call).code == 0);
  for (const int answer : {1, 2}) {  // no answer; off
    code = answer;
    CHECK(duet(daemon, "stonith confirm server4 --yes", call).code == 0);
  }
  CHECK(daemon.requests.size() == 3);
}

TEST_CASE("stonith create: a deprecated parameter is taken with a warning", "[cli][stonith]") {
  FakeDaemon daemon;
  daemon.view = empty_view();
  const auto done = duet(daemon, "stonith create v fence_xvm port=Node1 --no-proof");
  CHECK(done.code == 0);
  CHECK(done.err == "Warning: stonith option 'port' is deprecated and should not be used, use 'plug' instead\n");
}

TEST_CASE("stonith create: what has no effect here is taken with a warning", "[cli][stonith]") {
  FakeDaemon daemon;
  daemon.view = empty_view();
  const auto done = duet(daemon, "stonith create v fence_xvm pcmk_off_retries=3 pcmk_action_limit=-1 --no-proof");
  CHECK(done.code == 0);
  CHECK(done.err ==
        "Warning: pcmk_action_limit has no effect: a device gets one order at a time\n"
        "Warning: pcmk_off_retries has no effect: fencing is tried until it succeeds\n");
}

TEST_CASE("stonith delete: the last device goes only with --yes", "[cli][stonith]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "stonith delete vmfence --yes").code == 0);
  CHECK(daemon.view.effective.devices.empty());
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "stonith delete vmfence", {.input_terminal = true, .input = {"vmfence"}}).code == 107);
}

TEST_CASE("stonith history: by time, whichever became known first", "[cli][stonith]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  FenceEvent late;
  late.id = "f2";
  late.target = server4;
  late.by = server1;
  late.outcome = FenceOutcome::succeeded;
  late.device = "late";
  late.unix_ms = 2'000;
  FenceEvent early = late;
  early.id = "f1";
  early.outcome = FenceOutcome::failed;
  early.device = "early";
  early.unix_ms = 1'000;
  daemon.view.state.fencing = {late, early};
  const auto shown = duet(daemon, "stonith history");
  CHECK(shown.out.find("early") < shown.out.find("late"));
  CHECK_THAT(shown.out, Catch::Contains("(a later attempt succeeded)"));
  CHECK_THAT(shown.out, Catch::EndsWith("2 events found\n"));
}

TEST_CASE("stonith fence: follows the fencing to its end", "[cli][stonith]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  daemon.later = [](ClusterView& view) {
    FenceEvent event;
    event.id = "f1";
    event.target = server4;
    event.by = server1;
    event.outcome = FenceOutcome::succeeded;
    event.device = "vmfence";
    view.state.fencing = {event};
  };
  const auto done = duet(daemon, "stonith fence server4 --off");
  CHECK(done.code == 0);
  CHECK(done.out == "Node: server4 fenced\n");
  CHECK(done.err.starts_with("server4: device vmfence (fence_xvm)\n"));
  CHECK(action_of<FenceNode>(daemon).action == FenceAction::off);

  FakeDaemon failing;
  failing.view = tutorial_view();
  failing.later = [](ClusterView& view) {
    FenceEvent event;
    event.id = "f2";
    event.target = server4;
    event.outcome = FenceOutcome::failed;
    event.detail = "VM Node4 is still running";
    view.state.fencing = {event};
  };
  const auto failed = duet(failing, "stonith fence server4");
  CHECK(failed.code == 1);
  CHECK(failed.err.find("Error: fencing server4 failed after ") != std::string::npos);
  CHECK(failed.err.find("Why:  VM Node4 is still running\n") != std::string::npos);
}

TEST_CASE("stonith confirm: by --yes, by --force as pcs, by the typed name", "[cli][stonith]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "stonith confirm server4 --yes").out == "Node: server4 confirmed fenced\n");
  CHECK(duet(daemon, "stonith confirm server4 --force").err == "Note: --force is taken as --yes here\n");
  CHECK(duet(daemon, "stonith confirm server4", {.input_terminal = true, .input = {"server4"}}).code == 0);
  CHECK(duet(daemon, "stonith confirm server4", {.input_terminal = true, .input = {"yes"}}).code == 107);
  CHECK(daemon.requests.size() == 3);
  CHECK(daemon.requests[2].confirmed);
}

TEST_CASE("stonith level: add, commas, delete, clear, verify", "[cli][stonith]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "stonith level add 1 server4 vmfence,").code == 0);
  CHECK(duet(daemon, "stonith level add 1 server4 vmfence").err == "unchanged\n");
  CHECK(duet(daemon, "stonith level").out == "Target: server4\n  Level 1 - vmfence\n");
  CHECK(duet(daemon, "stonith level verify").code == 0);
  CHECK(duet(daemon, "stonith level delete 1 server4").code == 0);
  CHECK(duet(daemon, "stonith level clear").err == "unchanged\n");
}

TEST_CASE("dry run: shows the daemon's preview of edits and asks for nothing else", "[cli][dry-run]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  for (const auto* line :
       {"node standby server1", "resource disable VIP", "resource delete VIP", "resource create V Dummy",
        "stonith create v fence_xvm", "property set maintenance-mode=true"}) {
    CAPTURE(line);
    daemon.requests.clear();
    const auto done = duet(daemon, std::string{line} + " --dry-run");
    CHECK(done.code == 0);
    CHECK(done.out == "Stop VIP server1\nStart VIP server4\nNothing was changed.\n");
    REQUIRE(daemon.requests.size() == 1);
    CHECK(daemon.requests[0].dry_run);
  }
  CHECK(duet(daemon, "node standby server1 --dry-run --brief").out == "VIP\n");
  CHECK(duet(daemon, "node standby server1 --dry-run --output-format=json")
            .out.find(R"("preview":["Stop VIP server1","Start VIP server4"])") != std::string::npos);
}

TEST_CASE("dry run: an action never reaches the daemon", "[cli][dry-run]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto move = duet(daemon, "resource move hagroup --dry-run");
  CHECK(move.out ==
        "Stop haproxy server1\nStop VIP server1\nStart VIP server4\nStart haproxy server4\n"
        "VIP would move from server1 to server4\nhaproxy would move from server1 to server4\n"
        "Nothing was changed.\n");
  CHECK(duet(daemon, "cluster stop --dry-run").out == move.out);
  CHECK(duet(daemon, "stonith fence server4 --off --dry-run").out == "Fence server4 (off)\nNothing was changed.\n");
  CHECK(duet(daemon, "stonith confirm server4 --dry-run").code == 0);
  CHECK(duet(daemon, "resource cleanup --dry-run").out == "Probe all resources\nNothing was changed.\n");
  CHECK(duet(daemon, "stonith history cleanup --dry-run").code == 0);
  CHECK(daemon.requests.empty());
}

TEST_CASE("safe: refuses what would stop others", "[cli][safe]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  daemon.preview = "Stop haproxy server1\nStop VIP server1\n";
  const auto refused = duet(daemon, "resource disable VIP --safe");
  CHECK(refused.code == 107);
  CHECK(refused.err.starts_with("Error: this would also stop haproxy\n"));
  CHECK(daemon.requests.size() == 1);
  CHECK(duet(daemon, "resource safe-disable VIP").code == 107);
  daemon.preview = "Stop haproxy server1\nStop VIP server1\nStart haproxy server4\n";
  CHECK(duet(daemon, "resource disable VIP --safe").code == 107);
  CHECK(duet(daemon, "resource disable VIP --safe --no-strict").code == 0);
}

TEST_CASE("changes: silent on stdout; on a terminal one line with the commit; JSON result", "[cli][change]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto plain = duet(daemon, "property set maintenance-mode=true");
  CHECK(plain.out.empty());
  CHECK(plain.err.empty());
  const auto terminal = duet(daemon, "property set maintenance-mode=false", {.err_terminal = true});
  CHECK(terminal.err == "commit 16: property set maintenance-mode=false\n");
  daemon.notes = {"stored on server1 only"};
  const auto json = duet(daemon, "property unset maintenance-mode --output-format json");
  CHECK(json.out.starts_with(R"({"schema":"duet.result/1","changed":true,"dry_run":false,"commit":17,"epoch":1,)"));
  CHECK(json.out.ends_with(R"("notes":["stored on server1 only"],"preview":[]})"
                           "\n"));
  CHECK(json.err == "Warning: stored on server1 only\n");
}

TEST_CASE("cluster stop: refuses to stop the service for good, else leaves", "[cli][cluster]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  daemon.view.state.nodes[server4].membership = Membership::absent;
  const auto refused = duet(daemon, "cluster stop");
  CHECK(refused.code == 107);
  CHECK(refused.err == "Error: this would stop hagroup on the only online node\n  Fix:  add --yes if that is meant\n");
  const auto done = duet(daemon, "cluster stop --yes");
  CHECK(done.code == 0);
  CHECK(done.out == "server1: Stopping Cluster (duetd)...\n");
  CHECK(duet(daemon, "cluster stop --all").code == 64);
  CHECK(duet(daemon, "cluster stop server4").code == 64);
  daemon.down = true;
  CHECK(duet(daemon, "cluster stop").code == 0);
  CHECK(duet(daemon, "cluster start").err.find("systemctl start corosync duetd") != std::string::npos);
}

TEST_CASE("history, show, diff: commits in commands", "[cli][history]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  HistoryItem one{
      {1, 13}, std::string(64, '1'), "root@server1", "resource create haproxy systemd:haproxy", 1'795'356'200'000, {}};
  one.config = daemon.view.effective;
  one.config.groups.clear();
  HistoryItem two{
      {1, 14}, std::string(64, '2'), "root@server4", "resource group add hagroup VIP haproxy", 1'795'356'280'000, {}};
  two.config = daemon.view.effective;
  daemon.history.items = {one, two};
  CHECK(duet(daemon, "history -n 2").out ==
        "   13  2026-11-22T15:03:20+01:00  root@server1      resource create haproxy systemd:haproxy\n"
        "   14  2026-11-22T15:04:40+01:00  root@server4      resource group add hagroup VIP haproxy\n");
  const auto shown = duet(daemon, "show 14");
  CHECK(shown.out.find("Command: resource group add hagroup VIP haproxy\n") != std::string::npos);
  CHECK(shown.out.ends_with("\n+ duet resource group add hagroup VIP haproxy\n"));
  const auto diff = duet(daemon, "diff");
  CHECK(diff.code == 1);
  CHECK(diff.out == "+ duet resource group add hagroup VIP haproxy\n");
  CHECK(duet(daemon, "diff 14 13").out == "- duet resource group add hagroup VIP haproxy\n");
  CHECK(duet(daemon, "diff 14 14").code == 0);
  CHECK(
      duet(daemon, "history --output-format=json").out.find(R"("command": "resource group add hagroup VIP haproxy")") !=
      std::string::npos);
}

TEST_CASE("config as commands: running them on a new cluster makes the same configuration", "[cli][config]") {
  FakeDaemon source;
  source.view = tutorial_view();
  source.view.devices.clear();
  for (const auto* line :
       {"resource meta hagroup resource-stickiness=100", "constraint location hagroup prefers server1=50",
        "property set no-quorum-policy=stop", "node attribute server4 rack=7", "stonith level add 1 server4 vmfence",
        "resource defaults failure-timeout=60s", "resource op defaults timeout=30s"}) {
    CAPTURE(line);
    REQUIRE(duet(source, line).code == 0);
  }
  FakeDaemon target;
  target.view = empty_view();
  target.view.devices = {{"vmfence", server1, true, true, "", 100}};
  std::string commands = duet(source, "config --output-format=cmd").out;
  for (std::size_t at = 0; at < commands.size();) {
    const auto end = commands.find('\n', at);
    const std::string line = commands.substr(at + 5, end - at - 5);
    CAPTURE(line);
    CHECK(duet(target, line).code == 0);
    at = end + 1;
  }
  CHECK(duet(target, "config --output-format=json").out == duet(source, "config --output-format=json").out);
}

TEST_CASE("status query: answers by exit code", "[cli][status]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "status query resource VIP exists").code == 0);
  CHECK(duet(daemon, "status query resource nothere exists").code == 1);
  CHECK(duet(daemon, "status query resource VIP is-state started").code == 0);
  CHECK(duet(daemon, "status query resource VIP is-state started on-node server4").code == 1);
  CHECK(duet(daemon, "status query resource hagroup is-type group --quiet").err.empty());
  CHECK(duet(daemon, "status query resource VIP is-in-group hagroup").err == "True\n");
  CHECK(duet(daemon, "status query resource nothere is-state started").code == 105);
}

TEST_CASE("agents: list, describe, standards need no daemon", "[cli][agents]") {
  FakeDaemon daemon;
  daemon.down = true;
  CHECK(duet(daemon, "resource standards").out == "ocf\nsystemd\n");
  CHECK(duet(daemon, "resource providers").out == "alpha\nbeta\nduet\nheartbeat\npacemaker\n");
  CHECK(duet(daemon, "resource agents ocf:heartbeat").out == "Dummy\nIPaddr2\n");
  CHECK(duet(daemon, "resource agents nothere").code == 105);
  CHECK(duet(daemon, "resource list dummy").out == "ocf:heartbeat:Dummy - agent Dummy\n");
  CHECK(duet(daemon, "stonith list --nodesc").out == "fence_xvm\n");
  const auto text = duet(daemon, "resource describe IPaddr2").out;
  CHECK(text.starts_with("ocf:heartbeat:IPaddr2 - agent IPaddr2\n"));
  CHECK(text.find("  ip (required)\n    what ip does\n    Type: string\n") != std::string::npos);
  CHECK(duet(daemon, "stonith describe fence_xvm").out.find("  port") == std::string::npos);
  CHECK(duet(daemon, "stonith describe fence_xvm --full").out.find("  port (deprecated)\n    Use instead: plug\n") !=
        std::string::npos);
}

TEST_CASE("json: every read has it or says that it has not", "[cli][json]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  daemon.view.state.resources["VIP"].on[server4].failures = {failure(Action::monitor, 30s, 2, 1, "")};
  for (const auto* line :
       {"resource", "stonith", "resource group list", "stonith level", "property", "resource failcount", "verify",
        "why VIP", "resource list", "resource standards", "constraint", "status nodes", "stonith history"}) {
    CAPTURE(line);
    const auto done = duet(daemon, std::string{line} + " --output-format=json");
    CHECK(done.out.starts_with("{\n"));
    CHECK(done.out.find(R"("schema": "duet.)") != std::string::npos);
  }
  CHECK(duet(daemon, "resource failcount --output-format=json").out.find("\"server4\": 2") != std::string::npos);
  const auto none = duet(daemon, "resource relations VIP --output-format=json");
  CHECK(none.code == 64);
  CHECK(none.out.empty());
}

TEST_CASE("what a change makes doubtful is told at once", "[cli][update]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto misspelt = duet(daemon, "resource meta hagroup target-role=Stoped");
  CHECK(misspelt.code == 0);
  CHECK_THAT(misspelt.err, Catch::Contains("'Stoped' is not a value of target-role"));
  CHECK(duet(daemon, "resource meta hagroup priority=1").err.find("Stoped") == std::string::npos);  // not again
}

TEST_CASE("resource update op: changes the one that is there, as pcs does", "[cli][update]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  REQUIRE(duet(daemon, "resource update haproxy op monitor interval=60s timeout=9s on-fail=block").code == 0);
  REQUIRE(duet(daemon, "resource update haproxy op monitor interval=5s timeout=3s").code == 0);
  std::vector<Operation> monitors;
  for (const auto& operation : daemon.view.effective.primitive("haproxy")->operations) {
    if (operation.action == "monitor") monitors.push_back(operation);
  }
  REQUIRE(monitors.size() == 1);
  CHECK(monitors[0].interval == 5s);
  CHECK(monitors[0].timeout == 3s);
  CHECK(monitors[0].on_fail == OnFail::block);
}

TEST_CASE("resource delete --dry-run: shows the stops that come first", "[cli][delete]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "resource delete hagroup --dry-run").code == 0);
  REQUIRE(daemon.requests.size() == 1);
  CHECK(daemon.requests[0].dry_run);
  const auto& edits = std::get<std::vector<ConfigEdit>>(daemon.requests[0].body);
  REQUIRE(std::holds_alternative<UpdateResource>(edits.at(0)));
  CHECK(std::get<UpdateResource>(edits[0]).meta.at("target-role") == "Stopped");
}

TEST_CASE("agent-validation: the agent's word counts before anything is sent", "[cli][agents]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto refused = duet(daemon, "resource create V IPaddr2 ip=10.9.0.9 nic=nosuch --agent-validation");
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Catch::Contains("Error: V: ocf:heartbeat:IPaddr2 refuses these values\n"));
  CHECK_THAT(refused.err, Catch::Contains("Why:  no interface nosuch\n"));
  CHECK(daemon.requests.empty());
  CHECK(duet(daemon, "resource create V IPaddr2 ip=10.9.0.9 nic=nosuch --disabled").code == 0);  // without it
  CHECK(duet(daemon, "resource create W IPaddr2 ip=10.9.0.8 --agent-validation").code == 0);
  const auto none = duet(daemon, "resource create D Dummy --agent-validation");
  CHECK(none.code == 0);
  CHECK_THAT(none.err, Catch::Contains("Warning: ocf:heartbeat:Dummy has no validate-all"));
  CHECK(duet(daemon, "resource create n systemd:nginx --agent-validation").err.find("validate-all") ==
        std::string::npos);
}

TEST_CASE("an address is checked for its form, and what is missing in an update is told as an update", "[cli][E05]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto bad = duet(daemon, "resource create V IPaddr2 ip=1.2.3");
  CHECK(bad.code == 64);
  CHECK_THAT(bad.err, Catch::Contains("Error: ip '1.2.3' is not an address\n"));
  CHECK(duet(daemon, "resource create V IPaddr2 ip=2001:db8::10").code == 0);
  const auto missing = duet(daemon, "resource update VIP ip=");
  CHECK_THAT(missing.err, Catch::Contains("Fix:  duet resource update VIP ip=ADDRESS\n"));
}

TEST_CASE("what is guessed for an agent is like its type, not like its standard", "[cli][E02]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "resource create x ocf:heartbeat:Nope").err.find("did you mean") == std::string::npos);
  CHECK_THAT(duet(daemon, "resource create x ocf:heartbeat:IPadr2 ip=10.9.0.1").err,
             Catch::Contains("did you mean 'ocf:heartbeat:IPaddr2'?"));
  CHECK_THAT(duet(daemon, "resource create x ocf:hartbeat:Dummy").err,
             Catch::Contains("did you mean 'ocf:heartbeat:Dummy'?"));
}

TEST_CASE("what comes later says what serves until then", "[cli][E25]") {
  FakeDaemon daemon;
  const auto enable = duet(daemon, "cluster enable --all");
  CHECK(enable.code == 64);
  CHECK_THAT(enable.err, Catch::Contains("Fix:  on that node: systemctl enable corosync duetd\n"));
  CHECK_THAT(duet(daemon, "acl").err, Catch::Contains("haclient"));
  CHECK_THAT(duet(daemon, "dr").err, Catch::Contains("Why:  it is for one cluster of two nodes\n"));
}

TEST_CASE("debug tells what is asked of duetd", "[cli]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto said = duet(daemon, "resource disable VIP --debug");
  CHECK_THAT(said.err, Catch::Contains("debug: the cluster: answered after"));
  CHECK_THAT(said.err, Catch::Contains("debug: change 'resource disable VIP --debug': answered after"));
}

TEST_CASE("resource move --strict: refuses to stop others", "[cli][move]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  CHECK(duet(daemon, "resource move hagroup --strict").code == 0);
  CHECK(daemon.requests.size() == 1);
}

TEST_CASE("colour: only state words, only when asked for", "[cli][color]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  const auto colored = duet(daemon, "status", {.color = true}).out;
  CHECK(colored.find("Health: \033[32mOK\033[0m\n") != std::string::npos);
  CHECK(colored.find("\033[32mStarted\033[0m server1\n") != std::string::npos);
  CHECK(duet(daemon, "status").out.find('\033') == std::string::npos);
}

}  // namespace duet::cli::test
