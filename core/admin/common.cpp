// SPDX-License-Identifier: Apache-2.0
// Shared parts of the edits.
#include "core/admin/common.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "core/model/similar.hpp"
#include "core/model/text.hpp"

namespace duet::admin {

namespace {

template <class Range>
bool has_id(const Range& range, std::string_view id) {
  return std::any_of(range.begin(), range.end(), [&](const auto& item) { return item.id == id; });
}

std::string shown(std::string_view value) {
  return value.empty() ? std::string{"-"} : escape_line(value, 200);
}

}  // namespace

Error unchanged() {
  return {Errc::unchanged, "unchanged"};
}

Error not_found(const ClusterConfig& config, std::string_view kind, std::string_view id) {
  std::vector<std::string_view> known;
  for (const Primitive& item : config.primitives) known.push_back(item.id);
  for (const Group& item : config.groups) known.push_back(item.id);
  for (const FenceDevice& item : config.devices) known.push_back(item.id);
  return {Errc::not_found, fmt::format("no such {}: '{}'", kind, escape_line(id, 80)), {}, did_you_mean(id, known)};
}

std::string_view kind_of(const ClusterConfig& config, std::string_view id) {
  if (config.primitive(id) != nullptr) return "resource";
  if (config.group(id) != nullptr) return "group";
  if (config.device(id) != nullptr) return "fence device";
  if (has_id(config.locations, id) || has_id(config.colocations, id) || has_id(config.orders, id)) return "constraint";
  return {};
}

Outcome taken(const ClusterConfig& config, std::string_view id, std::string_view wanted_kind) {
  const std::string_view kind = kind_of(config, id);
  if (kind.empty() || kind == wanted_kind) return std::nullopt;
  return Error{Errc::exists, fmt::format("'{}' already exists", escape_line(id, 80)), fmt::format("it is a {}", kind),
               "choose another id"};
}

bool merge(Attributes& to, const Attributes& values) {
  const Attributes before = to;
  for (const auto& [name, value] : values) {
    if (value.empty()) {
      to.erase(name);
    } else {
      to[name] = value;
    }
  }
  return before != to;
}

void Difference::add(std::string_view name, std::string_view now, std::string_view asked, std::string argument) {
  lines.push_back(fmt::format("{}: {} (now)  {} (asked)", escape_line(name, 80), shown(now), shown(asked)));
  arguments.push_back(std::move(argument));
}

void Difference::attributes(const Attributes& now, const Attributes& asked) {
  std::set<std::string> names;
  for (const auto& [name, value] : now) names.insert(name);
  for (const auto& [name, value] : asked) names.insert(name);
  for (const std::string& name : names) {
    const auto a = now.find(name);
    const auto b = asked.find(name);
    const std::string old_value = a == now.end() ? "" : a->second;
    const std::string new_value = b == asked.end() ? "" : b->second;
    if (old_value != new_value) add(name, old_value, new_value, name + "=" + escape_line(new_value, 200));
  }
}

void Difference::operations(const std::vector<Operation>& now, const std::vector<Operation>& asked) {
  const auto text = [](const std::vector<Operation>& list) {
    std::string all;
    for (const Operation& item : list) all += (all.empty() ? "" : ", ") + operation_text(item);
    return all;
  };
  if (now == asked) return;
  std::string argument;
  for (const Operation& item : asked) {
    if (std::find(now.begin(), now.end(), item) != now.end()) continue;
    argument += (argument.empty() ? "op " : " op ") + operation_text(item);
  }
  add("operations", text(now), text(asked), std::move(argument));
}

Error exists(std::string_view id, std::string_view command, const Difference& difference) {
  std::string why;
  for (const std::string& line : difference.lines) why += (why.empty() ? "" : "; ") + line;
  std::string fix{command};
  for (const std::string& argument : difference.arguments) {
    if (!argument.empty()) fix += " " + argument;
  }
  return {Errc::exists, fmt::format("{} exists with other settings", escape_line(id, 80)), why, fix};
}

std::string operation_text(const Operation& operation) {
  std::string text = escape_line(operation.action, 80);
  if (operation.interval != Duration{0}) text += " interval=" + format_duration(operation.interval);
  if (operation.timeout) text += " timeout=" + format_duration(*operation.timeout);
  if (operation.on_fail) text += fmt::format(" on-fail={}", to_string(*operation.on_fail));
  if (!operation.enabled) text += " enabled=false";
  if (operation.start_delay != Duration{0}) text += " start-delay=" + format_duration(operation.start_delay);
  for (const auto& [name, value] : operation.extra) text += " " + name + "=" + escape_line(value, 80);
  return text;
}

void drop_constraints(ClusterConfig& config, std::string_view id) {
  std::erase_if(config.locations, [&](const LocationConstraint& item) { return item.resource == id; });
  std::erase_if(config.colocations,
                [&](const ColocationConstraint& item) { return item.resource == id || item.with == id; });
  std::erase_if(config.orders, [&](const OrderConstraint& item) { return item.first == id || item.then == id; });
}

void leave_group(ClusterConfig& config, std::string_view member) {
  for (auto group = config.groups.begin(); group != config.groups.end(); ++group) {
    if (std::erase(group->members, member) == 0) continue;
    if (group->members.empty()) {
      drop_constraints(config, group->id);
      config.groups.erase(group);
    }
    return;
  }
}

}  // namespace duet::admin
