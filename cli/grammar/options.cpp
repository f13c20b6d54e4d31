// SPDX-License-Identifier: Apache-2.0
// Every option of the program. One list for all commands, because options may stand before the words that name the
// command: whether one takes a value must not depend on the command.
#include <algorithm>
#include <array>

#include "cli/grammar/command.hpp"
#include "cli/grammar/words.hpp"

namespace duet::cli {

namespace {

constexpr std::uint8_t own = 0;
constexpr std::uint8_t everywhere = 1;
constexpr std::uint8_t changes = 2;

constexpr std::array options{
    OptionInfo{"help", "", 'h', Arity::none, everywhere, "", "help of this level"},
    OptionInfo{"version", "", 0, Arity::none, everywhere, "", "version of this program"},
    OptionInfo{"output-format", "", 0, Arity::required, everywhere, "text|json|cmd", "form of the output"},
    OptionInfo{"color", "", 0, Arity::required, everywhere, "auto|always|never", "colours; auto: on a terminal"},
    OptionInfo{"quiet", "", 'q', Arity::none, everywhere, "", "only errors and the exit code"},
    OptionInfo{"verbose", "", 'v', Arity::none, everywhere, "", "more, with the ids of messages"},
    OptionInfo{"debug", "", 0, Arity::none, everywhere, "", "show what is asked of duetd and how long it takes"},
    OptionInfo{"file", "", 'f', Arity::required, everywhere, "FILE", "work on a configuration file"},
    OptionInfo{"corosync_conf", "", 0, Arity::required, everywhere, "FILE", "as pcs"},
    OptionInfo{"request-timeout", "", 0, Arity::required, everywhere, "N", "seconds to wait for an answer, default 60"},
    OptionInfo{"yes", "", 'y', Arity::none, everywhere, "", "confirm what is dangerous"},
    OptionInfo{"force", "", 0, Arity::none, everywhere, "", "override a check, as pcs"},
    OptionInfo{"skip-check", "", 0, Arity::required, everywhere, "ID", "leave out one check"},
    OptionInfo{"wait", "", 0, Arity::optional, changes, "N", "wait until it is done, at most N (30, 30s, 2min)"},
    OptionInfo{"dry-run", "simulate", 0, Arity::none, changes, "", "show what would happen, change nothing"},
    OptionInfo{"brief", "", 0, Arity::none, changes, "", "with --dry-run: only the affected ids"},
    OptionInfo{"safe", "", 0, Arity::none, changes, "", "refuse if other resources would be stopped or moved"},
    OptionInfo{"strict", "", 0, Arity::none, own, "", "only this resource, not its whole group"},
    OptionInfo{"no-strict", "", 0, Arity::none, changes, "", "with --safe: moving others is fine"},
    OptionInfo{"if-exists", "", 0, Arity::none, own, "", "no error if it is not there"},
    OptionInfo{"full", "", 0, Arity::none, own, "", "everything"},
    OptionInfo{"hide-inactive", "", 0, Arity::none, own, "", "leave out what does not run"},
    OptionInfo{"all", "", 0, Arity::none, own, "", "all of them"},
    OptionInfo{"defaults", "", 0, Arity::none, own, "", "defaults only"},
    OptionInfo{"nodesc", "", 0, Arity::none, own, "", "names only"},
    OptionInfo{"check", "", 0, Arity::none, own, "", "one line and exit code 0, 1, 2, 3 for a monitoring system"},
    OptionInfo{"group", "", 0, Arity::required, own, "G", "add it to this group"},
    OptionInfo{"before", "", 0, Arity::required, own, "ID", "in the group before this member"},
    OptionInfo{"after", "", 0, Arity::required, own, "ID", "in the group after this member"},
    OptionInfo{"disabled", "", 0, Arity::none, own, "", "do not start it yet"},
    OptionInfo{"agent-validation", "", 0, Arity::none, own, "", "let the agent check the values, too"},
    OptionInfo{"no-default-ops", "", 0, Arity::none, own, "", "take only monitors from the agent's metadata"},
    OptionInfo{"no-proof", "", 0, Arity::none, own, "", "do not try the device first"},
    OptionInfo{"no-stop", "", 0, Arity::none, own, "", "do not stop it first"},
    OptionInfo{"monitor", "", 0, Arity::none, own, "", "switch the monitor operations, too"},
    OptionInfo{"off", "", 0, Arity::none, own, "", "leave it off"},
    OptionInfo{"node", "", 0, Arity::required, own, "NODE", "only this node"},
    OptionInfo{"name", "", 0, Arity::required, own, "N", "only this attribute"},
    OptionInfo{"resource", "", 0, Arity::required, own, "ID", "only this resource"},
    OptionInfo{"lifetime", "", 0, Arity::required, own, "T", "for how long"},
    OptionInfo{"expired", "", 0, Arity::none, own, "", "only what has expired"},
    OptionInfo{"last-move", "", 0, Arity::none, own, "", "why it moved last"},
    OptionInfo{"count", "", 'n', Arity::required, own, "N", "how many"},
    OptionInfo{"watch", "", 'w', Arity::none, own, "", "show it again at each change"},
};

}  // namespace

std::span<const OptionInfo> all_options() {
  return options;
}

const OptionInfo* find_option(std::string_view long_name) {
  const auto* found = std::find_if(options.begin(), options.end(), [&](const OptionInfo& option) {
    return option.name == long_name || (!option.alias.empty() && option.alias == long_name);
  });
  return found == options.end() ? nullptr : found;
}

const OptionInfo* find_option(char letter) {
  const auto* found =
      std::find_if(options.begin(), options.end(), [&](const OptionInfo& option) { return option.letter == letter; });
  return found == options.end() ? nullptr : found;
}

bool accepts(const Command& command, const OptionInfo& option) {
  if (option.where == everywhere) return true;
  if (option.where == changes && command.kind == Kind::change) return true;
  for (const auto name : split(command.options, ' ')) {
    if (name == option.name) return true;
  }
  return false;
}

}  // namespace duet::cli
