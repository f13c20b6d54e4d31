// SPDX-License-Identifier: Apache-2.0
// What failures and switches demand before anything is placed: fencings, blocked resources, resources that may run
// nowhere, nodes that may take nothing (cluster-semantics 5.3, 5.4, 8).
#pragma once

#include <string>
#include <vector>

#include "core/policy/picture.hpp"

namespace duet::policy {

/// Fills NodeInfo::obstacle and fenced_soon, Resource::nowhere and blocked; returns the fencings to ask for.
[[nodiscard]] std::vector<FenceDemand> assess(Picture& picture);

/// "monitor failed: exit 7 (not running): reason", for people.
[[nodiscard]] std::string describe(const FailureRecord& failure);

}  // namespace duet::policy
