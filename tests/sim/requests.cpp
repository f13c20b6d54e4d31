// SPDX-License-Identifier: Apache-2.0
// What the simulated administrator types.
#include "tests/sim/requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace duet::sim {

namespace {

AgentRef dummy_agent() {
  return AgentRef{"ocf", "heartbeat", "Dummy"};
}

Operation operation(const std::string& action, Duration interval, Duration timeout) {
  Operation op;
  op.action = action;
  op.interval = interval;
  op.timeout = timeout;
  return op;
}

Primitive primitive(const std::string& id, const Plan& plan, Rng& rng) {
  Primitive made;
  made.id = id;
  made.agent = dummy_agent();
  made.parameters["state"] = "/run/" + id;
  made.operations = {operation("start", 0s, 20s), operation("stop", 0s, rng.chance(1, 2) ? 10s : 20s),
                     operation("monitor", std::chrono::seconds{plan.option("monitor_s")}, 20s)};
  if (plan.option("priority") != 0) made.meta["priority"] = fmt::format("{}", rng.below(20));
  if (rng.chance(1, 4)) made.meta["migration-threshold"] = fmt::format("{}", rng.range(1, 3));
  if (rng.chance(1, 4)) made.meta["failure-timeout"] = fmt::format("{}s", rng.range(10, 120));
  if (plan.option("on_fail") != 0) {
    static constexpr OnFail rules[] = {OnFail::fence, OnFail::block, OnFail::stop, OnFail::standby, OnFail::ignore};
    if (rng.chance(1, 2)) made.operations[0].on_fail = rules[rng.below(4)];
    if (rng.chance(1, 2)) made.operations[1].on_fail = rng.chance(1, 2) ? OnFail::block : OnFail::fence;
    if (rng.chance(1, 2)) made.operations[2].on_fail = rules[rng.below(5)];
  }
  return made;
}

FenceDevice device(const std::string& id, const std::string& address, const std::string& map) {
  FenceDevice made;
  made.id = id;
  made.agent = "fence_sim";
  made.parameters = {{"address", address}, {"pcmk_host_map", map}};
  made.operations = {operation("monitor", 60s, 20s)};
  return made;
}

std::vector<ConfigEdit> devices(std::int64_t topology) {
  const std::string both = "n1:vm1;n2:vm2";
  std::vector<ConfigEdit> edits;
  switch (topology) {
    case 1:
      edits.push_back(CreateDevice{device("fence-all", "d1", both)});
      break;
    case 2:
      edits.push_back(CreateDevice{device("fence-n1", "d1", "n1:vm1")});
      edits.push_back(CreateDevice{device("fence-n2", "d2", "n2:vm2")});
      break;
    default:
      edits.push_back(CreateDevice{device("fence-a", "d1", both)});
      edits.push_back(CreateDevice{device("fence-b", "d2", both)});
      for (const std::uint32_t node : {1U, 2U}) {
        if (topology == 3) {
          edits.push_back(AddLevel{FenceLevel{NodeId{node}, 1, {"fence-a"}}});
          edits.push_back(AddLevel{FenceLevel{NodeId{node}, 2, {"fence-b"}}});
        } else {
          edits.push_back(AddLevel{FenceLevel{NodeId{node}, 1, {"fence-a", "fence-b"}}});
        }
      }
  }
  return edits;
}

/// A constraint between units[k] and an earlier one, so that no cycle can arise.
/// The first unit stands alone: it gets a location.
ConfigEdit constraint(const std::vector<std::string>& units, std::size_t number, Rng& rng) {
  const std::size_t later = number % units.size();  // each unit once: the same constraint twice would be refused
  const std::string id = fmt::format("c{}", number);
  if (later == 0 || rng.chance(1, 3)) {
    const Score score = rng.chance(1, 4) ? Score::minus_infinity() : Score{rng.range(-100, 200)};
    return AddLocation{
        LocationConstraint{id, units[later], NodeId{static_cast<std::uint32_t>(rng.range(1, 2))}, score}};
  }
  const std::string& earlier = units[rng.below(later)];
  if (rng.chance(1, 2)) {
    OrderConstraint order;
    order.id = id;
    order.first = earlier;
    order.then = units[later];
    return AddOrder{order};
  }
  const Score score = rng.chance(1, 4) ? Score::minus_infinity() : Score::infinity();
  return AddColocation{ColocationConstraint{id, units[later], earlier, score}};
}

template <class Container>
const typename Container::value_type* pick(const Container& container, Rng& rng) {
  return container.empty() ? nullptr : &container[rng.below(container.size())];
}

NodeId any_node(Rng& rng) {
  return NodeId{static_cast<std::uint32_t>(rng.range(1, 2))};
}

NamedRequest edit(ConfigEdit what, const std::string& command) {
  return {edit_request({std::move(what)}, command), "edit", ""};
}

UpdateResource meta_update(const ObjectId& id, const std::string& name, const std::string& value) {
  UpdateResource update;
  update.id = id;
  update.meta[name] = value;
  return update;
}

NamedRequest wrong_request(const ClusterConfig& config, Rng& rng) {
  switch (rng.below(4)) {
    case 0:
      return edit(DeleteObjects{{"no-such-thing"}, false}, "resource delete no-such-thing");
    case 1: {
      Primitive bad;
      bad.id = config.primitives.empty() ? "1-bad" : config.primitives.front().id;
      bad.agent = AgentRef{"ocf", "heartbeat", "Other"};
      return edit(CreateResource{bad, std::nullopt}, "resource create again");
    }
    case 2:
      return edit(AddLocation{LocationConstraint{"bad-loc", "no-such-thing", NodeId{1}, Score{5}}}, "constraint bad");
    default:
      return {action_request(MoveResource{"no-such-thing", NodeId{1}}, "resource move no-such-thing"), "move", ""};
  }
}

NamedRequest create_request(const ClusterConfig& config, Rng& rng) {
  Primitive made;
  made.id = fmt::format("x{}", rng.below(4));
  made.agent = dummy_agent();
  made.operations = {operation("monitor", 20s, 20s)};
  CreateResource create{made, std::nullopt};
  if (const Group* group = pick(config.groups, rng); group != nullptr && rng.chance(1, 3)) {
    create.place = GroupPlace{group->id, std::nullopt, std::nullopt};
  }
  return edit(create, "resource create " + made.id);
}

std::optional<NamedRequest> resource_request(const ClusterConfig& config, Rng& rng) {
  const Primitive* chosen = pick(config.primitives, rng);
  if (chosen == nullptr) return create_request(config, rng);
  const ObjectId& id = chosen->id;
  switch (rng.below(7)) {
    case 0:
      return edit(meta_update(id, "target-role", "Stopped"), "resource disable " + id);
    case 1:
    case 2:
      return edit(meta_update(id, "target-role", ""), "resource enable " + id);
    case 3: {
      UpdateResource update;
      update.id = id;
      update.parameters["fake"] = fmt::format("{}", rng.below(100));
      return edit(update, "resource update " + id);
    }
    case 4:
      if (!id.starts_with("x")) return create_request(config, rng);
      return edit(DeleteObjects{{id}, false}, "resource delete " + id);
    case 5: {
      const Group* group = config.group_of(id);
      const ObjectId unit = group == nullptr ? id : group->id;
      return NamedRequest{action_request(MoveResource{unit, any_node(rng)}, "resource move " + unit), "move", ""};
    }
    default:
      return NamedRequest{action_request(CleanupResource{id, std::nullopt, rng.chance(1, 3), false}, "cleanup " + id),
                          "cleanup", ""};
  }
}

NamedRequest node_request(const std::set<NodeId>& off, Rng& rng) {
  const NodeId node = any_node(rng);
  const std::string target = fmt::format("{}", node.get());
  switch (rng.below(8)) {
    case 0:
    case 1:
      return edit(SetNodeAttributes{{node}, {{"standby", "on"}}}, "node standby n" + target);
    case 2:
    case 3:
    case 4:
      return edit(SetNodeAttributes{{node}, {{"standby", ""}}}, "node unstandby n" + target);
    case 5:
      return edit(SetAttributes{AttributeScope::resource_defaults,
                                {{"resource-stickiness", fmt::format("{}", rng.below(3) * 100)}}},
                  "resource defaults");
    case 6:
      if (off.contains(node)) {
        AdminRequest request = action_request(ConfirmFenced{node}, "stonith confirm n" + target);
        request.confirmed = true;
        return {std::move(request), "confirm", target};
      }
      return {action_request(CleanupResource{}, "resource cleanup"), "cleanup", ""};
    default:
      return {action_request(FenceNode{node, FenceAction::reboot}, "stonith fence n" + target), "fence", target};
  }
}

NamedRequest hands_off_request(const ClusterConfig& config, Rng& rng) {
  const NodeId node = any_node(rng);
  const bool on = rng.chance(1, 2);
  const Primitive* chosen = pick(config.primitives, rng);
  switch (rng.below(4)) {
    case 0:
      return edit(SetAttributes{AttributeScope::properties, {{"maintenance-mode", on ? "true" : ""}}},
                  fmt::format("property set maintenance-mode={}", on));
    case 1:
      return edit(SetNodeAttributes{{node}, {{"maintenance", on ? "on" : ""}}},
                  fmt::format("node {} n{}", on ? "maintenance" : "unmaintenance", node.get()));
    case 2:
      if (chosen == nullptr) return create_request(config, rng);
      return edit(meta_update(chosen->id, "maintenance", on ? "true" : ""), "resource meta maintenance " + chosen->id);
    default:
      if (chosen == nullptr) return create_request(config, rng);
      return edit(meta_update(chosen->id, "is-managed", on ? "false" : ""),
                  fmt::format("resource {} {}", on ? "unmanage" : "manage", chosen->id));
  }
}

}  // namespace

