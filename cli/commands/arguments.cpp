// SPDX-License-Identifier: Apache-2.0
// Reading of attribute and operation arguments, as pcs takes them.
#include "cli/commands/arguments.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/grammar/words.hpp"
#include "cli/shell/files.hpp"
#include "cli/shell/shell.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "core/base/limits.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

const std::vector<std::string>& operation_names() {
  static const std::vector<std::string> names{"monitor", "start",        "stop",       "status",
                                              "reload",  "reload-agent", "promote",    "demote",
                                              "notify",  "migrate_from", "migrate_to", "validate-all"};
  return names;
}

const std::vector<std::string>& option_names() {
  static const std::vector<std::string> names{
      "interval",        "timeout",        "on-fail",     "enabled",         "start-delay", "role",
      "interval-origin", "record-pending", "description", "OCF_CHECK_LEVEL", "id",          "name"};
  return names;
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_keyword(std::string_view word) {
  constexpr std::array<std::string_view, 8> keywords{"op",         "meta",   "group",  "clone",
                                                     "promotable", "master", "bundle", "params"};
  return std::find(keywords.begin(), keywords.end(), word) != keywords.end();
}

/// E24
tl::unexpected<Failure> no_clones(std::string_view word) {
  return failure({.code = Exit::failed,
                  .id = "E24",
                  .what = fmt::format("duet does not have {}", word == "bundle"  ? "bundles"
                                                               : word == "clone" ? "clones"
                                                                                 : "promotable clones"),
                  .why = "it keeps one copy on two nodes",
                  .fix = "run such services on both nodes with systemd; see duet help pcs-differences"});
}

Outcome<void> add_attribute(Attributes& attributes, std::string_view word, std::string_view where) {
  auto pair = name_value(word);
  if (!pair) return usage_failure(fmt::format("{} {} is not name=value", where, cited(word)));
  if (pair->second.size() > limits::parameter_value_length) {
    return usage_failure(fmt::format("the value of {} has {} bytes, at most {}", cited(pair->first),
                                     pair->second.size(), limits::parameter_value_length));
  }
  if (!is_utf8(pair->second) || pair->second.find('\n') != std::string::npos) {
    return usage_failure(fmt::format("the value of {} must be one line of UTF-8 text", cited(pair->first)));
  }
  const auto [known, fresh] = attributes.emplace(pair->first, pair->second);
  if (!fresh && known->second != pair->second) {
    return usage_failure(
        fmt::format("{} is given twice: {} and {}", cited(pair->first), cited(known->second), cited(pair->second)));
  }
  return {};
}

class WordReader {
 public:
  explicit WordReader(const std::vector<std::string>& words) : words_{words} {}

  Outcome<ResourceWords> run() {
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      Outcome<void> good;
      if (word == "op") {
        good = operations();
      } else if (word == "meta") {
        good = attributes(out_.meta, "meta attribute");
      } else if (word == "params") {
        good = attributes(out_.parameters, "parameter");
      } else if (word == "group") {
        good = group();
      } else if (is_keyword(word)) {
        return no_clones(word);
      } else {
        good = add_attribute(out_.parameters, word, "argument");
      }
      if (!good) return tl::unexpected(good.error());
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool more() const { return at_ < words_.size() && !is_keyword(words_[at_]); }

  Outcome<void> attributes(Attributes& into, std::string_view what) {
    const std::size_t before = at_;
    while (more()) {
      if (auto good = add_attribute(into, words_[at_], what); !good) return good;
      ++at_;
    }
    if (at_ == before) return usage_failure(fmt::format("'{}' needs at least one name=value", words_[before - 1]));
    return {};
  }

  /// op ACTION name=value... [ACTION name=value...]...
  Outcome<void> operations() {
    const std::size_t before = at_;
    while (more()) {
      const std::string& action = words_[at_++];
      if (action.find('=') != std::string::npos) {
        return usage_failure(fmt::format("'op' needs the name of an operation before {}", cited(action)),
                             fmt::format("op monitor {}", action.substr(0, 60)));
      }
      OperationWords operation{action, {}};
      while (more() && words_[at_].find('=') != std::string::npos) {
        if (auto good = add_attribute(operation.options, words_[at_], "operation option"); !good) return good;
        ++at_;
      }
      if (operation.options.empty()) {
        return usage_failure(fmt::format("operation {} has no options", cited(action)), "op monitor interval=30s");
      }
      out_.operations.push_back(std::move(operation));
    }
    if (at_ == before) {
      return usage_failure("'op' needs the name of an operation and at least one option", "op monitor interval=30s");
    }
    return {};
  }

  Outcome<void> group() {
    if (at_ >= words_.size()) return usage_failure("'group' needs the id of a group");
    out_.group = words_[at_++];
    if (at_ + 1 < words_.size() && (words_[at_] == "before" || words_[at_] == "after")) {
      (words_[at_] == "before" ? out_.before : out_.after) = words_[at_ + 1];
      at_ += 2;
    }
    return {};
  }

  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  ResourceWords out_;
};

Outcome<Duration> to_duration(std::string_view option, const std::string& text) {
  auto parsed = parse_duration(text);
  if (parsed) return *parsed;
  return usage_failure(fmt::format("{} {} is not a time", option, cited(text)),
                       fmt::format("{}=30s; also 30 (seconds), 2min, 500ms, 1h", option));
}

tl::unexpected<Failure> bad_on_fail(const std::string& text) {
  std::vector<std::string> names;
  for (const auto value : enum_values<OnFail>) names.emplace_back(to_string(value));
  const std::string guess = did_you_mean(text, names);
  return usage_failure(fmt::format("{} is not an on-fail value", cited(text)),
                       guess.empty() ? "one of: " + join(names, ", ") : guess);
}

Outcome<void> set_option(Operation& operation, const std::string& name, const std::string& value) {
  if (name == "interval" || name == "timeout" || name == "start-delay") {
    auto time = to_duration(name, value);
    if (!time) return tl::unexpected(time.error());
    if (name == "interval") operation.interval = *time;
    if (name == "timeout") operation.timeout = *time;
    if (name == "start-delay") operation.start_delay = *time;
  } else if (name == "on-fail") {
    operation.on_fail = enum_from_text<OnFail>(value == "migrate" ? "ban" : value);
    if (!operation.on_fail) return bad_on_fail(value);
  } else if (name == "enabled") {
    const auto parsed = parse_bool(value);
    if (!parsed) return usage_failure(fmt::format("enabled {} is neither true nor false", cited(value)));
    operation.enabled = *parsed;
  } else if (name == "role" && value != "Started" && value != "Stopped") {
    return no_clones("master");
  } else if (!contains(option_names(), name)) {
    const std::string guess = did_you_mean(name, option_names());
    return usage_failure(fmt::format("{} is not an option of an operation", cited(name)),
                         guess.empty() ? "one of: " + join(option_names(), ", ") : guess);
  } else if (name != "id" && name != "name") {
    operation.extra[name] = value;
  }
  return {};
}

}  // namespace

Outcome<ResourceWords> parse_resource_words(const std::vector<std::string>& words) {
  return WordReader{words}.run();
}

Outcome<Attributes> parse_attributes(const std::vector<std::string>& words, bool may_be_empty) {
  Attributes attributes;
  for (const auto& word : words) {
    if (auto good = add_attribute(attributes, word, "argument"); !good) return tl::unexpected(good.error());
  }
  if (attributes.empty() && !may_be_empty) return usage_failure("at least one name=value is needed");
  return attributes;
}

Outcome<Operation> to_operation(const OperationWords& words) {
  if (!contains(operation_names(), words.action)) {
    const std::string guess = did_you_mean(words.action, operation_names());
    return usage_failure(fmt::format("{} is not an operation", cited(words.action)),
                         guess.empty() ? "one of: " + join(operation_names(), ", ") : guess);
  }
  Operation operation;
  operation.action = words.action;
  for (const auto& [name, value] : words.options) {
    if (auto good = set_option(operation, name, value); !good) return tl::unexpected(good.error());
  }
  if (words.action == "monitor" && !words.options.contains("interval")) operation.interval = 60s;
  if (words.action != "monitor" && words.action != "status" && operation.interval.count() != 0) {
    return usage_failure(fmt::format("operation {} does not repeat: it has no interval", words.action),
                         "only monitor has an interval");
  }
  return operation;
}

std::string operation_time(Duration duration) {
  if (duration % Duration{1s} == Duration{0}) return fmt::format("{}s", duration / 1s);
  return format_duration(duration);
}

std::vector<std::pair<std::string, std::string>> operation_options(const Operation& operation) {
  std::vector<std::pair<std::string, std::string>> options;
  options.emplace_back("interval", operation_time(operation.interval));
  if (operation.timeout) options.emplace_back("timeout", operation_time(*operation.timeout));
  if (operation.on_fail) options.emplace_back("on-fail", to_string(*operation.on_fail));
  if (!operation.enabled) options.emplace_back("enabled", "false");
  if (operation.start_delay.count() != 0) options.emplace_back("start-delay", operation_time(operation.start_delay));
  for (const auto& [name, value] : operation.extra) options.emplace_back(name, value);
  return options;
}

bool is_secret(std::string_view parameter) {
  constexpr std::array<std::string_view, 5> names{"password", "passwd", "key", "secret", "passphrase"};
  if (std::find(names.begin(), names.end(), parameter) != names.end()) return true;
  return parameter.ends_with("_password") || parameter.ends_with("_passwd") || parameter.ends_with("_secret");
}

Outcome<void> read_secrets(Shell& shell, Attributes& parameters) {
  for (auto& [name, value] : parameters) {
    if (!is_secret(name) || value.empty()) continue;
    if (value == "-") {
      if (shell.machine().input_is_terminal) shell.note(fmt::format("{}: ", name));
      auto line = shell.machine().read_line(true);
      if (shell.machine().input_is_terminal) shell.note("\n");
      if (!line) return failure({.code = Exit::failed, .what = fmt::format("no {} on standard input", name)});
      value = std::move(*line);
    } else if (value.starts_with('@')) {
      auto text = read_small_file(value.substr(1));
      if (!text) return tl::unexpected(text.error());
      value = text->substr(0, text->find_first_of("\r\n"));
    } else {
      return failure({.code = Exit::failed,
                      .id = "E28",
                      .what = "secrets are not taken from the command line",
                      .why = "other users see the arguments of a program, and the shell keeps them",
                      .fix = fmt::format("{0}=@/root/fence.pw  or  {0}=-", name)});
    }
  }
  return {};
}

void drop_empty(Attributes& attributes) {
  std::erase_if(attributes, [](const auto& entry) { return entry.second.empty(); });
}

Outcome<Filters> take_filters(const std::vector<std::string>& words, const std::vector<std::string>& allowed) {
  Filters filters;
  for (const auto& word : words) {
    auto pair = name_value(word);
    if (!pair) {
      filters.rest.push_back(word);
      continue;
    }
    if (!contains(allowed, pair->first)) {
      const std::string guess = did_you_mean(pair->first, allowed);
      return usage_failure(fmt::format("no filter {}", cited(pair->first)),
                           guess.empty() ? "one of: " + join(allowed, ", ") : guess);
    }
    filters.values[pair->first] = pair->second;
  }
  return filters;
}

Outcome<Score> to_score(std::string_view text) {
  auto score = Score::parse(text);
  if (score) return *score;
  return usage_failure(fmt::format("{} is not a score", cited(text)), "a whole number, INFINITY or -INFINITY");
}

}  // namespace duet::cli
