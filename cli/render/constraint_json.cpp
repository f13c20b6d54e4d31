// SPDX-License-Identifier: Apache-2.0
// Constraints as JSON.
#include <nlohmann/json.hpp>

#include "cli/render/constraint_text.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

std::string constraints_json(const ClusterConfig& config) {
  nlohmann::ordered_json json{{"schema", "duet.constraints/1"}, {"constraints", nlohmann::ordered_json::array()}};
  auto& list = json["constraints"];
  for (const auto& item : config.locations) {
    list.push_back({{"id", item.id},
                    {"type", "location"},
                    {"resource", item.resource},
                    {"node", config.node_name(item.node)},
                    {"score", item.score.text()}});
  }
  for (const auto& item : config.orders) {
    list.push_back({{"id", item.id},
                    {"type", "order"},
                    {"first", item.first},
                    {"first_action", to_string(item.first_action)},
                    {"then", item.then},
                    {"then_action", to_string(item.then_action)},
                    {"kind", to_string(item.kind)},
                    {"symmetrical", item.symmetrical}});
  }
  for (const auto& item : config.colocations) {
    list.push_back({{"id", item.id},
                    {"type", "colocation"},
                    {"resource", item.resource},
                    {"with", item.with},
                    {"score", item.score.text()}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace duet::cli
