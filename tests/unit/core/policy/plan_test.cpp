// SPDX-License-Identifier: Apache-2.0
// Properties of every plan, over random configurations and states.
#include "core/policy/plan.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "core/policy/forecast.hpp"
#include "tests/unit/core/policy/case_file.hpp"

using namespace duet;
using duet::test::PolicyCase;

namespace {

/// SplitMix64: the same cases on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  template <class List>
  auto pick(const List& list) {
    return list[below(list.size())];
  }

 private:
  std::uint64_t state_;
};

const std::vector<std::string> server_names{"server1", "server4"};

std::string random_config(Random& random, std::size_t count) {
  std::string text;
  if (random.chance(4)) text += "property stonith-enabled=false\n";
  if (random.chance(10)) text += "nodevice\n";
  if (random.chance(10)) text += "property maintenance-mode=true\n";
  if (random.chance(6))
    text += "property no-quorum-policy=" + random.pick(std::vector<std::string>{"stop", "ignore"}) + "\n";
  if (random.chance(6)) text += "quorate no\n";
  if (random.chance(3)) text += "defaults resource-stickiness=100 migration-threshold=2\n";
  for (std::size_t i = 0; i < count; ++i) {
    text += "primitive R" + std::to_string(i);
    if (random.chance(8)) text += " target-role=Stopped";
    if (random.chance(10)) text += " is-managed=false";
    if (random.chance(8)) text += " critical=false";
    if (random.chance(5)) {
      text += " multiple-active=" +
              random.pick(std::vector<std::string>{"stop_start", "stop_only", "block", "stop_unexpected"});
    }
    text += " op monitor interval=10s on-fail=" +
            random.pick(std::vector<std::string>{"restart", "restart", "restart", "ignore", "ban", "block", "stop",
                                                 "standby", "fence"});
    text += "\n";
  }
  std::size_t next = 0;
  for (int g = 0; g < 2 && next + 2 < count; ++g) {
    const std::size_t size = 2 + random.below(2);
    text += "group G" + std::to_string(g);
    for (std::size_t i = 0; i < size && next < count; ++i) text += " R" + std::to_string(next++);
    text += "\n";
  }
  // Constraints point from lower to higher numbers, so that they make no cycle.
  for (std::size_t i = 1; i < count; ++i) {
    const std::string a = "R" + std::to_string(random.below(i));
    const std::string b = "R" + std::to_string(i);
    if (random.chance(5)) {
      text += "order o" + std::to_string(i) + " " + a + " then " + b +
              " kind=" + random.pick(std::vector<std::string>{"Mandatory", "Mandatory", "Optional", "Serialize"}) +
              "\n";
    }
    if (random.chance(6)) {
      text += "colocation c" + std::to_string(i) + " " + b + " with " + a + " " +
              random.pick(std::vector<std::string>{"INFINITY", "INFINITY", "-INFINITY", "50"}) + "\n";
    }
    if (random.chance(4)) {
      text += "location l" + std::to_string(i) + " " + b + " " + random.pick(server_names) + " " +
              random.pick(std::vector<std::string>{"100", "-INFINITY", "INFINITY", "-10"}) + "\n";
    }
  }
  for (const std::string& server : server_names) {
    if (random.chance(8)) text += "node " + server + " standby=on\n";
    if (random.chance(12)) text += "node " + server + " maintenance=on\n";
  }
  return text;
}

std::string random_state(Random& random, std::size_t count) {
  std::string text;
  for (const std::string& server : server_names) {
    const std::size_t kind = random.below(10);
    if (kind == 0) text += "state " + server + " absent unclean\n";
    if (kind == 1) text += "state " + server + " absent evidence=fenced\n";
    if (kind == 2) text += "state " + server + " present\n";
    if (kind == 3) text += "state " + server + " present unreported\n";
    if (kind == 4) text += "state " + server + " joined leaving\n";
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (random.chance(2)) text += "last R" + std::to_string(i) + " " + random.pick(server_names) + "\n";
    for (const std::string& server : server_names) {
      const std::string place = "on R" + std::to_string(i) + " " + server + " ";
      switch (random.below(9)) {
        case 0:
        case 1:
        case 2:
          text += place + "running\n";
          break;
        case 3:
          text += place + "failed needs-stop fail=monitor:10s:1:1\n";
          break;
        case 4:
          text += place + "unknown unprobed\n";
          break;
        case 5:
          text += place + "unknown may-run\n";
          break;
        case 6:
          text +=
              place + random.pick(std::vector<std::string>{"stopped pending=start may-run\n", "running pending=stop\n",
                                                           "failed stop-failed needs-stop fail=stop:0:INFINITY:1\n"});
          break;
        default:
          break;
      }
    }
  }
  return text;
}

