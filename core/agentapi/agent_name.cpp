// SPDX-License-Identifier: Apache-2.0
// See agent_name.hpp.
#include "core/agentapi/agent_name.hpp"

#include <algorithm>
#include <array>

namespace duet {

namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view name, std::string_view others, std::size_t limit) {
  return !name.empty() && name.size() <= limit && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

constexpr std::array<std::string_view, 5> unit_suffixes{".service", ".socket", ".mount", ".timer", ".path"};

}  // namespace

bool is_agent_name(std::string_view name) {
  return consists_of(name, "_.-", 64) && name.front() != '.' && name.front() != '-';
}

bool is_attribute_name(std::string_view name) {
  return consists_of(name, "_.:-", 128);
}

Result<std::string> unit_name(std::string_view type) {
  const auto refused = [&](const char* why) {
    return fail(Errc::invalid_argument, "'" + std::string{type.substr(0, 64)} + "' is no name of a unit", why);
  };
  if (!consists_of(type, "_.:-@\\", 255)) return refused("letters, digits and : - _ . \\ @ are allowed");
  if (type.front() == '.' || type.front() == '-' || type.front() == '@') return refused("it begins with a sign");
  std::string name{type};
  const bool complete = std::any_of(unit_suffixes.begin(), unit_suffixes.end(),
                                    [&](std::string_view suffix) { return type.ends_with(suffix); });
  if (!complete) name += ".service";
  if (name.size() > 255) return refused("it is longer than 255 bytes");
  if (name.find("@.") != std::string::npos) return refused("it is a template: an instance must follow the @");
  return name;
}

}  // namespace duet
