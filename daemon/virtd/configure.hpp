// SPDX-License-Identifier: Apache-2.0
// duet-virtd -c: the questions of the original, in its order and with its defaults and its result; checked before it is
// written, and what was there is kept. The end of the input is an answer nowhere: it ends the program.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/fencehost/conf_tree.hpp"

namespace duet::virtd {

/// Who answers: a terminal, or a test.
struct Dialogue {
  std::function<void(const std::string&)> print;
  std::function<std::optional<std::string>()> read_line;  ///< without newline; nullopt at the end of the input
};

enum class Configured { write, declined, input_ended };

struct Configuration {
  Configured end = Configured::declined;
  std::string text;  ///< the file, if it is to be written
};

/// `existing`: the present file if it can be read; `trouble`: why not.
[[nodiscard]] Configuration configure(const Dialogue& dialogue, const std::string& path,
                                      std::optional<fencehost::ConfNode> existing, const std::string& trouble);

}  // namespace duet::virtd
