// SPDX-License-Identifier: Apache-2.0
// Sending a change and reporting what came of it: one place for --dry-run, --safe, --wait, notes and JSON results.
#pragma once

#include <string>
#include <vector>

#include "cli/grammar/parse.hpp"
#include "cli/shell/shell.hpp"

namespace duet::cli {

/// What --wait waits for, and what is said at the end.
struct Goal {
  std::vector<ObjectId> ids = {};     ///< primitives; empty: until nothing is to be done any more
  bool say_where = false;             ///< "resource 'VIP' is running on node 'server1'" when done
  std::string named = {};             ///< the id that the administrator typed, for that sentence
  std::optional<NodeId> target = {};  ///< they must run there
  std::optional<NodeId> leave = {};   ///< they must not run there
  bool stopped = false;               ///< they must not run anywhere
};

/// One change. `stdout_text` is printed when it was accepted (the lines that pcs prints).
struct Change {
  std::variant<std::vector<ConfigEdit>, ClusterAction> body;
  Goal goal = {};
  std::string stdout_text = {};
  CallOptions waiting = {};  ///< for actions that are answered only when they are done
};

/// Sends the change; handles --dry-run, --safe, --yes, --wait. Returns the exit code.
[[nodiscard]] Outcome<Exit> submit(Shell& shell, const Invocation& call, Change change);

/// The same without options and texts: for commands that are made of several changes. The reply's notes are printed.
[[nodiscard]] Outcome<AdminReply> send_change(Shell& shell, const Invocation& call,
                                              std::variant<std::vector<ConfigEdit>, ClusterAction> body, bool dry_run,
                                              const CallOptions& waiting = {});

/// What would follow from a change, one line each, computed here from the view: duetd previews edits only, and an
/// action must not travel to it just to be looked at.
[[nodiscard]] std::string action_preview(const ClusterView& view, const ClusterAction& action);

/// "unchanged", exit 0.
[[nodiscard]] Outcome<Exit> unchanged(Shell& shell);

/// 107 unless --yes (or --force, as pcs up to 0.11 used it) was given. On a terminal the administrator is asked to type
/// `name`; without one the option is needed.
[[nodiscard]] Outcome<void> confirm(Shell& shell, std::string_view what, std::string_view name);

/// Answer for what is known and comes later: exit 64.
[[nodiscard]] Outcome<Exit> not_yet(Shell& shell, const Invocation& call);

}  // namespace duet::cli
