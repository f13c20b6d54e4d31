// SPDX-License-Identifier: Apache-2.0
// One line, one fact. What is not said is the good state: two joined nodes, a fence device for both, everything probed
// and stopped.
#include "tests/unit/core/policy/case_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "core/base/duration_text.hpp"
#include "core/model/text.hpp"
#include "core/policy/forecast.hpp"
#include "core/policy/plan.hpp"

namespace duet::test {

namespace {

using Words = std::vector<std::string>;

class Reader {
 public:
  Reader() {
    result_.config.name = "case";
    add_node(1, "server1");
    add_node(4, "server4");
    result_.config.devices.push_back({"vmfence", "fence_xvm", {}, {}, {}});
    result_.state.devices["vmfence"].verified = true;
  }

  bool line(const Words& words) {
    const std::string& verb = words[0];
    if (verb == "nodevice") {
      result_.config.devices.clear();
    } else if (verb == "unverified") {
      result_.state.devices.clear();
    } else if (verb == "run") {
      result_.run = true;
    } else if (verb == "quorate") {
      result_.quorate = words.at(1) == "yes";
    } else if (verb == "property" || verb == "defaults" || verb == "opdefaults") {
      Attributes& to = verb == "property"   ? result_.config.properties
                       : verb == "defaults" ? result_.config.resource_defaults
                                            : result_.config.operation_defaults;
      pairs(words, 1, to);
    } else if (verb == "node") {
      pairs(words, 2, node(words.at(1)).attributes);
    } else if (verb == "primitive") {
      primitive(words);
    } else if (verb == "group") {
      group(words);
    } else if (verb == "location") {
      result_.config.locations.push_back({words.at(1), words.at(2), node(words.at(3)).id, score(words.at(4))});
    } else if (verb == "colocation") {
      result_.config.colocations.push_back({words.at(1), words.at(2), words.at(4), score(words.at(5))});
    } else if (verb == "order") {
      order(words);
    } else if (verb == "state") {
      node_state(words);
    } else if (verb == "on") {
      place(words);
    } else if (verb == "last") {
      result_.state.resources[words.at(1)].last_node = node(words.at(2)).id;
    } else if (verb == "preferred") {
      result_.state.resources[words.at(1)].preferred = node(words.at(2)).id;
    } else if (verb == "fatal") {
      result_.state.resources[words.at(1)].fatal = true;
    } else if (verb == "fork") {
      result_.state.fork = "the configurations of both nodes have forked at 1.7";
    } else {
      return false;
    }
    return ok_;
  }

  PolicyCase take() { return std::move(result_); }

 private:
  void add_node(std::uint32_t id, const std::string& name) {
    result_.config.nodes.push_back({NodeId{id}, name, {}});
    NodeState& state = result_.state.nodes[NodeId{id}];
    state.membership = Membership::joined;
    state.incarnation = {BootId{"boot-" + name}, 1};
    state.in_corosync = true;
    state.reported = true;
    state.joined_at = id;
  }

  Node& node(const std::string& name) {
    for (Node& item : result_.config.nodes) {
      if (item.name == name) return item;
    }
    ok_ = false;
    return result_.config.nodes.front();
  }

  Score score(const std::string& text) {
    const auto parsed = Score::parse(text);
    ok_ = ok_ && parsed.has_value();
    return parsed ? *parsed : Score{};
  }

  static void pairs(const Words& words, std::size_t from, Attributes& to) {
    for (std::size_t i = from; i < words.size(); ++i) {
      const auto equals = words[i].find('=');
      if (equals != std::string::npos) to[words[i].substr(0, equals)] = words[i].substr(equals + 1);
    }
  }

  Duration duration(const std::string& text) {
    const auto parsed = parse_duration(text);
    ok_ = ok_ && parsed.has_value();
    return parsed ? *parsed : Duration{0};
  }

