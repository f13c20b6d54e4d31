// SPDX-License-Identifier: Apache-2.0
// Swarm options and faults from a seed, and the text form of a plan.
#include "tests/sim/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "core/base/invariant.hpp"
#include "tests/sim/rng.hpp"

namespace duet::sim {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// Options of the cluster: sizes, latencies and ways in which the parts behave all through a run.
void draw_options(Plan& plan, Rng& rng) {
  auto& o = plan.options;
  const bool fast = rng.chance(1, 3);
  o["token_ms"] = fast ? 1000 : 3000;
  o["consensus_ms"] = fast ? 1200 : 3600;
  o["detect_skew_ms"] = rng.chance(1, 3) ? rng.range(0, 2000) : 0;  // n2 notices a loss so much later (F40)
  o["resources"] = rng.range(1, 6);
  o["group"] = rng.chance(2, 3) ? 1 : 0;
  o["constraints"] = rng.range(0, 3);
  o["stickiness"] = rng.chance(1, 2) ? 100 : 0;
  o["topology"] = rng.range(1, 4);  // 1 one device for both, 2 one for each, 3 two levels, 4 two devices in one level
  o["serial_host"] = rng.range(0, 1);   // the host drops requests of nodes that are off meanwhile
  o["priority"] = rng.range(0, 1);      // resources carry priorities
  o["fence_ms"] = rng.range(30, 1000);  // time of one power action; off + status + status stay below F_max
  o["agent_ms"] = rng.chance(1, 4) ? rng.range(500, 3000) : rng.range(2, 200);
  o["disk_ms"] = rng.chance(1, 4) ? rng.range(10, 60) : rng.range(1, 8);
  o["net_us"] = rng.chance(1, 4) ? rng.range(2000, 20000) : rng.range(50, 1000);
  o["boot_ms"] = rng.range(2000, 20000);
  o["monitor_s"] = rng.range(5, 60);
  o["merge_left_joined"] = rng.range(0, 1);    // a quick return shows the node in `left` and `joined` of one change
  o["duplicates"] = rng.chance(1, 4) ? 1 : 0;  // some messages are delivered twice
  o["admin"] = rng.chance(2, 3) ? rng.range(1, 30) : 0;
  o["faults"] = rng.chance(1, 10) ? 0 : rng.range(1, 24);
  o["safety_s"] = rng.range(500, 900);
  o["virtual_s"] = 1800;
  Rng rules{plan.seed, "rules"};
  o["on_fail"] = rules.chance(1, 4) ? 1 : 0;    // operations with on-fail=fence, block, stop, ...
  o["managed"] = rules.chance(3, 4) ? 1 : 0;    // 0: the administrator uses maintenance and is-managed=false
  o["stonith"] = rules.chance(15, 16) ? 1 : 0;  // 0: stonith-enabled=false
}

std::string draw_target(std::string_view what, Rng& rng) {
  if (what == "node") return rng.chance(1, 2) ? "n1" : "n2";
  if (what == "device") return rng.chance(1, 2) ? "d1" : "d2";
  return std::string{what};
}

/// A length between the bounds; short ones are as likely as long ones (logarithmic by halving the range).
Duration draw_length(const FaultKind& kind, Rng& rng) {
  Duration longest = kind.longest;
  while (longest > 2 * kind.shortest && longest > 2ms && rng.chance(1, 2)) longest /= 2;
  return std::chrono::floor<milliseconds>(rng.between(kind.shortest, std::max(longest, kind.shortest)));
}

void draw_faults(Plan& plan, Rng& rng) {
  std::vector<const FaultKind*> kinds;
  std::uint32_t total = 0;
  for (const FaultKind& kind : fault_kinds()) {
    if (kind.weight == 0 || rng.chance(1, 2)) continue;  // this run does not know it at all
    kinds.push_back(&kind);
    total += kind.weight;
  }
  const Duration begin = 60s;
  const Duration end = begin + std::chrono::seconds{plan.option("safety_s")};
  const bool dense = rng.chance(1, 3);  // faults come in clusters: what one leaves behind meets the next
  Duration at = begin;
  for (std::int64_t i = 0; i < plan.option("faults") && total != 0; ++i) {
    std::uint64_t pick = rng.below(total);
    const FaultKind* kind = kinds.front();
    for (const FaultKind* each : kinds) {
      kind = each;
      if (pick < each->weight) break;
      pick -= each->weight;
    }
    at = dense && rng.chance(2, 3) ? at + rng.between(0ms, 12s) : rng.between(begin, end);
    at = std::chrono::floor<milliseconds>(std::min(at, end));
    plan.faults.push_back(Fault{
        std::string{kind->name}, draw_target(kind->target, rng), at, draw_length(*kind, rng), rng.below(1000000), {}});
  }
  for (std::int64_t i = 0; i < plan.option("admin"); ++i) {
    const Duration when = std::chrono::floor<milliseconds>(rng.between(begin, end));
    plan.faults.push_back(Fault{"admin", draw_target("node", rng), when, 0ms, rng.below(1000000), {}});
  }
  std::stable_sort(plan.faults.begin(), plan.faults.end(), [](const Fault& a, const Fault& b) { return a.at < b.at; });
}

std::string seconds_text(Duration duration) {
  const auto ms = duration_cast<milliseconds>(duration).count();
  return fmt::format("{}.{:03}s", ms / 1000, ms % 1000);
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "12.345s" with exactly three decimals, as seconds_text() writes it.
bool parse_seconds(std::string_view text, Duration& duration) {
  const auto dot = text.find('.');
  std::int64_t whole = 0;
  std::int64_t milli = 0;
  if (dot == std::string_view::npos || text.size() != dot + 5 || text.back() != 's') return false;
  if (!parse_number(text.substr(0, dot), whole) || !parse_number(text.substr(dot + 1, 3), milli)) return false;
  duration = milliseconds{whole * 1000 + milli};
  return true;
}

bool parse_fault(std::istringstream& words, Plan& plan) {
  Fault fault;
  std::string at;
  std::string length;
  if (!(words >> at >> fault.kind >> fault.target >> length >> fault.salt)) return false;
  const auto known = [&](const FaultKind& kind) { return kind.name == fault.kind; };
  if (std::none_of(fault_kinds().begin(), fault_kinds().end(), known)) return false;
  if (!parse_seconds(at, fault.at) || !parse_seconds(length, fault.length)) return false;
  for (std::string word; words >> word;) fault.words += (fault.words.empty() ? "" : " ") + word;
  if ((fault.kind == "command") == fault.words.empty()) return false;
  plan.faults.push_back(std::move(fault));
  return true;
}

bool parse_line(const std::string& line, Plan& plan) {
  std::istringstream words{line};
  std::string word;
  if (!(words >> word) || word.front() == '#') return true;
  if (word == "seed") {
    std::uint64_t seed = 0;
    if (!(words >> seed)) return false;
    plan = draw_plan(seed);
    plan.faults.clear();
    return true;
  }
  if (word == "option") {
    std::string name;
    std::int64_t value = 0;
    if (!(words >> name >> value) || !plan.options.contains(name)) return false;
    plan.options[name] = value;
    return true;
  }
  return word == "fault" && parse_fault(words, plan);
}

}  // namespace

std::int64_t Plan::option(std::string_view name) const {
  const auto found = options.find(std::string{name});
  DUET_INVARIANT(found != options.end());
  return found->second;
}

const std::vector<FaultKind>& fault_kinds() {
  static const std::vector<FaultKind> kinds{
      {"power-loss", "F01", "node", 1s, 200s, 3},
      {"power-loss-both", "F02", "both", 1s, 30s, 1},
      {"reboot", "F03", "node", 300ms, 2500ms, 2},
      {"freeze", "F04", "node", 1ms, 600s, 3},
      {"cut-link", "F05", "link", 10ms, 400s, 4},
      {"cut-one-way", "F06", "node", 10ms, 120s, 2},
      {"flap", "F08", "link", 2s, 40s, 1},
      {"kill-duetd", "F14", "node", 200ms, 2s, 4},
      {"stop-duetd", "F14", "node", 1s, 60s, 2},
      {"kill-corosync", "F17", "node", 300ms, 60s, 2},
      {"stop-corosync", "F17", "node", 300ms, 60s, 1},
      {"break-cpg", "F17", "node", 10ms, 3s, 2},
      {"crash-mid-step", "F20", "node", 200ms, 2s, 3},
      {"power-mid-step", "F20", "node", 1s, 60s, 2},
      {"kill-execd", "F21", "node", 100ms, 3s, 2},
      {"kill-agent", "F21", "node", 1s, 30s, 2},
      {"agent-fail", "F22", "node", 1s, 120s, 3},
      {"agent-hang", "F23", "node", 1s, 60s, 2},
      {"stop-fail", "F24", "node", 5s, 120s, 3},
      {"resource-dies", "F22", "node", 1ms, 1ms, 3},
      {"probe-slow", "F30", "node", 1s, 60s, 1},
      {"probe-fail", "F30", "node", 1s, 60s, 1},
      {"duplicate", "F10", "link", 1s, 60s, 2},
      {"fence-fail", "F31", "device", 1s, 120s, 2},
      {"fence-hang", "F32", "device", 1s, 120s, 2},
      {"fence-slow", "F32", "device", 1s, 120s, 2},
      {"fence-done-but-failed", "F33", "device", 1s, 120s, 2},
      {"fence-partial", "F34", "device", 1s, 120s, 1},
      {"fence-host-down", "F36", "device", 1s, 300s, 2},
      {"fence-net-cut", "F36", "node", 1s, 300s, 2},
      {"fence-race", "F40", "link", 8s, 60s, 2},
      {"heal-in-delay", "F41", "link", 2s, 12s, 2},
      {"disk-slow", "F45", "node", 1s, 30s, 1},
      {"disk-full", "F44", "node", 1s, 30s, 1},
      {"admin", "F52", "node", 0ms, 0ms, 0},
      {"command", "F52", "node", 0ms, 0ms, 0},  // never drawn: written into plans by hand, with its words
  };
  return kinds;
}

Plan draw_plan(std::uint64_t seed) {
  Plan plan;
  plan.seed = seed;
  Rng options{seed, "options"};
  draw_options(plan, options);
  Rng faults{seed, "faults"};
  draw_faults(plan, faults);
  return plan;
}

std::string to_text(const Plan& plan) {
  std::string text = fmt::format("# duet-sim plan: fault TIME KIND TARGET LENGTH SALT [WORDS]\nseed {}\n", plan.seed);
  for (const auto& [name, value] : plan.options) text += fmt::format("option {} {}\n", name, value);
  for (const Fault& fault : plan.faults) {
    text += fmt::format("fault {} {} {} {} {}{}{}\n", seconds_text(fault.at), fault.kind, fault.target,
                        seconds_text(fault.length), fault.salt, fault.words.empty() ? "" : " ", fault.words);
  }
  return text;
}

Result<Plan> parse_plan(std::string_view text) {
  Plan plan;
  std::istringstream lines{std::string{text}};
  std::string line;
  while (std::getline(lines, line)) {
    if (!parse_line(line, plan)) return fail(Errc::invalid_argument, fmt::format("plan: cannot read \"{}\"", line));
  }
  if (plan.options.empty()) return fail(Errc::invalid_argument, "plan: it has no line \"seed N\"");
  return plan;
}

}  // namespace duet::sim
