// SPDX-License-Identifier: Apache-2.0
// The configuration as JSON, schema duet.config/1.
#include <nlohmann/json.hpp>

#include "cli/commands/arguments.hpp"
#include "cli/render/config_text.hpp"
#include "cli/render/constraint_json.hpp"

namespace duet::cli {

namespace {

using Json = nlohmann::ordered_json;

Json attributes_json(const Attributes& attributes, Secrets secrets = Secrets::hidden) {
  Json json = Json::object();
  for (const auto& [name, value] : attributes) {
    json[name] = secrets == Secrets::hidden && is_secret(name) ? "<hidden>" : value;
  }
  return json;
}

Json operations_json(const std::vector<Operation>& operations) {
  Json json = Json::array();
  for (const auto& operation : operations) {
    Json options = Json::object();
    for (const auto& [name, value] : operation_options(operation)) options[name] = value;
    json.push_back({{"action", operation.action}, {"options", std::move(options)}});
  }
  return json;
}

}  // namespace

std::string config_json(const ClusterConfig& config, Secrets secrets) {
  Json json{{"schema", "duet.config/1"}, {"name", config.name}};
  json["nodes"] = Json::array();
  for (const auto& node : config.nodes) {
    json["nodes"].push_back(
        {{"id", node.id.get()}, {"name", node.name}, {"attributes", attributes_json(node.attributes)}});
  }
  json["properties"] = attributes_json(config.properties);
  json["resource_defaults"] = attributes_json(config.resource_defaults);
  json["operation_defaults"] = attributes_json(config.operation_defaults);
  json["resources"] = Json::array();
  for (const auto& item : config.primitives) {
    json["resources"].push_back({{"id", item.id},
                                 {"agent", item.agent.text()},
                                 {"parameters", attributes_json(item.parameters, secrets)},
                                 {"meta", attributes_json(item.meta)},
                                 {"operations", operations_json(item.operations)}});
  }
  json["groups"] = Json::array();
  for (const auto& group : config.groups) {
    json["groups"].push_back({{"id", group.id}, {"members", group.members}, {"meta", attributes_json(group.meta)}});
  }
  json["devices"] = Json::array();
  for (const auto& device : config.devices) {
    json["devices"].push_back({{"id", device.id},
                               {"agent", device.agent},
                               {"parameters", attributes_json(device.parameters, secrets)},
                               {"meta", attributes_json(device.meta)},
                               {"operations", operations_json(device.operations)}});
  }
  json["levels"] = Json::array();
  for (const auto& level : config.levels) {
    json["levels"].push_back(
        {{"target", config.node_name(level.target)}, {"level", level.level}, {"devices", level.devices}});
  }
  json["constraints"] = constraints_by_type(config);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace duet::cli