bool is_active(const PolicyCase& input, const ObjectId& id, NodeId node) {
  const ResourceOnNode* place = input.state.find(id, node);
  const bool live = input.state.nodes.at(node).membership != Membership::absent;
  return live && place != nullptr && (place->activity == Activity::running || place->activity == Activity::failed);
}

/// S1, S9, S10, S11, S14, S18 for one ready start.
void check_start(const PolicyCase& input, const Plan& plan, const PlannedOp& op) {
  const Primitive& primitive = *input.config.primitive(op.resource);
  const ResourceOptions options = resource_options(input.config, primitive);
  const ClusterOptions cluster = cluster_options(input.config);
  CHECK(plan.placement.at(op.resource).node == op.node);
  CHECK_FALSE(options.stopped);
  CHECK(options.managed);
  CHECK_FALSE(cluster.maintenance_mode);
  CHECK_FALSE(node_options(*input.config.node(op.node)).maintenance);
  CHECK_FALSE((cluster.stonith_enabled && input.config.devices.empty()));
  CHECK(input.state.nodes.at(op.node).membership == Membership::joined);
  for (const auto& [node, state] : input.state.nodes) {
    const ResourceOnNode& place = *input.state.find(op.resource, node);
    if (state.membership == Membership::joined) CHECK((place.probed && place.activity == Activity::stopped));
    if (node != op.node) {
      CHECK_FALSE(place.may_run);
      CHECK_FALSE(is_active(input, op.resource, node));
    }
    CHECK_FALSE((node == op.node && place.pending));
  }
  const Group* group = input.config.group_of(op.resource);
  if (group == nullptr) return;
  for (const ObjectId& member : group->members) {
    if (member == op.resource) break;
    CHECK(input.state.find(member, op.node)->activity == Activity::running);
  }
}

void check_stop(const PolicyCase& input, const PlannedOp& op) {
  const Primitive& primitive = *input.config.primitive(op.resource);
  CHECK(resource_options(input.config, primitive).managed);
  CHECK_FALSE(cluster_options(input.config).maintenance_mode);
  CHECK_FALSE(node_options(*input.config.node(op.node)).maintenance);
  CHECK_FALSE(input.state.find(op.resource, op.node)->pending);
  const Group* group = input.config.group_of(op.resource);
  if (group == nullptr) return;
  bool later = false;
  for (const ObjectId& member : group->members) {
    if (later) CHECK_FALSE(is_active(input, member, op.node));
    later = later || member == op.resource;
  }
}

}  // namespace

TEST_CASE("plan: invariants of every plan over random configurations and states",
          "[policy][S1][S9][S10][S11][S14][S18]") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Random random{seed};
    const std::size_t count = 1 + random.below(8);
    const std::string text = random_config(random, count) + random_state(random, count);
    INFO("seed " << seed << "\n" << text);
    std::string error;
    const PolicyCase input = test::read_case(text, error);
    REQUIRE(error.empty());
    const Plan plan = make_plan({input.config, input.state, input.quorate, {}});
    std::set<NodeId> fenced;
    for (const FenceDemand& demand : plan.fences) fenced.insert(demand.target);
    std::map<ObjectId, std::set<NodeId>> started;
    std::set<std::pair<ObjectId, NodeId>> ready;
    for (const PlannedOp& op : plan.operations) {
      CHECK_FALSE(fenced.contains(op.node));
      CHECK_FALSE((op.action != Action::probe && plan.blocked.contains(op.resource)));
      if (op.action == Action::start) started[op.resource].insert(op.node);
      if (!op.ready) continue;
      CHECK(ready.emplace(op.resource, op.node).second);
      if (op.action == Action::start) check_start(input, plan, op);
      if (op.action == Action::stop) check_stop(input, op);
    }
    for (const auto& [id, places] : started) CHECK(places.size() == 1);
  }
}

