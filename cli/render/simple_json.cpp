// SPDX-License-Identifier: Apache-2.0
// Small JSON answers.
#include "cli/render/simple_json.hpp"

#include <nlohmann/json.hpp>

#include "cli/grammar/words.hpp"

namespace duet::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string names_json(std::string_view schema, std::string_view key, const Attributes& values) {
  Json json{{"schema", schema}};
  json[std::string{key}] = values;
  if (values.empty()) json[std::string{key}] = Json::object();
  return dump(json);
}

std::string list_json(std::string_view schema, std::string_view key, const std::vector<std::string>& values) {
  Json json{{"schema", schema}};
  json[std::string{key}] = values;
  return dump(json);
}

std::string findings_json(const std::vector<Finding>& findings, bool valid) {
  Json json{{"schema", "duet.verify/1"}, {"valid", valid}, {"findings", Json::array()}};
  for (const auto& finding : findings) {
    json["findings"].push_back({{"severity", finding.error ? "error" : "warning"},
                                {"subject", finding.subject},
                                {"text", finding.text},
                                {"fix", finding.fix}});
  }
  return dump(json);
}

std::string explanation_json(const std::string& text, bool as_wanted) {
  Json json{{"schema", "duet.why/1"}, {"as_wanted", as_wanted}, {"lines", Json::array()}};
  for (const auto line : split(text, '\n')) json["lines"].push_back(line);
  return dump(json);
}

std::string failcounts_json(const std::map<std::string, std::map<std::string, std::int32_t>>& counts) {
  Json json{{"schema", "duet.failcounts/1"}, {"resources", Json::object()}};
  for (const auto& [resource, nodes] : counts) json["resources"][resource] = nodes;
  return dump(json);
}

}  // namespace duet::cli
