// SPDX-License-Identifier: Apache-2.0
// Sending a change. Each command is one request: once it is with the daemon, a closed output or an interrupt stops
// nothing.
#include "cli/commands/change.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/wait.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/result_json.hpp"
#include "core/admin/admin.hpp"
#include "core/base/escape.hpp"
#include "core/model/options.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

AdminRequest make_request(Shell& shell, const Invocation& call,
                          std::variant<std::vector<ConfigEdit>, ClusterAction> body, bool dry_run) {
  AdminRequest request;
  request.command = call.typed;
  request.dry_run = dry_run;
  request.confirmed = shell.yes || shell.force;
  request.body = std::move(body);
  return request;
}

Failure reply_failure(const Error& error) {
  Failure what = to_failure(error);
  if (error.code == Errc::dangerous && what.fix.empty()) {
    what.id = "E20";
    what.fix = "add --yes if that is meant";
  }
  return what;
}

/// Whether `word` stands in `line` as a whole word.
bool mentions(std::string_view line, std::string_view word) {
  const auto inside = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  };
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const bool begins = at == 0 || !inside(line[at - 1]);
    const bool ends = at + word.size() == line.size() || !inside(line[at + word.size()]);
    if (begins && ends) return true;
  }
  return false;
}

/// --safe: what the daemon says would happen must not touch resources that were not named.
Outcome<void> check_safe(Shell& shell, const Invocation& call, const Change& change) {
  auto reply = send_change(shell, call, change.body, true);
  if (!reply) return tl::unexpected(reply.error());
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  std::vector<std::string> others;
  const bool moving_is_fine = call.has("no-strict");
  for (const auto& primitive : (*view)->effective.primitives) {
    const auto& own = change.goal.ids;
    if (std::find(own.begin(), own.end(), primitive.id) != own.end()) continue;
    bool stops = false;
    bool starts = false;
    for (const auto line : split(reply->preview, '\n')) {
      if (!mentions(line, primitive.id)) continue;
      stops = stops || line.find("top") != std::string_view::npos;
      starts = starts || line.find("tart") != std::string_view::npos;
    }
    if (stops && !(starts && moving_is_fine)) others.push_back(primitive.id);
  }
  if (others.empty()) return {};
  return failure({.code = Exit::dangerous,
                  .what = fmt::format("this would also stop {}", join(others, ", ")),
                  .fix = "leave out --safe if that is meant; duet ... --dry-run shows it"});
}

Outcome<Exit> show_preview(Shell& shell, const Invocation& call, const Change& change) {
  auto reply = send_change(shell, call, change.body, true);
  if (!reply) return tl::unexpected(reply.error());
  if (shell.format == Format::json) {
    shell.out(result_json({.changed = false, .dry_run = true, .reply = *reply}));
    return Exit::ok;
  }
  if (call.has("brief")) {
    auto view = shell.view();
    if (!view) return tl::unexpected(view.error());
    for (const auto& primitive : (*view)->effective.primitives) {
      if (mentions(reply->preview, primitive.id)) shell.out(primitive.id + "\n");
    }
    return Exit::ok;
  }
  if (reply->preview.empty()) {
    shell.out("No operation would follow.\n");
  } else {
    shell.out(reply->preview);
    if (!reply->preview.ends_with('\n')) shell.out("\n");
  }
  shell.out("Nothing was changed.\n");
  return Exit::ok;
}

void report(Shell& shell, const Invocation& call, const Change& change, const AdminReply& reply) {
  if (shell.format == Format::json) {
    shell.out(result_json({.changed = true, .dry_run = false, .reply = reply}));
    return;
  }
  if (!change.stdout_text.empty()) shell.out(change.stdout_text);
  // An emergency change is no commit: its answer names the commit that was there before.
  auto view = shell.view();
  const bool commit = std::holds_alternative<std::vector<ConfigEdit>>(change.body) && view &&
                      (*view)->committed.position < reply.position;
  if (commit && shell.err_terminal()) {
    shell.note(fmt::format("commit {}: {}\n", reply.position.index, call.typed));
  }
}

}  // namespace

