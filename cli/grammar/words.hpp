// SPDX-License-Identifier: Apache-2.0
// Small helpers for words: splitting, joining, "did you mean".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace duet::cli {

/// Parts between separators; no empty parts.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The candidate that was probably meant (core/model/similar.hpp); empty if none is near enough.
[[nodiscard]] std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

/// "did you mean 'x'?" or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view typed, const std::vector<std::string>& candidates);

/// "name=value" at the first '='; nullopt if there is no '=' or no name.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> name_value(std::string_view text);

/// One word as a shell would need it to be typed again.
[[nodiscard]] std::string shell_word(std::string_view word);

/// [A-Za-z_][A-Za-z0-9_.-]{0,63}
[[nodiscard]] bool is_id(std::string_view text);

/// "'text'" on one line, at most 60 bytes of it: for messages that repeat what was typed.
[[nodiscard]] std::string cited(std::string_view text);

}  // namespace duet::cli
