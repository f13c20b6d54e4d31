// SPDX-License-Identifier: Apache-2.0
// Where each resource should be, and why (cluster-semantics 7). Pure function of the picture.
#pragma once

#include <optional>
#include <vector>

#include "core/policy/picture.hpp"

namespace duet::policy {

struct Placed {
  std::optional<std::size_t> node;
  Why why;
  std::vector<NodeVerdict> verdicts;  ///< per node
};

/// One entry for each resource of the picture. Fills NodeInfo::placed.
[[nodiscard]] std::vector<Placed> place_all(Picture& picture);

}  // namespace duet::policy
