// SPDX-License-Identifier: Apache-2.0
// Rendering of the command table for people.
#include "cli/grammar/help.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/grammar/parse.hpp"
#include "cli/grammar/words.hpp"

namespace duet::cli {

namespace {

std::string usage_line(const Command& command) {
  std::string line = fmt::format("duet {}", command.words);
  if (!command.synopsis.empty()) line += fmt::format(" {}", command.synopsis);
  if (command.kind == Kind::change) line += " [--wait[=N]] [--dry-run]";
  return line;
}

/// "arguments | explanation" lines, the explanations in one column.
std::string examples(const Command& command) {
  std::string text;
  std::size_t width = 0;
  std::vector<std::pair<std::string, std::string_view>> rows;
  for (const auto line : split(command.examples, '\n')) {
    const auto bar = line.find(" | ");
    const auto arguments = line.substr(0, bar);
    std::string typed = fmt::format("duet {}", arguments);
    rows.emplace_back(std::move(typed), bar == std::string_view::npos ? "" : line.substr(bar + 3));
    if (rows.back().first.size() <= 56) width = std::max(width, rows.back().first.size());
  }
  for (const auto& [typed, explanation] : rows) {
    if (explanation.empty()) {
      text += fmt::format("  {}\n", typed);
    } else {
      text += fmt::format("  {:<{}}   {}\n", typed, width, explanation);
    }
  }
  return text;
}

std::string option_left(const OptionInfo& option) {
  std::string left =
      option.letter != 0 ? fmt::format("-{}, --{}", option.letter, option.name) : fmt::format("    --{}", option.name);
  if (option.arity == Arity::required) left += fmt::format("={}", option.value);
  if (option.arity == Arity::optional) left += fmt::format("[={}]", option.value);
  return left;
}

std::string options_text(const Command& command) {
  std::string text;
  for (const auto& option : all_options()) {
    const bool common = option.where == 1 && option.name != "yes" && option.name != "output-format";
    if (common || !accepts(command, option)) continue;
    text += fmt::format("  {:<38} {}\n", option_left(option), option.help);
  }
  return text;
}

std::string first_word(std::string_view words) {
  return std::string{words.substr(0, words.find(' '))};
}

const Command* exact(CommandTable table, std::string_view words) {
  for (const auto& part : table) {
    for (const auto& command : part) {
      if (command.words == words) return &command;
    }
  }
  return nullptr;
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

std::string command_help(CommandTable table, const Command& command) {
  std::string text = fmt::format("{}\n\nUsage: {}\n", command.summary, usage_line(command));
  if (!command.also.empty()) {
    bool first = true;
    for (const auto other : split(command.also, ';')) {
      text += fmt::format("{}  duet {}\n", first ? "Also:" : "     ", other);
      first = false;
    }
  }
  if (command.kind == Kind::later) {
    return text + "\nNot in this version yet.\n" +
           (command.see.empty() ? "" : fmt::format("Instead: {}\n", command.see));
  }
  text += fmt::format("\nExamples:\n{}", examples(command));
  text += fmt::format("\nOptions:\n{}  {:<38} {}\n", options_text(command), "-h, --help", "this text");
  if (!command.exits.empty()) text += fmt::format("Exit:  {}\n", command.exits);
  const std::string page = fmt::format("duet(8)");
  text += command.see.empty() ? fmt::format("See:   {}\n", page) : fmt::format("See:   {}, {}\n", command.see, page);
  if (!next_words(table, command.words).empty()) text += "\n" + group_help(table, command.words);
  return text;
}

std::string group_help(CommandTable table, std::string_view prefix) {
  std::string text = fmt::format("Commands below 'duet {}':\n", prefix);
  const std::string lead = std::string{prefix} + " ";
  for (const auto& part : table) {
    for (const auto& command : part) {
      if (!command.words.starts_with(lead) || command.kind == Kind::later) continue;
      text += fmt::format("  {:<34} {}\n", command.words, command.summary);
    }
  }
  return text + fmt::format("Help of one: duet {} VERB --help\n", prefix);
}

std::string top_help(CommandTable table) {
  constexpr std::array<std::string_view, 10> most_used{
      "status",       "why",    "resource create", "resource move",  "resource cleanup",
      "node standby", "verify", "property set",    "stonith create", "config"};
  std::string text =
      "Duet keeps a group of services running on one of two nodes.\n\nUsage: duet [options] GROUP VERB"
      " [arguments] [options]\n\nMost used:\n";
  for (const auto words : most_used) {
    if (const auto* command = exact(table, words)) text += fmt::format("  {:<22} {}\n", words, command->summary);
  }
  text += "\nGroups:";
  std::vector<std::string> seen;
  for (const auto& part : table) {
    for (const auto& command : part) {
      const std::string word = first_word(command.words);
      if (command.kind == Kind::later || word.starts_with("__")) continue;
      if (std::find(seen.begin(), seen.end(), word) == seen.end()) seen.push_back(word);
    }
  }
  text += " " + join(seen, " ");
  return text + "\n\nHelp: duet GROUP --help, duet GROUP VERB --help, duet help tutorial\n";
}

std::string help_json(CommandTable table) {
  std::string text = R"({"schema":"duet.help/1","commands":[)";
  bool first = true;
  for (const auto& part : table) {
    for (const auto& command : part) {
      if (command.words.starts_with("__")) continue;
      text += fmt::format(R"({}{{"words":{},"synopsis":{},"summary":{},"available":{}}})", first ? "" : ",",
                          json_string(command.words), json_string(command.synopsis), json_string(command.summary),
                          command.kind != Kind::later);
      first = false;
    }
  }
  return text + "]}\n";
}

}  // namespace duet::cli
