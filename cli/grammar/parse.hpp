// SPDX-License-Identifier: Apache-2.0
// From the arguments of the program to a command with its arguments and options.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/grammar/command.hpp"

namespace duet::cli {

/// What was asked for. `command` is null only if no words were given at all.
struct Invocation {
  const Command* command = nullptr;
  std::string_view words;                                         ///< the spelling that matched
  std::vector<std::string> args;                                  ///< what follows the words
  std::vector<std::pair<std::string_view, std::string>> options;  ///< (name, value), as given, in order
  std::string typed;                                              ///< all arguments as a shell would take them again

  [[nodiscard]] bool has(std::string_view option) const;
  /// The last value that was given; nullopt without the option.
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
  /// The arguments without the first `from` ones.
  [[nodiscard]] std::vector<std::string> args_from(std::size_t from) const;
};

/// Longest argument that is taken: a configuration value is at most 8 KiB, a list of ids at most a few hundred.
inline constexpr std::size_t longest_argument = 64UL * 1024;

/// Splits options from words, finds the command, checks that it takes these options and so many arguments.
/// With --help or --version the checks of the arguments are left out.
[[nodiscard]] Outcome<Invocation> parse(CommandTable table, const std::vector<std::string>& arguments);

/// The words that may follow `prefix` ("" or "resource group"), sorted as in the table, each once.
[[nodiscard]] std::vector<std::string> next_words(CommandTable table, std::string_view prefix);

}  // namespace duet::cli
