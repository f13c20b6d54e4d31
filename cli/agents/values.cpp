// SPDX-License-Identifier: Apache-2.0
// Values against types of the metadata.
#include "cli/agents/values.hpp"

#include <algorithm>

#include "cli/grammar/words.hpp"
#include "core/base/duration_text.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

bool is_integer(std::string_view value) {
  if (value.starts_with('-') || value.starts_with('+')) value.remove_prefix(1);
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string wrong_value(const AgentParameter& parameter, std::string_view value) {
  if (value.empty()) return {};
  if (parameter.type == "boolean") return parse_bool(value) ? "" : "true or false";
  if (parameter.type == "integer") return is_integer(value) ? "" : "a whole number";
  if (parameter.type == "second") return parse_duration(value) ? "" : "a time: 30, 30s, 2min";
  if (parameter.type == "select" && !parameter.options.empty()) {
    const bool known = std::find(parameter.options.begin(), parameter.options.end(), value) != parameter.options.end();
    return known ? "" : "one of: " + join(parameter.options, ", ");
  }
  return {};
}

std::string replacement(const AgentMetadata& metadata, const AgentParameter& parameter) {
  if (!parameter.replaced_by.empty()) return parameter.replaced_by;
  const auto newer = std::find_if(metadata.parameters.begin(), metadata.parameters.end(),
                                  [&](const AgentParameter& other) { return other.obsoletes == parameter.name; });
  return newer == metadata.parameters.end() ? "" : newer->name;
}

}  // namespace duet::cli