std::vector<AdminRequest> managed_again(const ClusterConfig& config) {
  std::vector<AdminRequest> all;
  for (const Node& node : config.nodes) {
    all.push_back(
        edit_request({SetNodeAttributes{{node.id}, {{"standby", ""}, {"maintenance", ""}}}}, "node unstandby"));
  }
  if (config.properties.contains("maintenance-mode")) {
    all.push_back(edit_request({SetAttributes{AttributeScope::properties, {{"maintenance-mode", ""}}}}, "property"));
  }
  for (const Primitive& each : config.primitives) {
    for (const char* name : {"maintenance", "is-managed"}) {
      if (each.meta.contains(name)) all.push_back(edit_request({meta_update(each.id, name, "")}, "resource meta"));
    }
  }
  return all;
}

AdminRequest edit_request(std::vector<ConfigEdit> edits, const std::string& command) {
  AdminRequest request;
  request.author = "root@sim";
  request.command = command;
  request.body = std::move(edits);
  return request;
}

AdminRequest action_request(ClusterAction action, const std::string& command) {
  AdminRequest request;
  request.author = "root@sim";
  request.command = command;
  request.body = std::move(action);
  return request;
}

AdminRequest initial_configuration(const Plan& plan) {
  Rng rng{plan.seed, "configuration"};
  std::vector<ConfigEdit> edits = devices(plan.option("topology"));
  edits.push_back(SetAttributes{AttributeScope::resource_defaults,
                                {{"resource-stickiness", fmt::format("{}", plan.option("stickiness"))}}});
  if (plan.option("stonith") == 0) {
    edits.push_back(SetAttributes{AttributeScope::properties, {{"stonith-enabled", "false"}}});
  }
  std::vector<std::string> units;
  const auto count = static_cast<std::size_t>(plan.option("resources"));
  const std::size_t in_group =
      plan.option("group") != 0 && count >= 2 ? 1 + rng.below(std::min<std::size_t>(count, 4)) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    CreateResource create{primitive(fmt::format("r{}", i + 1), plan, rng), std::nullopt};
    if (i < in_group) {
      create.place = GroupPlace{"g", std::nullopt, std::nullopt};
      if (i == 0) units.push_back("g");
    } else {
      units.push_back(create.primitive.id);
    }
    edits.push_back(std::move(create));
  }
  const auto constraints = std::min(units.size(), static_cast<std::size_t>(plan.option("constraints")));
  const std::size_t first = rng.below(units.size());
  for (std::size_t i = 0; i < constraints; ++i) edits.push_back(constraint(units, first + i, rng));
  return edit_request(std::move(edits), "initial configuration");
}

