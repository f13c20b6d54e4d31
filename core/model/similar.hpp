// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word that is nearest to a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace duet {

/// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours), if it is at most a
/// third of the word's length and at most 3; else empty. The first of equals wins.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

/// "did you mean 'X'?", or empty.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace duet
