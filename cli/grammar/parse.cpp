// SPDX-License-Identifier: Apache-2.0
// An own parser over the command table: CLI11 builds a tree of some 200 parser objects at each start, which costs more
// than the whole `duet status`; the table costs nothing, and pcs' habits (options anywhere, `name=value`, keywords
// inside the arguments) need own rules anyway.
#include "cli/grammar/parse.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/grammar/words.hpp"
#include "core/base/escape.hpp"

namespace duet::cli {

namespace {

struct Split {
  std::vector<std::string> words;
  std::vector<std::pair<std::string_view, std::string>> options;
};

/// A score such as -5 or -INFINITY is an argument, no option; "-" alone means standard input.
bool is_option(std::string_view word) {
  if (word.size() < 2 || word.front() != '-') return false;
  const char second = word[1];
  return !((second >= '0' && second <= '9') || word.substr(1) == "INFINITY" || word.substr(1) == "infinity");
}

std::vector<std::string> option_names() {
  std::vector<std::string> names;
  for (const auto& option : all_options()) names.push_back("--" + std::string{option.name});
  return names;
}

tl::unexpected<Failure> unknown_option(std::string_view typed) {
  return usage_failure(fmt::format("no option {}", cited(typed)), did_you_mean(typed, option_names()));
}

/// Reads one option at `position`, which is moved past a value that stands alone.
Outcome<void> take_option(const std::vector<std::string>& arguments, std::size_t& position, Split& out) {
  const std::string& word = arguments[position];
  const bool is_long = word.starts_with("--");
  const auto equals = is_long ? word.find('=') : std::string::npos;
  const OptionInfo* option = nullptr;
  if (is_long)
    option = find_option(std::string_view{word}.substr(2, equals == std::string::npos ? equals : equals - 2));
  if (!is_long) option = find_option(word[1]);
  if (option == nullptr) return unknown_option(word.substr(0, equals));
  std::string value;
  const bool attached = is_long ? equals != std::string::npos : word.size() > 2;
  if (attached && option->arity == Arity::none) {
    if (!is_long && find_option(word[2]) != nullptr) {  // -qy: several letters
      for (const char letter : word.substr(1)) {
        const auto* each = find_option(letter);
        if (each == nullptr || each->arity != Arity::none) return unknown_option(word);
        out.options.emplace_back(each->name, "");
      }
      return {};
    }
    return usage_failure(fmt::format("option --{} takes no value", option->name));
  }
  if (attached) value = word.substr(is_long ? equals + 1 : 2);
  if (!attached && option->arity == Arity::required) {
    if (position + 1 >= arguments.size()) {
      return usage_failure(fmt::format("option --{} needs a value", option->name),
                           fmt::format("--{}={}", option->name, option->value));
    }
    value = arguments[++position];
  }
  out.options.emplace_back(option->name, std::move(value));
  return {};
}

Outcome<Split> split_options(const std::vector<std::string>& arguments) {
  Split out;
  bool only_words = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word.size() > longest_argument) {
      return usage_failure(
          fmt::format("argument {} is too long: {} bytes, at most {}", i + 1, word.size(), longest_argument));
    }
    if (only_words || !is_option(word)) {
      out.words.push_back(word);
    } else if (word == "--") {
      only_words = true;
    } else if (auto taken = take_option(arguments, i, out); !taken) {
      return tl::unexpected(taken.error());
    }
  }
  return out;
}

/// Number of words of `spelling` if the words begin with it, else 0.
std::size_t match(std::string_view spelling, const std::vector<std::string>& words) {
  const auto parts = split(spelling, ' ');
  if (parts.size() > words.size()) return 0;
  return std::equal(parts.begin(), parts.end(), words.begin()) ? parts.size() : 0;
}

struct Match {
  const Command* command = nullptr;
  std::string_view spelling;
  std::size_t length = 0;
};

Match longest_match(CommandTable table, const std::vector<std::string>& words) {
  Match best;
  for (const auto& part : table) {
    for (const auto& command : part) {
      const auto consider = [&](std::string_view spelling) {
        const std::size_t length = match(spelling, words);
        if (length > best.length) best = {&command, spelling, length};
      };
      consider(command.words);
      for (const auto other : split(command.also, ';')) consider(other);
    }
  }
  return best;
}

/// How many words are a known beginning of commands ("resource group" of "resource group lsit").
std::size_t known_prefix(CommandTable table, const std::vector<std::string>& words) {
  std::string prefix;
  std::size_t count = 0;
  for (const auto& word : words) {
    const auto candidates = next_words(table, prefix);
    if (std::find(candidates.begin(), candidates.end(), word) == candidates.end()) break;
    prefix += (prefix.empty() ? "" : " ") + word;
    ++count;
  }
  return count;
}

