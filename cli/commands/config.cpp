// SPDX-License-Identifier: Apache-2.0
// config show, history, show, diff.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/config_text.hpp"
#include "cli/render/history_json.hpp"
#include "cli/render/time_text.hpp"
#include "core/base/escape.hpp"

namespace duet::cli {

namespace {

constexpr std::uint32_t all_commits = 100;  // what one answer of duetd holds

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || at != end) return std::nullopt;
  return number;
}

Outcome<const HistoryItem*> find_commit(const HistoryReply& history, const std::string& text) {
  const auto number = number_of(text);
  if (!number) return usage_failure(fmt::format("{} is not the number of a commit", cited(text)), "duet history");
  // After a fork two epochs may hold one number: the later one is what is in force.
  const auto found = std::find_if(history.items.rbegin(), history.items.rend(),
                                  [&](const HistoryItem& item) { return item.position.index == *number; });
  if (found != history.items.rend()) return &*found;
  return failure({.code = Exit::not_found, .what = fmt::format("no commit {}", *number), .fix = "duet history"});
}

std::string commit_line(const HistoryItem& item) {
  return fmt::format("{:>5}  {:<25}  {:<16}  {}\n", item.position.index, iso_time(item.unix_ms),
                     escape_line(item.author, 80), escape_line(item.command, 300));
}

/// "- duet ..." and "+ duet ..." lines: what differs, in commands.
std::string difference_text(const ClusterConfig& before, const ClusterConfig& after) {
  const auto a = config_commands(before, {});
  const auto b = config_commands(after, {});
  std::string text;
  for (const auto& line : a) {
    if (std::find(b.begin(), b.end(), line) == b.end()) text += "- " + line + "\n";
  }
  for (const auto& line : b) {
    if (std::find(a.begin(), a.end(), line) == a.end()) text += "+ " + line + "\n";
  }
  return text;
}

}  // namespace

Outcome<Exit> config_show(Shell& shell, const Invocation& /*call*/) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  if (shell.format == Format::json) {
    shell.out(config_json(config));
  } else if (shell.format == Format::cmd) {
    for (const auto& line : config_commands(config, {})) shell.out(line + "\n");
  } else {
    shell.out(whole_config_text(config));
  }
  return Exit::ok;
}

Outcome<Exit> history(Shell& shell, const Invocation& call) {
  std::uint32_t count = 20;
  if (const auto text = call.value("count")) {
    const auto number = number_of(*text);
    if (!number || *number == 0) return usage_failure(fmt::format("-n {} is not a number above 0", cited(*text)));
    count = static_cast<std::uint32_t>(std::min<std::uint64_t>(*number, all_commits));
  }
  auto reply = shell.history(count);
  if (!reply) return tl::unexpected(reply.error());
  if (shell.format == Format::json) {
    shell.out(history_json(*reply));
    return Exit::ok;
  }
  for (const auto& item : reply->items) shell.out(commit_line(item));
  return Exit::ok;
}

Outcome<Exit> show_commit(Shell& shell, const Invocation& call) {
  auto reply = shell.history(all_commits);
  if (!reply) return tl::unexpected(reply.error());
  auto item = find_commit(*reply, call.args[0]);
  if (!item) return tl::unexpected(item.error());
  const HistoryItem& commit = **item;
  shell.out(fmt::format("Commit {} (epoch {})\nTime:    {}\nBy:      {}\nCommand: {}\nHash:    {}\n",
                        commit.position.index, commit.position.epoch, iso_time(commit.unix_ms),
                        escape_line(commit.author, 80), escape_line(commit.command, 400), commit.hash));
  const HistoryItem* before = nullptr;
  for (const auto& other : reply->items) {
    if (other.position < commit.position && (before == nullptr || before->position < other.position)) before = &other;
  }
  if (before != nullptr) shell.out("\n" + difference_text(before->config, commit.config));
  return Exit::ok;
}

Outcome<Exit> diff_commits(Shell& shell, const Invocation& call) {
  auto reply = shell.history(all_commits);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->items.empty()) return Exit::ok;
  const HistoryItem* before = reply->items.size() > 1 ? &reply->items[reply->items.size() - 2] : nullptr;
  const HistoryItem* after = &reply->items.back();
  if (!call.args.empty()) {
    auto first = find_commit(*reply, call.args[0]);
    if (!first) return tl::unexpected(first.error());
    before = *first;
  }
  if (call.args.size() > 1) {
    auto second = find_commit(*reply, call.args[1]);
    if (!second) return tl::unexpected(second.error());
    after = *second;
  }
  const std::string text = difference_text(before == nullptr ? ClusterConfig{} : before->config, after->config);
  shell.out(text);
  return text.empty() ? Exit::ok : Exit::failed;
}

}  // namespace duet::cli
