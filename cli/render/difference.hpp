// SPDX-License-Identifier: Apache-2.0
// What differs between an object that is there and one that was asked for (message E07). Pure.
#pragma once

#include <string>
#include <vector>

#include "core/model/config.hpp"

namespace duet::cli {

/// Lines "ip: 10.9.0.100 (now)  10.9.0.101 (asked)"; secrets are hidden. Empty: they are the same.
[[nodiscard]] std::vector<std::string> difference(const Primitive& now, const Primitive& asked);
[[nodiscard]] std::vector<std::string> difference(const FenceDevice& now, const FenceDevice& asked);
/// "name=value" words that would make `now` into `asked`; "name=" for what must go.
[[nodiscard]] std::vector<std::string> changed_parameters(const Attributes& now, const Attributes& asked);

}  // namespace duet::cli
