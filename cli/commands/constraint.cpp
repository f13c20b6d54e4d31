// SPDX-License-Identifier: Apache-2.0
// constraint location, order, colocation; listing and deleting.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/arguments.hpp"
#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/constraint_text.hpp"
#include "core/base/ascii.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

/// E24 for what pcs can and a pair of nodes does not need.
tl::unexpected<Failure> no_rules() {
  return failure({.code = Exit::failed,
                  .id = "E24",
                  .what = "duet does not have rules and resource sets in constraints",
                  .why = "two nodes need only plain scores",
                  .fix = "duet constraint location RESOURCE prefers NODE=SCORE"});
}

std::vector<std::string> all_ids(const ClusterConfig& config) {
  std::vector<std::string> ids;
  for (const auto& item : config.locations) ids.push_back(item.id);
  for (const auto& item : config.orders) ids.push_back(item.id);
  for (const auto& item : config.colocations) ids.push_back(item.id);
  return ids;
}

Outcome<Exit> delete_constraints(Shell& shell, const Invocation& call, std::vector<std::string> ids) {
  std::vector<ConfigEdit> edits{DeleteConstraints{std::move(ids)}};
  return submit(shell, call, {.body = std::move(edits)});
}

Outcome<Exit> add_location(Shell& shell, const Invocation& call, std::vector<LocationConstraint> constraints) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const auto& known = (*view)->effective.locations;
  std::vector<ConfigEdit> edits;
  for (auto& constraint : constraints) {
    const auto same =
        std::find_if(known.begin(), known.end(), [&](const auto& item) { return item.id == constraint.id; });
    if (same != known.end() && *same == constraint) continue;
    if (same != known.end()) {
      return failure({.code = Exit::exists,
                      .id = "E07",
                      .what = fmt::format("constraint {} exists with other settings", constraint.id),
                      .fix = fmt::format("first: duet constraint delete {}", constraint.id),
                      .subject = constraint.id});
    }
    edits.emplace_back(AddLocation{std::move(constraint)});
  }
  if (edits.empty()) return unchanged(shell);
  return submit(shell, call, {.body = std::move(edits)});
}

/// `prefers NODE[=SCORE]...` and `avoids NODE[=SCORE]...`
Outcome<LocationConstraint> location_of(const ClusterConfig& config, const std::string& resource,
                                        const std::string& word, bool avoid) {
  const auto equals = word.find('=');
  auto node = find_node(config, std::string_view{word}.substr(0, equals));
  if (!node) return tl::unexpected(node.error());
  Score score = Score::infinity();
  if (equals != std::string::npos) {
    auto parsed = to_score(std::string_view{word}.substr(equals + 1));
    if (!parsed) return tl::unexpected(parsed.error());
    score = *parsed;
  }
  if (avoid) score = -score;
  const std::string id = fmt::format("location-{}-{}-{}", resource, config.node_name(*node), score.text());
  return LocationConstraint{id, resource, *node, score};
}

}  // namespace

Outcome<Exit> location_set(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  const std::string& resource = call.args[0];
  if (call.args.size() > 1 && call.args[1] == "rule") return no_rules();
  if (call.args.size() < 3 || (call.args[1] != "prefers" && call.args[1] != "avoids")) {
    return usage_failure("a location constraint is: RESOURCE prefers|avoids NODE[=SCORE]",
                         "duet constraint location VIP prefers server1=100");
  }
  if (auto found = need(config, resource, Wanted::resource); !found) return tl::unexpected(found.error());
  const bool avoid = call.args[1] == "avoids";
  std::vector<LocationConstraint> constraints;
  for (std::size_t i = 2; i < call.args.size(); ++i) {
    auto one = location_of(config, resource, call.args[i], avoid);
    if (!one) return tl::unexpected(one.error());
    const std::string name = config.node_name(one->node);
    if (one->score.is_infinity() || one->score.is_minus_infinity()) {
      shell.note(fmt::format("Note: this {} {} {}; use {}=100 for a preference\n", avoid ? "keeps" : "pins", resource,
                             (avoid ? "off " : "to ") + name, name));
    }
    constraints.push_back(std::move(*one));
  }
  return add_location(shell, call, std::move(constraints));
}

Outcome<Exit> location_add(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  if (auto good = check_id(call.args[0], "constraint"); !good) return tl::unexpected(good.error());
  if (auto found = need(config, call.args[1], Wanted::resource); !found) return tl::unexpected(found.error());
  auto node = find_node(config, call.args[2]);
  if (!node) return tl::unexpected(node.error());
  std::string text = call.args.size() > 3 ? call.args[3] : "INFINITY";
  if (text.starts_with("score=")) text = text.substr(6);
  auto score = to_score(text);
  if (!score) return tl::unexpected(score.error());
  return add_location(shell, call, {{call.args[0], call.args[1], *node, *score}});
}

