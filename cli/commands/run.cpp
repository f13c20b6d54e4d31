// SPDX-License-Identifier: Apache-2.0
// Dispatch. The failure of any command ends here.
#include "cli/commands/run.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/commands/handlers.hpp"
#include "cli/commands/table.hpp"
#include "cli/grammar/help.hpp"
#include "cli/grammar/parse.hpp"
#include "cli/grammar/words.hpp"
#include "cli/shell/config_file.hpp"

namespace duet::cli {

namespace {

Outcome<Format> parse_format(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, Format>, 5> formats{{{"text", Format::text},
                                                                        {"json", Format::json},
                                                                        {"cmd", Format::cmd},
                                                                        {"xml", Format::xml},
                                                                        {"classic", Format::classic}}};
  for (const auto& [name, format] : formats) {
    if (name == text) return format;
  }
  const std::string guess = did_you_mean(text, {"text", "json", "cmd", "classic"});
  return usage_failure(fmt::format("no output format {}", cited(text)),
                       guess.empty() ? "text, json, cmd, classic" : guess);
}

bool is_status(const Invocation& call) {
  return call.words == "status" || call.words == "status cib";
}

/// Commands about the configuration, which a file has; the others look at what runs or act on it.
bool works_on_file(const Invocation& call) {
  constexpr auto words = std::to_array<std::string_view>({"config",
                                                          "resource config",
                                                          "resource create",
                                                          "resource update",
                                                          "resource meta",
                                                          "resource delete",
                                                          "resource enable",
                                                          "resource disable",
                                                          "resource ban",
                                                          "resource clear",
                                                          "resource manage",
                                                          "resource unmanage",
                                                          "resource group",
                                                          "resource group add",
                                                          "resource group delete",
                                                          "resource op add",
                                                          "resource op delete",
                                                          "resource op defaults",
                                                          "resource defaults",
                                                          "resource relations",
                                                          "resource move-with-constraint",
                                                          "node standby",
                                                          "node unstandby",
                                                          "node maintenance",
                                                          "node unmaintenance",
                                                          "node attribute",
                                                          "stonith config",
                                                          "stonith create",
                                                          "stonith update",
                                                          "stonith meta",
                                                          "stonith delete",
                                                          "stonith enable",
                                                          "stonith disable",
                                                          "verify"});
  const std::string_view name = call.command == nullptr ? std::string_view{} : call.command->words;
  return std::find(words.begin(), words.end(), name) != words.end() || name.starts_with("constraint") ||
         name.starts_with("property") || name.starts_with("stonith level");
}

Outcome<void> use_file(Shell& shell, const Invocation& call) {
  if (call.has("wait")) return usage_failure("Cannot use '-f' together with '--wait'");
  if (call.has("safe")) return usage_failure("Cannot use '-f' together with '--safe'", "nothing runs in a file");
  if (!works_on_file(call)) {
    return usage_failure(fmt::format("'{}' does not work on a file", call.words),
                         "-f is for commands that read or change the configuration");
  }
  auto file = file_connection(*call.value("file"));
  if (!file) return tl::unexpected(file.error());
  shell.connect_to(std::move(*file));
  return {};
}

/// Global options into the shell. The format is set first, so that a later failure is printed in it.
Outcome<void> apply_options(Shell& shell, const Invocation& call) {
  shell.quiet = call.has("quiet");
  shell.verbose = call.has("verbose");
  shell.debug = call.has("debug");
  shell.yes = call.has("yes");
  shell.force = call.has("force");
  if (const auto format = call.value("output-format")) {
    auto parsed = parse_format(*format);
    if (!parsed) return tl::unexpected(parsed.error());
    shell.format = *parsed;
  }
  if (call.words == "status xml" || shell.format == Format::xml) {
    return failure({.code = Exit::usage,
                    .id = "E25",
                    .what = "XML is not available in this version yet",
                    .fix = "--output-format=json"});
  }
  const bool change = call.command != nullptr && call.command->kind == Kind::change;
  const bool read = call.command != nullptr && call.command->kind == Kind::read && !call.has("help");
  if (read && shell.format == Format::json && !call.command->json) {
    shell.format = Format::text;
    return usage_failure(fmt::format("'{}' has no JSON output in this version", call.words),
                         "duet status, duet config have it");
  }
  if (change && shell.format == Format::cmd) return usage_failure("a change has no output as commands", "text or json");
  if (shell.format == Format::classic && !is_status(call))
    return usage_failure("only 'duet status' has the classic layout");
  if (call.has("corosync_conf")) {
    return failure({.code = Exit::usage,
                    .id = "E25",
                    .what = "'--corosync_conf' is not available in this version yet",
                    .fix = "edit the file by hand"});
  }
  if (call.has("file") && !call.has("help")) return use_file(shell, call);
  return {};
}

int finish(Shell& shell, const Outcome<Exit>& result) {
  if (result) return static_cast<int>(*result);
  shell.fail(result.error());
  return static_cast<int>(result.error().code);
}

Outcome<Exit> show_help(Shell& shell, const Invocation& call) {
  if (shell.format == Format::json) {
    shell.out(help_json(command_table()));
  } else if (call.command != nullptr) {
    shell.out(command_help(command_table(), *call.command));
  } else if (!call.args.empty()) {
    shell.out(group_help(command_table(), join(call.args, " ")));
  } else {
    shell.out(top_help(command_table()));
  }
  return Exit::ok;
}

}  // namespace

int run(Shell& shell, const std::vector<std::string>& typed) {
  std::vector<std::string> arguments = typed;
  // What is to be completed may look like an option, whole or begun: it is an argument here.
  if (!arguments.empty() && arguments.front() == "__complete") arguments.insert(arguments.begin() + 1, "--");
  auto call = parse(command_table(), arguments);
  if (!call) {
    const auto wants_json = [](const std::string& word) { return word == "json" || word == "--output-format=json"; };
    if (std::any_of(arguments.begin(), arguments.end(), wants_json)) shell.format = Format::json;
    return finish(shell, tl::unexpected(call.error()));
  }
  if (auto good = apply_options(shell, *call); !good) return finish(shell, tl::unexpected(good.error()));
  if (call->has("help")) return finish(shell, show_help(shell, *call));
  if (call->has("version")) return finish(shell, version(shell, *call));
  if (call->command == nullptr) {
    // Like a wrong command: the caller learns what there is, a script that forgot its words fails.
    shell.out(top_help(command_table()));
    return arguments.empty() ? 0 : static_cast<int>(Exit::usage);
  }
  return finish(shell, call->command->run(shell, *call));
}

}  // namespace duet::cli
