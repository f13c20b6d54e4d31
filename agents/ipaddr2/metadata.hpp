// SPDX-License-Identifier: Apache-2.0
// The agent's meta-data (OCF 1.1), as printed by the action meta-data.
#pragma once

#include <string>

namespace duet::ipaddr2 {

[[nodiscard]] std::string metadata();

}  // namespace duet::ipaddr2