Outcome<Exit> location_delete(Shell& shell, const Invocation& call) {
  return constraint_delete(shell, call);
}

Outcome<Exit> location_show(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  if (shell.format == Format::json) {
    shell.out(constraints_json((*view)->effective));
    return Exit::ok;
  }
  const bool filtered = !call.args.empty() && (call.args[0] == "resources" || call.args[0] == "nodes");
  std::vector<std::string> only{call.args.begin() + (filtered ? 1 : 0), call.args.end()};
  shell.out(location_text((*view)->effective, call.has("full"), only));
  return Exit::ok;
}

namespace {

struct OrderSide {
  OrderAction action = OrderAction::start;
  std::string id;
};

/// [ACTION] ID at `position`, which is moved on.
Outcome<OrderSide> order_side(const ClusterConfig& config, const std::vector<std::string>& words,
                              std::size_t& position) {
  OrderSide side;
  if (position >= words.size()) return usage_failure("an order is: [ACTION] A then [ACTION] B");
  if (words[position] == "start" || words[position] == "stop") {
    side.action = words[position] == "start" ? OrderAction::start : OrderAction::stop;
    ++position;
  } else if (words[position] == "promote" || words[position] == "demote") {
    return failure({.code = Exit::failed,
                    .id = "E24",
                    .what = "duet does not have promotable clones",
                    .why = "it keeps one copy on two nodes",
                    .fix = "start or stop as action"});
  } else if (words[position] == "set") {
    return no_rules();
  }
  if (position >= words.size()) return usage_failure("an order is: [ACTION] A then [ACTION] B");
  side.id = words[position++];
  if (auto found = need(config, side.id, Wanted::resource); !found) return tl::unexpected(found.error());
  return side;
}

Outcome<void> order_options(OrderConstraint& order, const std::vector<std::string>& words) {
  auto options = parse_attributes(words, true);
  if (!options) return tl::unexpected(options.error());
  for (const auto& [name, value] : *options) {
    if (name == "kind") {
      const auto kind = enum_from_text<OrderKind>(value);
      if (!kind)
        return usage_failure(fmt::format("{} is not a kind", cited(value)), "Mandatory, Optional or Serialize");
      order.kind = *kind;
    } else if (name == "symmetrical") {
      const auto on = parse_bool(value);
      if (!on) return usage_failure(fmt::format("symmetrical {} is neither true nor false", cited(value)));
      order.symmetrical = *on;
    } else if (name == "id") {
      if (auto good = check_id(value, "constraint"); !good) return good;
      order.id = value;
    } else {
      return usage_failure(fmt::format("no option {} of an order", cited(name)), "kind, symmetrical, id");
    }
  }
  return {};
}

}  // namespace

Outcome<Exit> order_add(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  std::size_t position = 0;
  auto first = order_side(config, call.args, position);
  if (!first) return tl::unexpected(first.error());
  if (position >= call.args.size() || call.args[position] != "then") {
    return usage_failure("an order is: [ACTION] A then [ACTION] B", "duet constraint order VIP then haproxy");
  }
  ++position;
  auto then = order_side(config, call.args, position);
  if (!then) return tl::unexpected(then.error());
  OrderConstraint order;
  order.first = first->id;
  order.then = then->id;
  order.first_action = first->action;
  order.then_action = then->action;
  if (auto good = order_options(order, {call.args.begin() + static_cast<std::ptrdiff_t>(position), call.args.end()});
      !good) {
    return tl::unexpected(good.error());
  }
  if (order.id.empty())
    order.id = fmt::format("order-{}-{}-{}", order.first, order.then, ascii_lower(to_string(order.kind)));
  for (const auto& known : config.orders) {
    const bool same = known.first == order.first && known.then == order.then &&
                      known.first_action == order.first_action && known.then_action == order.then_action &&
                      known.kind == order.kind && known.symmetrical == order.symmetrical;
    if (same) return unchanged(shell);
    if (known.id == order.id) {
      return failure({.code = Exit::exists,
                      .id = "E07",
                      .what = fmt::format("constraint {} exists with other settings", order.id),
                      .fix = fmt::format("first: duet constraint delete {}", order.id),
                      .subject = order.id});
    }
  }
  const std::string text =
      fmt::format("Adding {} {} (kind: {}) (Options: first-action={} then-action={})\n", order.first, order.then,
                  to_string(order.kind), to_string(order.first_action), to_string(order.then_action));
  std::vector<ConfigEdit> edits{AddOrder{std::move(order)}};
  return submit(shell, call, {.body = std::move(edits), .stdout_text = text});
}

