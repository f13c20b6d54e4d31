// SPDX-License-Identifier: Apache-2.0
// Whether a value that was typed fits what the agent's metadata says about its parameter. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/agentapi/metadata.hpp"

namespace duet::cli {

/// Empty if the value fits, else the allowed form: "a whole number", "one of: a, b". An empty value always fits: it
/// removes the parameter.
[[nodiscard]] std::string wrong_value(const AgentParameter& parameter, std::string_view value);

/// The name to use instead of a deprecated parameter; empty if the metadata names none.
[[nodiscard]] std::string replacement(const AgentMetadata& metadata, const AgentParameter& parameter);

}  // namespace duet::cli
