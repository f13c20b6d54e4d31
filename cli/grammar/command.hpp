// SPDX-License-Identifier: Apache-2.0
// One row of the command table: the source of parsing, help, manual page and completion.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cli/shell/failure.hpp"

namespace duet::cli {

class Shell;
struct Invocation;

/// Carries a command out. The returned code ends the program; a Failure is printed first.
using Handler = Outcome<Exit> (*)(Shell& shell, const Invocation& call);

enum class Kind : std::uint8_t {
  read,    ///< asks only
  change,  ///< takes --dry-run, --wait and the other options of changes
  later,   ///< known to administrators, comes in a later version: answers so and ends with 64
};

/// All texts are constants: the table costs nothing at start.
struct Command {
  std::string_view words = {};     ///< "resource group add"
  std::string_view also = {};      ///< other spellings, separated by ';'
  std::string_view synopsis = {};  ///< arguments after the words, empty if there are none
  std::string_view summary = {};   ///< first line of the help
  std::string_view options = {};   ///< names of its own options, separated by blanks: "group before after"
  std::string_view examples = {};  ///< lines "arguments | explanation"; the help puts "duet WORDS" in front
  std::string_view exits = {};     ///< meaning of exit codes beyond 0
  std::string_view see = {};
  Kind kind = Kind::read;
  bool json = false;  ///< a read that has --output-format=json
  std::uint8_t min_args = 0;
  std::uint8_t max_args = 255;  ///< 255: any number
  Handler run = nullptr;
};

using CommandTable = std::span<const std::span<const Command>>;

enum class Arity : std::uint8_t {
  none,
  required,  ///< --name=VALUE or --name VALUE
  optional,  ///< --name or --name=VALUE; a blank never takes a value
};

struct OptionInfo {
  std::string_view name;   ///< without dashes
  std::string_view alias;  ///< second long name
  char letter = 0;         ///< short form, 0 if there is none
  Arity arity = Arity::none;
  std::uint8_t where = 0;  ///< 0: commands that name it; 1: everywhere; 2: changes
  std::string_view value;  ///< name of the value in the help
  std::string_view help;
};

[[nodiscard]] std::span<const OptionInfo> all_options();
[[nodiscard]] const OptionInfo* find_option(std::string_view long_name);
[[nodiscard]] const OptionInfo* find_option(char letter);
/// Whether this command takes this option.
[[nodiscard]] bool accepts(const Command& command, const OptionInfo& option);

}  // namespace duet::cli
