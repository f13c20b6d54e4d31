// SPDX-License-Identifier: Apache-2.0
// The parts of validate(), by topic. Each appends what it finds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/options.hpp"

namespace duet::validation {

using Findings = std::vector<Finding>;

inline void error(Findings& out, std::string_view subject, std::string text, std::string fix = {}) {
  out.push_back({true, std::string{subject}, std::move(text), std::move(fix)});
}
inline void warning(Findings& out, std::string_view subject, std::string text, std::string fix = {}) {
  out.push_back({false, std::string{subject}, std::move(text), std::move(fix)});
}

// validate_objects.cpp: nodes, ids, references, groups, constraints, levels, counts.
void check_objects(const ClusterConfig& config, Findings& out);
// validate_values.cpp: properties, meta attributes, parameters, operations, devices.
void check_values(const ClusterConfig& config, Findings& out);
// validate_graph.cpp: cycles of orders and colocations, constraints that contradict each other.
void check_graphs(const ClusterConfig& config, Findings& out);

}  // namespace duet::validation
