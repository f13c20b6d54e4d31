// SPDX-License-Identifier: Apache-2.0
// Texts of `duet help TOPIC`.
#pragma once

#include <string>
#include <string_view>

namespace duet::cli {

/// Empty if there is no such topic.
[[nodiscard]] std::string topic_text(std::string_view topic);

}  // namespace duet::cli