std::optional<NamedRequest> random_request(const Plan& plan, const ClusterConfig& config, const std::set<NodeId>& off,
                                           Rng& rng) {
  if (plan.option("managed") == 0 && rng.chance(1, 2)) return hands_off_request(config, rng);
  const std::uint64_t kind = rng.below(12);
  if (kind < 2) return wrong_request(config, rng);
  if (kind < 3) return create_request(config, rng);
  if (kind < 8) return resource_request(config, rng);
  return node_request(off, rng);
}

std::optional<NamedRequest> command_request(const std::string& words) {
  std::istringstream in{words};
  std::string verb;
  std::string object;
  std::string rest;
  in >> verb >> object >> rest;
  const auto node = [](const std::string& name) { return NodeId{name == "n2" ? 2U : 1U}; };
  if (verb == "move") return NamedRequest{action_request(MoveResource{object, node(rest)}, words), "move", ""};
  if (verb == "standby" || verb == "unstandby") {
    return edit(SetNodeAttributes{{node(object)}, {{"standby", verb == "standby" ? "on" : ""}}}, words);
  }
  if (verb == "enable" || verb == "disable") {
    return edit(meta_update(object, "target-role", verb == "disable" ? "Stopped" : ""), words);
  }
  if (verb == "update") {
    UpdateResource update;
    update.id = object;
    update.parameters["fake"] = rest;
    return edit(update, words);
  }
  if (verb == "cleanup") return NamedRequest{action_request(CleanupResource{}, words), "cleanup", ""};
  if (verb == "fence") {
    return NamedRequest{action_request(FenceNode{node(object), FenceAction::reboot}, words), "fence",
                        fmt::format("{}", node(object).get())};
  }
  return std::nullopt;
}

}  // namespace duet::sim