TEST_CASE("plan: a peer whose daemon is away stops nothing that runs here", "[policy][L6][L7]") {
  std::size_t looked_at = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    Random random{seed * 15485863};
    const std::size_t count = 2 + random.below(7);
    // Only what is at rest while both are there says something about what the absence alone does.
    const std::string config = random_config(random, count);
    std::string error;
    const PolicyCase fresh = test::read_case(config, error);
    REQUIRE(error.empty());
    PolicyCase input = fresh;
    input.state = forecast({fresh.config, fresh.state, fresh.quorate, {}}).end;
    if (!make_plan({input.config, input.state, input.quorate, {}}).operations.empty()) continue;
    ++looked_at;
    for (const bool present : {false, true}) {
      for (const NodeId gone : {NodeId{1}, NodeId{4}}) {
        for (const bool reported : {false, true}) {
          PolicyCase away = input;
          NodeState& node = away.state.nodes.at(gone);
          node.membership = present ? Membership::present : Membership::absent;
          node.reported = present && reported;
          for (auto& [id, resource] : away.state.resources) {
            const bool here = std::any_of(resource.on.begin(), resource.on.end(), [&](const auto& item) {
              return item.first != gone && item.second.activity == Activity::running;
            });
            ResourceOnNode& place = resource.on[gone];
            const bool found = present && reported && place.activity == Activity::running;
            if (!here) place.may_run = MayRun{node.incarnation.boot, place.highest_op};
            if (!found) place.activity = Activity::unknown;
            place.probed = found;
          }
          INFO("seed " << seed << " gone " << gone.get() << " present " << present << reported << "\n" << config);
          for (const PlannedOp& op : make_plan({away.config, away.state, away.quorate, {}}).operations) {
            INFO(to_string(op.action) << " " << op.resource << ": " << op.why.text);
            CHECK(op.action != Action::stop);
          }
        }
      }
    }
  }
  CHECK(looked_at > 500);
}

TEST_CASE("plan: if every operation succeeds it comes to rest, with one copy of each at most", "[policy][L]") {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    Random random{seed * 7919};
    const std::size_t count = 1 + random.below(8);
    const std::string text = random_config(random, count) + random_state(random, count);
    INFO("seed " << seed << "\n" << text);
    std::string error;
    const PolicyCase input = test::read_case(text, error);
    REQUIRE(error.empty());
    const Forecast result = forecast({input.config, input.state, input.quorate, {}});
    CHECK(result.settled);
    for (const auto& round : result.rounds) {
      for (const PlannedOp& op : round) {
        if (op.action != Action::start) continue;
        const Primitive& primitive = *input.config.primitive(op.resource);
        std::size_t copies = 0;
        for (const Node& node : input.config.nodes) {
          const ResourceOnNode* place = result.end.find(primitive.id, node.id);
          const bool here = result.end.nodes.at(node.id).membership != Membership::absent;
          if (here && place->activity == Activity::running) ++copies;
        }
        CHECK(copies <= 1);
      }
    }
  }
}

TEST_CASE("plan: at rest nothing that should run waits for something that can never come", "[policy][L]") {
  std::size_t looked_at = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    Random random{seed * 104729};
    const std::size_t count = 1 + random.below(8);
    std::string text = random_config(random, count) + random_state(random, count);
    // Without what may hold it for good reason: maintenance, no device, no quorum, nodes that are not there.
    std::string kept;
    std::stringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
      const auto unmanaged = line.find(" is-managed=false");
      if (unmanaged != std::string::npos) line.erase(unmanaged, std::string{" is-managed=false"}.size());
      const bool holds = line.rfind("state ", 0) == 0 || line == "nodevice" || line.rfind("quorate", 0) == 0 ||
                         line.find("maintenance") != std::string::npos ||
                         line.find("unknown may-run") != std::string::npos;
      if (!holds) kept += line + "\n";
    }
    std::string error;
    const PolicyCase input = test::read_case(kept, error);
    INFO("seed " << seed << "\n" << kept);
    REQUIRE(error.empty());
    const Forecast result = forecast({input.config, input.state, input.quorate, {}});
    REQUIRE(result.settled);
    const Plan rest = make_plan({input.config, result.end, input.quorate, {}});
    if (!rest.blocked.empty()) continue;
    ++looked_at;
    for (const PlannedOp& op : rest.operations) {
      INFO(to_string(op.action) << " " << op.resource << ": " << (op.waits_for.empty() ? "" : op.waits_for[0].text));
      CHECK(op.ready);
    }
    for (const auto& [id, decision] : rest.placement) {
      for (const Node& node : input.config.nodes) {
        const ResourceOnNode* place = result.end.find(id, node.id);
        const bool here = result.end.nodes.at(node.id).membership != Membership::absent &&
                          (place->activity == Activity::running || place->activity == Activity::failed);
        INFO(id << " on " << node.name);
        CHECK(here == (decision.node == node.id));
      }
    }
  }
  CHECK(looked_at > 500);
}
