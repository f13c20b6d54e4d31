// SPDX-License-Identifier: Apache-2.0
// Arguments that stand for attributes and operations: `name=value`, `op monitor interval=30s`, `meta ...`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/shell/failure.hpp"
#include "core/message/admin.hpp"

namespace duet::cli {

class Shell;

/// One `op ACTION name=value...` as typed.
struct OperationWords {
  std::string action;
  Attributes options;
};

struct ResourceWords {
  Attributes parameters;
  std::vector<OperationWords> operations;
  Attributes meta;
  std::optional<std::string> group;
  std::optional<std::string> before;
  std::optional<std::string> after;
};

/// What follows the id (and agent) of create and update.
[[nodiscard]] Outcome<ResourceWords> parse_resource_words(const std::vector<std::string>& words);

/// `name=` removes an option: nothing of it is stored.
void drop_empty(Attributes& attributes);

/// Only `name=value`. At least one unless `may_be_empty`.
[[nodiscard]] Outcome<Attributes> parse_attributes(const std::vector<std::string>& words, bool may_be_empty = false);

/// Errors: not an operation, unknown option, bad time, bad on-fail; exit 64. `monitor` without interval gets 60 s.
[[nodiscard]] Outcome<Operation> to_operation(const OperationWords& words);

/// "60s", "500ms": as administrators write intervals and time-outs, never "1min".
[[nodiscard]] std::string operation_time(Duration duration);

/// Operation options as text, for display and for commands; without the action.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> operation_options(const Operation& operation);

/// Whether a parameter holds a secret.
[[nodiscard]] bool is_secret(std::string_view parameter);
/// Reads `passwd=@FILE` and `passwd=-`; refuses a secret that stands in the arguments (E28).
[[nodiscard]] Outcome<void> read_secrets(Shell& shell, Attributes& parameters);

/// `node=N`, `operation=OP` style filters after optional ids; everything else is left in `rest`.
struct Filters {
  Attributes values;
  std::vector<std::string> rest;
};
[[nodiscard]] Outcome<Filters> take_filters(const std::vector<std::string>& words,
                                            const std::vector<std::string>& allowed);

/// "INFINITY", "-5"; exit 64 with the allowed form.
[[nodiscard]] Outcome<Score> to_score(std::string_view text);

}  // namespace duet::cli
