// SPDX-License-Identifier: Apache-2.0
// The JSON of the status against docs/schema/status.json, in every state. Knows the part of JSON Schema that the file
// uses; a key that the schema does not name is an error here, so that the schema stays complete.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/cli/fixture.hpp"

namespace duet::cli::test {

namespace {

using Json = nlohmann::json;

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  return type == "integer" && value.is_number_integer();
}

/// Everything that is wrong, one line each.
void check(const Json& root, const Json& schema, const Json& value, const std::string& at,
           std::vector<std::string>& wrong) {
  if (schema.contains("$ref")) {
    const std::string name = schema["$ref"].get<std::string>().substr(std::string{"#/$defs/"}.size());
    check(root, root["$defs"][name], value, at, wrong);
    return;
  }
  if (!has_type(value, schema["type"])) {
    wrong.push_back(at + " is no " + schema["type"].get<std::string>());
    return;
  }
  if (schema.contains("enum")) {
    bool known = false;
    for (const auto& allowed : schema["enum"]) known = known || allowed == value;
    if (!known) wrong.push_back(at + " is " + value.dump());
  }
  for (const auto& key : schema.value("required", Json::array())) {
    if (!value.contains(key.get<std::string>())) wrong.push_back(at + "." + key.get<std::string>() + " is missing");
  }
  if (schema.contains("properties")) {
    for (const auto& [key, part] : value.items()) {
      if (schema["properties"].contains(key)) {
        check(root, schema["properties"][key], part, at + "." + key, wrong);
      } else if (value.value("type", "") != "primitive") {  // a single resource has the keys of a member
        wrong.push_back(at + "." + key + " is not in the schema");
      }
    }
  }
  if (!schema.contains("items") || !value.is_array()) return;
  for (std::size_t i = 0; i < value.size(); ++i)
    check(root, schema["items"], value[i], at + "[" + std::to_string(i) + "]", wrong);
}

}  // namespace

TEST_CASE("schema: the status in JSON is what docs/schema/status.json says, in every state", "[cli][schema]") {
  std::ifstream file{DUET_SCHEMAS "/status.json"};
  const Json schema = Json::parse(file);
  for (const auto& [name, state] : states()) {
    DYNAMIC_SECTION(name) {
      FakeDaemon daemon;
      daemon.view = state();
      const auto done = duet(daemon, "status --output-format=json");
      REQUIRE(done.code == 0);
      const Json value = Json::parse(done.out);
      std::vector<std::string> wrong;
      check(schema, schema, value, "status", wrong);
      for (const auto& resource : value["resources"]) {
        if (resource["type"] == "primitive") check(schema, schema["$defs"]["primitive"], resource, "resource", wrong);
      }
      CHECK(wrong == std::vector<std::string>{});
    }
  }
}

TEST_CASE("schema: bytes that are no UTF-8 do not spoil the JSON", "[cli][schema]") {
  FakeDaemon daemon;
  daemon.view = tutorial_view();
  daemon.view.state.resources["VIP"].on[server1].failures = {failure(Action::monitor, 30s, 1, 1, "\xff\xfe broken")};
  CHECK_NOTHROW(Json::parse(duet(daemon, "status --output-format=json").out));
}

}  // namespace duet::cli::test