std::string action_preview(const ClusterView& view, const ClusterAction& action) {
  const auto name = [&](NodeId node) { return view.effective.node_name(node); };
  if (const auto* move = std::get_if<MoveResource>(&action)) {
    return preview(view.effective, view.state, *move, view.quorate);
  }
  if (const auto* fence = std::get_if<FenceNode>(&action)) {
    return fmt::format("Fence {} ({})\n", name(fence->target), to_string(fence->action));
  }
  if (const auto* confirm = std::get_if<ConfirmFenced>(&action)) {
    return fmt::format("{} would count as off: what may run there would be started elsewhere\n", name(confirm->target));
  }
  if (const auto* clean = std::get_if<CleanupResource>(&action)) {
    return fmt::format("Probe {}\n", clean->id.value_or("all resources"));
  }
  if (std::holds_alternative<ClearFenceHistory>(action)) return "The fencing history would be forgotten\n";
  ClusterConfig without = view.effective;  // leaving is a standby that ends with the daemon
  for (auto& node : without.nodes) {
    if (node.id == view.self) node.attributes["standby"] = "on";
  }
  return preview(view.effective, without, view.state, view.quorate);
}

Outcome<AdminReply> send_change(Shell& shell, const Invocation& call,
                                std::variant<std::vector<ConfigEdit>, ClusterAction> body, bool dry_run,
                                const CallOptions& waiting) {
  if (const auto* action = std::get_if<ClusterAction>(&body); action != nullptr && dry_run) {
    auto view = shell.view();
    if (!view) return tl::unexpected(view.error());
    AdminReply reply;
    reply.position = (*view)->committed.position;
    reply.preview = action_preview(**view, *action);
    return reply;
  }
  auto reply = shell.change(make_request(shell, call, std::move(body), dry_run), waiting);
  if (!reply) return tl::unexpected(reply.error());
  for (const auto& note : reply->notes) shell.warn(note);
  if (reply->error && reply->error->code != Errc::unchanged) return failure(reply_failure(*reply->error));
  return std::move(*reply);
}

Outcome<Exit> unchanged(Shell& shell) {
  if (shell.format == Format::json) {
    shell.out(result_json({.changed = false, .dry_run = false, .reply = {}}));
  } else {
    shell.note("unchanged\n");
  }
  return Exit::ok;
}

namespace {

/// A misspelt meta attribute is stored, as pcs stores it, but not in silence.
void warn_of_findings(Shell& shell, const std::vector<ConfigEdit>& edits) {
  auto view = shell.view();
  if (!view) return;
  const ClusterConfig& before = (*view)->effective;
  const auto after = apply_edits(before, edits, true);
  if (!after) return;
  const std::vector<Finding> known = validate(before);
  for (const Finding& finding : validate(*after)) {
    const bool old = std::any_of(known.begin(), known.end(), [&](const Finding& f) { return f.text == finding.text; });
    if (!old && !finding.error) shell.warn(escape_line(finding.text, 300), escape_line(finding.fix, 300));
  }
}

}  // namespace

Outcome<Exit> submit(Shell& shell, const Invocation& call, Change change) {
  auto limit = wait_limit(call);
  if (!limit) return tl::unexpected(limit.error());
  if (call.has("dry-run")) return show_preview(shell, call, change);
  if (call.has("safe")) {
    if (auto safe = check_safe(shell, call, change); !safe) return tl::unexpected(safe.error());
  }
  if (const auto* edits = std::get_if<std::vector<ConfigEdit>>(&change.body)) warn_of_findings(shell, *edits);
  auto reply = send_change(shell, call, change.body, false, change.waiting);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->error) {  // unchanged
    const auto said = unchanged(shell);
    if (!call.has("wait")) return said;
  } else {
    report(shell, call, change, *reply);
  }
  if (!call.has("wait")) return Exit::ok;
  return wait_for(shell, change.goal, *limit);
}

Outcome<void> confirm(Shell& shell, std::string_view what, std::string_view name) {
  if (shell.yes || shell.force) {
    if (shell.force && !shell.yes) shell.note("Note: --force is taken as --yes here\n");
    return {};
  }
  if (!shell.machine().input_is_terminal) {
    return failure({.code = Exit::dangerous, .what = std::string{what}, .fix = "add --yes if that is meant"});
  }
  shell.note(fmt::format("{}\nType {} to go on: ", what, name));
  const auto typed = shell.machine().read_line(false);
  if (typed && *typed == name) return {};
  return failure({.code = Exit::dangerous, .what = "not confirmed, nothing was done"});
}

Outcome<Exit> not_yet(Shell& /*shell*/, const Invocation& call) {
  const std::string_view instead = call.command == nullptr ? std::string_view{} : call.command->see;
  return failure({.code = Exit::usage,
                  .id = "E25",
                  .what = fmt::format("'{}' is not available in this version yet", call.words),
                  .fix = instead.empty() ? "duet --help lists what is there" : std::string{instead}});
}

}  // namespace duet::cli
