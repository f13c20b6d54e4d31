// SPDX-License-Identifier: Apache-2.0
// Reads a trace script and feeds every checker.
#include "tests/checker/trace_script.hpp"

#include <sstream>

#include "core/base/invariant.hpp"
#include "tests/checker/checkers.hpp"

namespace duet::checker {

namespace {

TraceKind kind_of(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(TraceKind::config); ++i) {
    if (to_string(static_cast<TraceKind>(i)) == name) return static_cast<TraceKind>(i);
  }
  invariant_failed("no such kind of trace event", __FILE__, __LINE__);
  return TraceKind::boot;
}

TraceEvent parse(std::istringstream& words) {
  std::string who;
  std::string kind;
  DUET_INVARIANT(static_cast<bool>(words >> who >> kind));
  TraceEvent event;
  event.kind = kind_of(kind);
  if (who != "--") {
    const std::vector<std::string> parts = split(who, '/');
    DUET_INVARIANT(parts.size() >= 2 && parts[0].size() == 2);
    event.node = static_cast<std::uint32_t>(parts[0][1] - '0');
    event.boot = parts[1];
    event.start = parts.size() > 2 ? static_cast<std::uint32_t>(std::stoul(parts[2])) : 1;
  }
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    DUET_INVARIANT(equals != std::string::npos);
    event.text[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return event;
}

}  // namespace

std::set<std::string> violated_by(std::string_view script) {
  ClusterModel model;
  Checkers checkers;
  add_activity_checkers(checkers, model);
  add_commit_checkers(checkers, model);
  add_fencing_checkers(checkers, model);
  add_operation_checkers(checkers, model);
  add_order_checker(checkers);
  add_policy_checkers(checkers);
  add_liveness_checkers(checkers, model);
  std::istringstream lines{std::string{script}};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    double seconds = 0;
    if (!(words >> seconds)) continue;
    const Duration now{static_cast<std::int64_t>(seconds * 1e9)};
    const TraceEvent event = parse(words);
    model.on(now, event);
    for (const auto& checker : checkers) checker->on(now, event);
  }
  std::set<std::string> ids;
  for (const auto& checker : checkers) {
    if (!checker->violations().empty()) ids.insert(checker->id());
  }
  return ids;
}

}  // namespace duet::checker
