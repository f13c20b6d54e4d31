// SPDX-License-Identifier: Apache-2.0
// Small JSON answers: a schema name and one level of names, lists or findings.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/config.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

/// {"schema": SCHEMA, KEY: {name: value, ...}}
[[nodiscard]] std::string names_json(std::string_view schema, std::string_view key, const Attributes& values);
/// {"schema": SCHEMA, KEY: [...]}
[[nodiscard]] std::string list_json(std::string_view schema, std::string_view key,
                                    const std::vector<std::string>& values);
/// Schema duet.verify/1.
[[nodiscard]] std::string findings_json(const std::vector<Finding>& findings, bool valid);
/// Schema duet.why/1: the explanation in lines.
[[nodiscard]] std::string explanation_json(const std::string& text, bool as_wanted);
/// Schema duet.failcounts/1: resource -> node -> count; 1000000 is INFINITY.
[[nodiscard]] std::string failcounts_json(const std::map<std::string, std::map<std::string, std::int32_t>>& counts);

}  // namespace duet::cli
