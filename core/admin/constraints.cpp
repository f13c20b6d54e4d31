// SPDX-License-Identifier: Apache-2.0
// Constraints: add, delete, and what `resource clear` takes away.
#include <fmt/core.h>

#include <algorithm>

#include "core/admin/common.hpp"
#include "core/base/escape.hpp"
#include "core/model/text.hpp"

namespace duet::admin {

namespace {

bool made_by_command(std::string_view id) {
  return id.rfind("cli-ban-", 0) == 0 || id.rfind("cli-prefer-", 0) == 0;
}

bool resource_exists(const ClusterConfig& config, std::string_view id) {
  return config.primitive(id) != nullptr || config.group(id) != nullptr;
}

/// An identical one is `unchanged`, another one with this id is `exists`.
template <class Constraint>
Outcome check_id(const ClusterConfig& config, const std::vector<Constraint>& list, const Constraint& asked) {
  const auto same = std::find_if(list.begin(), list.end(), [&](const Constraint& item) { return item.id == asked.id; });
  if (same != list.end()) {
    if (*same == asked) return unchanged();
    return Error{Errc::exists,
                 fmt::format("{} exists with other settings", escape_line(asked.id, 80)),
                 {},
                 fmt::format("duet constraint delete {}", escape_line(asked.id, 80))};
  }
  return taken(config, asked.id, "");
}

Error duplicate(std::string_view id, std::string_view what, std::string difference) {
  return {Errc::exists, fmt::format("{} exists already as {}", what, id), std::move(difference),
          fmt::format("duet constraint delete {}", id)};
}

std::string order_text(const OrderConstraint& item) {
  return fmt::format("{} {} then {} {} (kind: {}, symmetrical: {})", to_string(item.first_action), item.first,
                     to_string(item.then_action), item.then, to_string(item.kind), item.symmetrical);
}

template <class Constraint>
bool erase_id(std::vector<Constraint>& list, std::string_view id) {
  return std::erase_if(list, [&](const Constraint& item) { return item.id == id; }) > 0;
}

}  // namespace

Outcome apply(ClusterConfig& config, const AddLocation& request) {
  const LocationConstraint& asked = request.constraint;
  if (!resource_exists(config, asked.resource)) return not_found(config, "resource", asked.resource);
  if (config.node(asked.node) == nullptr) return not_found(config, "node", config.node_name(asked.node));
  // A second wish about the same resource and node replaces the first, as pcs does; what ban and move have made is
  // theirs and stays beside it.
  if (!made_by_command(asked.id)) {
    for (const LocationConstraint& item : config.locations) {
      const bool same_pair = item.resource == asked.resource && item.node == asked.node && !made_by_command(item.id);
      if (same_pair && item.score == asked.score) return unchanged();
    }
    std::erase_if(config.locations, [&](const LocationConstraint& item) {
      return item.resource == asked.resource && item.node == asked.node && !made_by_command(item.id);
    });
  }
  if (auto error = check_id(config, config.locations, asked)) return error;
  config.locations.push_back(asked);
  return std::nullopt;
}

Outcome apply(ClusterConfig& config, const AddColocation& request) {
  const ColocationConstraint& asked = request.constraint;
  for (const ObjectId* id : {&asked.resource, &asked.with}) {
    if (!resource_exists(config, *id)) return not_found(config, "resource", *id);
  }
  if (auto error = check_id(config, config.colocations, asked)) return error;
  for (const ColocationConstraint& item : config.colocations) {
    if (item.resource != asked.resource || item.with != asked.with) continue;
    if (item.score == asked.score) return unchanged();
    return duplicate(item.id, fmt::format("{} with {}", asked.resource, asked.with),
                     fmt::format("score: {} (now)  {} (asked)", item.score.text(), asked.score.text()));
  }
  config.colocations.push_back(asked);
  return std::nullopt;
}

Outcome apply(ClusterConfig& config, const AddOrder& request) {
  const OrderConstraint& asked = request.constraint;
  for (const ObjectId* id : {&asked.first, &asked.then}) {
    if (!resource_exists(config, *id)) return not_found(config, "resource", *id);
  }
  if (auto error = check_id(config, config.orders, asked)) return error;
  for (const OrderConstraint& item : config.orders) {
    const bool same_pair = item.first == asked.first && item.then == asked.then &&
                           item.first_action == asked.first_action && item.then_action == asked.then_action;
    if (!same_pair) continue;
    OrderConstraint renamed = asked;
    renamed.id = item.id;
    if (renamed == item) return unchanged();
    return duplicate(item.id, fmt::format("{} then {}", asked.first, asked.then),
                     fmt::format("{} (now)  {} (asked)", order_text(item), order_text(asked)));
  }
  config.orders.push_back(asked);
  return std::nullopt;
}

Outcome apply(ClusterConfig& config, const DeleteConstraints& request) {
  for (const ObjectId& id : request.ids) {
    const bool removed =
        erase_id(config.locations, id) || erase_id(config.colocations, id) || erase_id(config.orders, id);
    if (removed) continue;
    return Error{
        Errc::not_found, fmt::format("no such constraint: '{}'", escape_line(id, 80)), {}, "duet constraint --full"};
  }
  return request.ids.empty() ? unchanged() : Outcome{};
}

Outcome apply(ClusterConfig& config, const ClearResource& request) {
  if (!resource_exists(config, request.id)) return not_found(config, "resource", request.id);
  const auto removed = std::erase_if(config.locations, [&](const LocationConstraint& item) {
    return item.resource == request.id && made_by_command(item.id) && (!request.node || item.node == *request.node);
  });
  return removed > 0 ? Outcome{} : unchanged();
}

}  // namespace duet::admin