/// E01, with the nearest command of the same level.
tl::unexpected<Failure> no_command(CommandTable table, const std::vector<std::string>& words) {
  const std::size_t known = known_prefix(table, words);
  const std::string prefix = join({words.begin(), words.begin() + static_cast<std::ptrdiff_t>(known)}, " ");
  const std::string lead = prefix.empty() ? "" : prefix + " ";
  if (known >= words.size()) {
    return failure({.code = Exit::usage,
                    .id = "E01",
                    .what = fmt::format("'{}' needs a verb", prefix),
                    .fix = fmt::format("one of: {}   duet {} --help", join(next_words(table, prefix), ", "), prefix)});
  }
  const std::string best = nearest(words[known], next_words(table, prefix));
  std::string fix = fmt::format("duet {}--help", lead);
  if (!best.empty()) fix = fmt::format("did you mean '{0}{1}'?  duet {0}{1} --help", lead, best);
  return failure({.code = Exit::usage,
                  .id = "E01",
                  .what = fmt::format("no command {}", cited(lead + words[known])),
                  .fix = std::move(fix)});
}

Outcome<void> check(CommandTable table, const Invocation& call, const std::vector<std::string>& words) {
  const Command& command = *call.command;
  if (command.kind == Kind::later) return {};
  const std::string usage =
      fmt::format("duet {}{}{}", command.words, command.synopsis.empty() ? "" : " ", command.synopsis);
  if (call.args.size() > command.max_args) {
    if (!next_words(table, command.words).empty()) return no_command(table, words);
    return usage_failure(fmt::format("'{}' takes no argument {}", call.words, cited(call.args[command.max_args])),
                         usage);
  }
  if (call.args.size() < command.min_args)
    return usage_failure(fmt::format("'{}' needs more arguments", call.words), usage);
  for (const auto& [name, value] : call.options) {
    const auto* option = find_option(name);
    if (!accepts(command, *option)) {
      return usage_failure(fmt::format("'{}' has no option --{}", call.words, name),
                           fmt::format("duet {} --help", command.words));
    }
  }
  return {};
}

}  // namespace

bool Invocation::has(std::string_view option) const {
  return std::any_of(options.begin(), options.end(), [&](const auto& given) { return given.first == option; });
}

std::optional<std::string> Invocation::value(std::string_view option) const {
  const auto found =
      std::find_if(options.rbegin(), options.rend(), [&](const auto& given) { return given.first == option; });
  if (found == options.rend()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Invocation::args_from(std::size_t from) const {
  if (from >= args.size()) return {};
  return {args.begin() + static_cast<std::ptrdiff_t>(from), args.end()};
}

std::vector<std::string> next_words(CommandTable table, std::string_view prefix) {
  std::vector<std::string> found;
  const auto before = split(prefix, ' ');
  const auto consider = [&](std::string_view spelling) {
    const auto parts = split(spelling, ' ');
    if (parts.size() <= before.size() || !std::equal(before.begin(), before.end(), parts.begin())) return;
    std::string word{parts[before.size()]};
    if (std::find(found.begin(), found.end(), word) == found.end()) found.push_back(std::move(word));
  };
  for (const auto& part : table) {
    for (const auto& command : part) {
      consider(command.words);
      for (const auto other : split(command.also, ';')) consider(other);
    }
  }
  return found;
}

Outcome<Invocation> parse(CommandTable table, const std::vector<std::string>& arguments) {
  auto parts = split_options(arguments);
  if (!parts) return tl::unexpected(parts.error());
  Invocation call;
  call.options = std::move(parts->options);
  std::vector<std::string> typed;
  for (const auto& argument : arguments) typed.push_back(escape_line(shell_word(argument), longest_argument));
  call.typed = join(typed, " ");
  const auto& words = parts->words;
  if (words.empty()) return call;
  const bool help = call.has("help");
  const Match found = longest_match(table, words);
  const bool only_a_beginning = help && known_prefix(table, words) == words.size();
  if (found.command == nullptr && only_a_beginning) {  // help of a group without a command of its own
    call.args = words;
    return call;
  }
  if (found.command == nullptr) return no_command(table, words);
  call.command = found.command;
  call.words = found.spelling;
  call.args.assign(words.begin() + static_cast<std::ptrdiff_t>(found.length), words.end());
  if (help || call.has("version")) return call;
  if (auto good = check(table, call, words); !good) return tl::unexpected(good.error());
  return call;
}

}  // namespace duet::cli
