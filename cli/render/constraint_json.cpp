// SPDX-License-Identifier: Apache-2.0
// Constraints as JSON.
#include "cli/render/constraint_json.hpp"

#include "cli/render/constraint_text.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Json constraints_by_type(const ClusterConfig& config) {
  Json json{{"location", Json::array()}, {"order", Json::array()}, {"colocation", Json::array()}};
  for (const auto& item : config.locations) {
    json["location"].push_back({{"id", item.id},
                                {"resource", item.resource},
                                {"node", config.node_name(item.node)},
                                {"score", item.score.text()}});
  }
  for (const auto& item : config.orders) {
    json["order"].push_back({{"id", item.id},
                             {"first", item.first},
                             {"first_action", to_string(item.first_action)},
                             {"then", item.then},
                             {"then_action", to_string(item.then_action)},
                             {"kind", to_string(item.kind)},
                             {"symmetrical", item.symmetrical}});
  }
  for (const auto& item : config.colocations) {
    json["colocation"].push_back(
        {{"id", item.id}, {"resource", item.resource}, {"with", item.with}, {"score", item.score.text()}});
  }
  return json;
}

std::string constraints_json(const ClusterConfig& config) {
  Json json{{"schema", "duet.constraints/1"}, {"constraints", Json::array()}};
  const Json by_type = constraints_by_type(config);
  for (const auto& [type, items] : by_type.items()) {
    for (const auto& item : items) {
      Json flat{{"id", item["id"]}, {"type", type}};
      flat.update(item);
      json["constraints"].push_back(std::move(flat));
    }
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace duet::cli
