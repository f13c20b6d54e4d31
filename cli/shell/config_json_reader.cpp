// SPDX-License-Identifier: Apache-2.0
// Reading of the configuration as JSON; the writer is render/config_json.cpp. Unknown keys are ignored, as all readers
// of our JSON must.
#include <fmt/core.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "cli/commands/arguments.hpp"
#include "cli/shell/config_file.hpp"
#include "core/base/escape.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

using Json = nlohmann::json;

/// Takes values out of objects. The first thing that is wrong is kept, and from then on everything is empty.
class Reader {
 public:
  void complain(std::string what) {
    if (what_.empty()) what_ = std::move(what);
  }
  [[nodiscard]] const std::string& complaint() const { return what_; }

  std::string text(const Json& object, const char* key) {
    const Json* value = find(object, key);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    complain(fmt::format("'{}' must be a text", key));
    return {};
  }
  std::uint32_t number(const Json& object, const char* key) {
    const Json* value = find(object, key);
    if (value != nullptr && value->is_number_unsigned()) {
      const auto found = value->get<std::uint64_t>();
      if (found <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(found);
    }
    complain(fmt::format("'{}' must be a whole number from 0", key));
    return 0;
  }
  bool boolean(const Json& object, const char* key) {
    const Json* value = find(object, key);
    if (value != nullptr && value->is_boolean()) return value->get<bool>();
    complain(fmt::format("'{}' must be true or false", key));
    return false;
  }
  Attributes attributes(const Json& object, const char* key) {
    Attributes found;
    const Json* value = find(object, key);
    if (value == nullptr || !value->is_object()) {
      complain(fmt::format("'{}' must be an object", key));
      return found;
    }
    for (const auto& [name, item] : value->items()) {
      if (!item.is_string()) complain(fmt::format("'{}' of '{}' must be a text", escape_line(name, 80), key));
      if (item.is_string()) found[name] = item.get<std::string>();
    }
    return found;
  }
  const Json& list(const Json& object, const char* key) {
    static const Json none = Json::array();
    const Json* value = find(object, key);
    if (value != nullptr && value->is_array()) return *value;
    complain(fmt::format("'{}' must be a list", key));
    return none;
  }
  std::vector<std::string> texts(const Json& object, const char* key) {
    std::vector<std::string> found;
    for (const Json& item : list(object, key)) {
      if (!item.is_string()) complain(fmt::format("'{}' must be a list of texts", key));
      if (item.is_string()) found.push_back(item.get<std::string>());
    }
    return found;
  }
  template <class Enum>
  Enum word(const Json& object, const char* key) {
    const std::string found = text(object, key);
    const auto value = enum_from_text<Enum>(found);
    if (!value) complain(fmt::format("'{}' of '{}' is not known", escape_line(found, 80), key));
    return value.value_or(Enum{});
  }
  Score score(const Json& object) {
    const std::string found = text(object, "score");
    const auto value = Score::parse(found);
    if (!value) complain(fmt::format("'{}' is not a score", escape_line(found, 80)));
    return value ? *value : Score{};
  }
  NodeId node(const ClusterConfig& config, const Json& object, const char* key) {
    const std::string found = text(object, key);
    const Node* node = config.node(found);
    if (node == nullptr) complain(fmt::format("'{}' is no node of this configuration", escape_line(found, 80)));
    return node == nullptr ? NodeId{0} : node->id;
  }
  std::vector<Operation> operations(const Json& object) {
    std::vector<Operation> found;
    for (const Json& item : list(object, "operations")) {
      auto operation = to_operation({text(item, "action"), attributes(item, "options")});
      if (!operation) complain(operation.error().what);
      if (operation) found.push_back(std::move(*operation));
    }
    return found;
  }

 private:
  static const Json* find(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
  }
  std::string what_;
};

void read_objects(Reader& reader, const Json& json, ClusterConfig& config) {
  for (const Json& item : reader.list(json, "resources")) {
    Primitive primitive;
    primitive.id = reader.text(item, "id");
    const std::string agent = reader.text(item, "agent");
    auto parsed = AgentRef::parse(agent);
    if (!parsed) reader.complain(fmt::format("'{}' is no name of an agent", escape_line(agent, 80)));
    if (parsed) primitive.agent = std::move(*parsed);
    primitive.parameters = reader.attributes(item, "parameters");
    primitive.meta = reader.attributes(item, "meta");
    primitive.operations = reader.operations(item);
    config.primitives.push_back(std::move(primitive));
  }
  for (const Json& item : reader.list(json, "groups")) {
    config.groups.push_back({reader.text(item, "id"), reader.texts(item, "members"), reader.attributes(item, "meta")});
  }
  for (const Json& item : reader.list(json, "devices")) {
    FenceDevice device;
    device.id = reader.text(item, "id");
    device.agent = reader.text(item, "agent");
    device.parameters = reader.attributes(item, "parameters");
    device.meta = reader.attributes(item, "meta");
    device.operations = reader.operations(item);
    config.devices.push_back(std::move(device));
  }
  for (const Json& item : reader.list(json, "levels")) {
    config.levels.push_back(
        {reader.node(config, item, "target"), reader.number(item, "level"), reader.texts(item, "devices")});
  }
}

void read_constraints(Reader& reader, const Json& json, ClusterConfig& config) {
  const auto found = json.find("constraints");
  if (found == json.end() || !found->is_object()) return reader.complain("'constraints' must be an object");
  for (const Json& item : reader.list(*found, "location")) {
    config.locations.push_back({reader.text(item, "id"), reader.text(item, "resource"),
                                reader.node(config, item, "node"), reader.score(item)});
  }
  for (const Json& item : reader.list(*found, "order")) {
    config.orders.push_back({reader.text(item, "id"), reader.text(item, "first"), reader.text(item, "then"),
                             reader.word<OrderAction>(item, "first_action"),
                             reader.word<OrderAction>(item, "then_action"), reader.word<OrderKind>(item, "kind"),
                             reader.boolean(item, "symmetrical")});
  }
  for (const Json& item : reader.list(*found, "colocation")) {
    config.colocations.push_back(
        {reader.text(item, "id"), reader.text(item, "resource"), reader.text(item, "with"), reader.score(item)});
  }
}

}  // namespace

Outcome<ClusterConfig> parse_config_json(std::string_view text) {
  const auto bad = [](const std::string& what) {
    return failure({.code = Exit::data, .what = what, .fix = "a file of: duet config --output-format=json"});
  };
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return bad("it is no JSON object");
  Reader reader;
  if (reader.text(json, "schema") != "duet.config/1") return bad("it is no configuration of schema duet.config/1");
  ClusterConfig config;
  config.name = reader.text(json, "name");
  for (const Json& item : reader.list(json, "nodes")) {
    config.nodes.push_back(
        {NodeId{reader.number(item, "id")}, reader.text(item, "name"), reader.attributes(item, "attributes")});
  }
  config.properties = reader.attributes(json, "properties");
  config.resource_defaults = reader.attributes(json, "resource_defaults");
  config.operation_defaults = reader.attributes(json, "operation_defaults");
  read_objects(reader, json, config);
  read_constraints(reader, json, config);
  if (!reader.complaint().empty()) return bad(reader.complaint());
  return config;
}

}  // namespace duet::cli