  void primitive(const Words& words) {
    Primitive item;
    item.id = words.at(1);
    item.agent = {"ocf", "duet", "Dummy"};
    std::size_t i = 2;
    for (; i < words.size() && words[i] != "op"; ++i) pairs({words[i]}, 0, item.meta);
    while (i < words.size()) {
      Operation operation;
      operation.action = words.at(++i);
      for (++i; i < words.size() && words[i] != "op"; ++i) {
        Attributes options;
        pairs({words[i]}, 0, options);
        for (const auto& [name, value] : options) {
          if (name == "interval") {
            operation.interval = duration(value);
          } else if (name == "on-fail") {
            operation.on_fail = enum_from_text<OnFail>(value);
            ok_ = ok_ && operation.on_fail;
          } else {
            operation.extra[name] = value;
          }
        }
      }
      item.operations.push_back(std::move(operation));
    }
    for (const Node& at : result_.config.nodes) {
      ResourceOnNode& place = result_.state.resources[item.id].on[at.id];
      place.activity = Activity::stopped;
      place.probed = true;
    }
    result_.config.primitives.push_back(std::move(item));
  }

  void group(const Words& words) {
    Group item;
    item.id = words.at(1);
    for (std::size_t i = 2; i < words.size(); ++i) {
      if (words[i].find('=') == std::string::npos) {
        item.members.push_back(words[i]);
      } else {
        pairs({words[i]}, 0, item.meta);
      }
    }
    result_.config.groups.push_back(std::move(item));
  }

  // order ID [start|stop] A then [start|stop] B [kind=K] [symmetrical=no]
  void order(const Words& words) {
    OrderConstraint item;
    item.id = words.at(1);
    std::size_t i = 2;
    const auto side = [&](OrderAction& action, ObjectId& id) {
      if (words.at(i) == "start" || words.at(i) == "stop") action = *enum_from_text<OrderAction>(words.at(i++));
      id = words.at(i++);
    };
    side(item.first_action, item.first);
    ++i;  // then
    side(item.then_action, item.then);
    Attributes options;
    pairs(words, i, options);
    if (options.contains("kind")) item.kind = enum_from_text<OrderKind>(options["kind"]).value_or(OrderKind::mandatory);
    if (options.contains("symmetrical")) item.symmetrical = parse_bool(options["symmetrical"]).value_or(true);
    result_.config.orders.push_back(std::move(item));
  }

  void node_state(const Words& words) {
    NodeState& state = result_.state.nodes[node(words.at(1)).id];
    const auto membership = enum_from_text<Membership>(words.at(2));
    ok_ = ok_ && membership;
    state.membership = membership.value_or(Membership::absent);
    state.reported = state.membership != Membership::absent;
    for (std::size_t i = 3; i < words.size(); ++i) {
      if (words[i] == "unclean") {
        state.unclean = true;
      } else if (words[i] == "leaving") {
        state.leaving = true;
      } else if (words[i] == "unreported") {
        state.reported = false;
      } else if (words[i].rfind("evidence=", 0) == 0) {
        const auto kind = enum_from_text<EvidenceKind>(words[i].substr(9));
        ok_ = ok_ && kind;
        state.evidence =
            Evidence{kind.value_or(EvidenceKind::fenced), node(words[1]).id, state.incarnation.boot, "E", "", {}};
      } else {
        ok_ = false;
      }
    }
  }

  // fail=ACTION:INTERVAL:COUNT:CODE[:STATUS]
  void failure(const std::string& text, ResourceOnNode& place) {
    Words parts;
    std::stringstream stream{text};
    for (std::string part; std::getline(stream, part, ':');) parts.push_back(part);
    FailureRecord record;
    const auto action = enum_from_text<Action>(parts.at(0));
    const auto status = parts.size() > 4 ? enum_from_text<OpStatus>(parts[4]) : OpStatus::done;
    ok_ = ok_ && action && status;
    record.action = action.value_or(Action::monitor);
    record.interval = duration(parts.at(1));
    record.count = score(parts.at(2)).value();
    record.last.exit_code = score(parts.at(3)).value();
    record.last.status = status.value_or(OpStatus::done);
    place.failures.push_back(record);
  }