Outcome<Exit> order_delete(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  std::vector<std::string> ids;
  for (const auto& order : (*view)->effective.orders) {
    for (const auto& name : call.args) {
      if (order.id == name || order.first == name || order.then == name) ids.push_back(order.id);
    }
  }
  if (ids.empty()) {
    return failure({.code = Exit::not_found,
                    .what = fmt::format("no order of {}", cited(call.args[0])),
                    .fix = "duet constraint order --full"});
  }
  return delete_constraints(shell, call, std::move(ids));
}

Outcome<Exit> order_show(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  if (shell.format == Format::json) {
    shell.out(constraints_json((*view)->effective));
    return Exit::ok;
  }
  shell.out(order_text((*view)->effective, call.has("full")));
  return Exit::ok;
}

Outcome<Exit> colocation_add(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  std::vector<std::string> words = call.args;
  std::erase_if(words, [](const std::string& word) { return word == "Started" || word == "started"; });
  if (words.size() < 3 || words[1] != "with") {
    return usage_failure("a colocation is: A with B [SCORE]", "duet constraint colocation add haproxy with VIP");
  }
  for (const auto& id : {words[0], words[2]}) {
    if (auto found = need(config, id, Wanted::resource); !found) return tl::unexpected(found.error());
  }
  ColocationConstraint constraint{"", words[0], words[2], Score::infinity()};
  for (std::size_t i = 3; i < words.size(); ++i) {
    std::string text = words[i];
    if (text.starts_with("id=")) {
      constraint.id = text.substr(3);
      if (auto good = check_id(constraint.id, "constraint"); !good) return tl::unexpected(good.error());
      continue;
    }
    if (text.starts_with("score=")) text = text.substr(6);
    auto score = to_score(text);
    if (!score) return tl::unexpected(score.error());
    constraint.score = *score;
  }
  if (constraint.id.empty()) {
    constraint.id = fmt::format("colocation-{}-{}-{}", constraint.resource, constraint.with, constraint.score.text());
  }
  for (const auto& known : config.colocations) {
    if (known.resource == constraint.resource && known.with == constraint.with && known.score == constraint.score) {
      return unchanged(shell);
    }
  }
  std::vector<ConfigEdit> edits{AddColocation{std::move(constraint)}};
  return submit(shell, call, {.body = std::move(edits)});
}

Outcome<Exit> colocation_delete(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  std::vector<std::string> ids;
  const bool with = call.args.size() == 3 && call.args[1] == "with";
  const std::string& second = call.args.size() > 1 ? call.args.back() : call.args[0];
  for (const auto& item : (*view)->effective.colocations) {
    const bool pair = (with || call.args.size() == 2) && ((item.resource == call.args[0] && item.with == second) ||
                                                          (item.with == call.args[0] && item.resource == second));
    if (pair || (call.args.size() == 1 && item.id == call.args[0])) ids.push_back(item.id);
  }
  if (ids.empty()) {
    return failure({.code = Exit::not_found,
                    .what = fmt::format("no colocation of {}", cited(call.args[0])),
                    .fix = "duet constraint colocation --full"});
  }
  return delete_constraints(shell, call, std::move(ids));
}

Outcome<Exit> colocation_show(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  if (shell.format == Format::json) {
    shell.out(constraints_json((*view)->effective));
    return Exit::ok;
  }
  shell.out(colocation_text((*view)->effective, call.has("full")));
  return Exit::ok;
}

Outcome<Exit> constraint_config(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  if (shell.format == Format::json) {
    shell.out(constraints_json((*view)->effective));
    return Exit::ok;
  }
  const ClusterConfig& config = (*view)->effective;
  const bool full = call.has("full");
  shell.out(location_text(config, full, {}) + order_text(config, full) + colocation_text(config, full));
  return Exit::ok;
}

Outcome<Exit> constraint_ref(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  for (const auto& id : call.args) {
    if (auto found = need(config, id, Wanted::resource); !found) return tl::unexpected(found.error());
    std::string text = fmt::format("Resource: {}\n", id);
    for (const auto& item : config.locations) {
      if (item.resource == id) text += fmt::format("  {}\n", item.id);
    }
    for (const auto& item : config.orders) {
      if (item.first == id || item.then == id) text += fmt::format("  {}\n", item.id);
    }
    for (const auto& item : config.colocations) {
      if (item.resource == id || item.with == id) text += fmt::format("  {}\n", item.id);
    }
    shell.out(text);
  }
  return Exit::ok;
}

Outcome<Exit> constraint_delete(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const auto known = all_ids((*view)->effective);
  for (const auto& id : call.args) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::string guess = did_you_mean(id, known);
    return failure({.code = Exit::not_found,
                    .what = fmt::format("no constraint {}", cited(id)),
                    .fix = guess.empty() ? "all: duet constraint --full" : guess,
                    .subject = id.substr(0, 64)});
  }
  return delete_constraints(shell, call, call.args);
}

}  // namespace duet::cli
