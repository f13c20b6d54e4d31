// SPDX-License-Identifier: Apache-2.0
// Checks of a whole configuration: everything that is wrong, errors first.
#include <algorithm>

#include "core/model/validate_parts.hpp"

namespace duet {

std::vector<Finding> validate(const ClusterConfig& config) {
  std::vector<Finding> findings;
  validation::check_objects(config, findings);
  validation::check_values(config, findings);
  validation::check_graphs(config, findings);
  std::stable_partition(findings.begin(), findings.end(), [](const Finding& finding) { return finding.error; });
  return findings;
}

}  // namespace duet