  void place(const Words& words) {
    const Node& at = node(words.at(2));
    ResourceState& resource = result_.state.resources[words.at(1)];
    ResourceOnNode& item = resource.on[at.id];
    const BootId boot = result_.state.nodes[at.id].incarnation.boot;
    const auto activity = enum_from_text<Activity>(words.at(3));
    ok_ = ok_ && activity;
    item.activity = activity.value_or(Activity::unknown);
    if (item.activity == Activity::running || item.activity == Activity::failed) {
      item.may_run = MayRun{boot, {}};
      resource.last_node = at.id;
    }
    for (std::size_t i = 4; i < words.size(); ++i) {
      const std::string& word = words[i];
      if (word == "unprobed") {
        item.probed = false;
      } else if (word == "may-run") {
        item.may_run = MayRun{boot, {}};
      } else if (word == "needs-stop") {
        item.needs_stop = true;
      } else if (word == "stop-failed") {
        item.stop_failed = true;
      } else if (word == "hard-ban") {
        item.hard_ban = true;
      } else if (word.rfind("pending=", 0) == 0) {
        item.pending = PendingOp{{1, 1, NodeId{1}}, enum_from_text<Action>(word.substr(8)).value_or(Action::probe), ""};
      } else if (word.rfind("fail=", 0) == 0) {
        failure(word.substr(5), item);
      } else {
        ok_ = false;
      }
    }
  }

  PolicyCase result_;
  bool ok_ = true;
};

std::string name_of(const ClusterConfig& config, std::optional<NodeId> node) {
  return node ? config.node_name(*node) : "nowhere";
}

void print_forecast(const PolicyCase& input, std::string& out) {
  const Forecast result = forecast({input.config, input.state, input.quorate, {}});
  for (std::size_t i = 0; i < result.rounds.size(); ++i) {
    out += fmt::format("then {}:", i + 1);
    for (const PlannedOp& step : result.rounds[i]) {
      out += fmt::format(" {} {} {};", to_string(step.action), step.resource, input.config.node_name(step.node));
    }
    out.back() = '\n';
  }
  out += "end:";
  for (const Primitive& primitive : input.config.primitives) {
    for (const Node& node : input.config.nodes) {
      const ResourceOnNode* place = result.end.find(primitive.id, node.id);
      const bool active = place != nullptr && result.end.nodes.at(node.id).membership != Membership::absent &&
                          (place->activity == Activity::running || place->activity == Activity::failed);
      if (active) out += fmt::format(" {} {} {};", primitive.id, to_string(place->activity), node.name);
    }
  }
  out += result.settled ? "\n" : " NOT SETTLED\n";
}

}  // namespace

PolicyCase read_case(const std::string& text, std::string& error) {
  Reader reader;
  std::stringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    Words words;
    std::stringstream stream{line};
    for (std::string word; stream >> word;) words.push_back(word);
    if (!words.empty() && !reader.line(words)) error = "cannot read: " + line;
  }
  return reader.take();
}

std::string print_plan(const PolicyCase& input) {
  const ClusterConfig& config = input.config;
  const Plan plan = make_plan({config, input.state, input.quorate, {}});
  std::string out;
  for (const Primitive& primitive : config.primitives) {
    const PlacementDecision& decision = plan.placement.at(primitive.id);
    out += fmt::format("place {} {} ({}) {}\n", primitive.id, name_of(config, decision.node), decision.why.rule,
                       decision.why.text);
    for (const auto& [node, verdict] : decision.verdicts) {
      for (std::size_t i = 0; i < verdict.why.size(); ++i) {
        out += fmt::format("  not {} ({}) {}\n", config.node_name(node), verdict.why[i].rule, verdict.why[i].text);
      }
      for (const std::string& fix : verdict.fix) out += fmt::format("  fix {}\n", fix);
    }
  }
  for (const auto& [id, why] : plan.blocked) out += fmt::format("blocked {} ({}) {}\n", id, why.rule, why.text);
  for (const FenceDemand& demand : plan.fences) {
    out += fmt::format("fence {} {} for {}: {}\n", config.node_name(demand.target), to_string(demand.cause),
                       demand.resource, demand.why);
  }
  for (const PlannedOp& step : plan.operations) {
    out += fmt::format("{} {} {} {} ({}) {}\n", step.ready ? "now " : "wait", to_string(step.action), step.resource,
                       config.node_name(step.node), step.why.rule, step.why.text);
    for (const Why& why : step.waits_for) out += fmt::format("  for ({}) {}\n", why.rule, why.text);
  }
  if (input.run) print_forecast(input, out);
  return out;
}

}  // namespace duet::test
