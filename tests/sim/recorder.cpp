// SPDX-License-Identifier: Apache-2.0
// Recording of a run: digest, checkers, JSON lines, story.
#include "tests/sim/recorder.hpp"

#include <fmt/format.h>

#include <utility>

namespace duet::sim {

namespace {

constexpr std::size_t recent_kept = 40;  // fills a terminal page; older ones are in the trace file

/// Bookkeeping that people do not want to read by default.
bool is_noise(const TraceEvent& event) {
  const TraceKind kind = event.kind;
  const bool monitor = event.get("action") == "monitor" && event.get("rc") != "1";
  return monitor || kind == TraceKind::digest || kind == TraceKind::msg_recv || kind == TraceKind::commit_durable ||
         kind == TraceKind::config;
}

}  // namespace

Recorder::Recorder(checker::Suite& suite, LineSink trace, LineSink story)
    : suite_{suite}, trace_{std::move(trace)}, story_{std::move(story)} {}

void Recorder::record(Duration now, const TraceEvent& event) {
  ++events_;
  digest_.add(static_cast<std::uint64_t>(now.count()));
  digest_.add(static_cast<std::uint64_t>(event.kind));
  digest_.add(std::uint64_t{event.node} << 32U | event.start);
  for (const auto& [key, value] : event.text) {
    digest_.add(key);
    digest_.add(value);
  }
  if (event.kind == TraceKind::boot) {
    boot_names_[event.boot] = fmt::format("n{}.b{}", event.node, ++boots_[event.node]);
  }
  if (trace_) trace_(to_json_line(event, now.count()));
  if (!is_noise(event)) {
    recent_.emplace_back(now, event);
    if (recent_.size() > recent_kept) recent_.pop_front();
  }
  if (story_ && event.kind != TraceKind::digest) story_(sentence(now, event));
  suite_.on(now, event);
  if (suite_.violation() && on_violation_) std::exchange(on_violation_, nullptr)();
}

void Recorder::log(Duration now, std::uint32_t node, const std::string& line) {
  if (!story_) return;
  const auto us = now.count() / 1000;
  story_(fmt::format("{:>5}.{:06} n{}          log {}", us / 1000000, us % 1000000, node, shorten(line)));
}

std::vector<std::string> Recorder::last() const {
  std::vector<std::string> lines;
  lines.reserve(recent_.size());
  for (const auto& [now, event] : recent_) lines.push_back(sentence(now, event));
  return lines;
}

/// Boot ids inside a text become "n1.b3".
std::string Recorder::shorten(const std::string& value) const {
  if (value.size() < 64) return value;
  std::string out = value;
  for (const auto& [boot, name] : boot_names_) {
    for (auto at = out.find(boot); at != std::string::npos; at = out.find(boot)) out.replace(at, boot.size(), name);
  }
  return out;
}

std::string Recorder::sentence(Duration now, const TraceEvent& event) const {
  const auto us = now.count() / 1000;
  const std::string who = event.node == 0 ? "--" : fmt::format("n{}", event.node);
  const auto name = boot_names_.find(event.boot);
  const std::string boot = name == boot_names_.end() ? "" : name->second.substr(name->second.find('.'));
  std::string line =
      fmt::format("{:>5}.{:06} {:<8} {:<14}", us / 1000000, us % 1000000,
                  who + boot + (event.start == 0 ? "" : fmt::format(".{}", event.start)), to_string(event.kind));
  for (const auto& [key, value] : event.text) line += fmt::format(" {}={}", key, shorten(value));
  return line;
}

}  // namespace duet::sim
